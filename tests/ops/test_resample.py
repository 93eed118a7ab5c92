"""`upsample`, `pixel_shuffle` and `adaptive_avgpool` against ONNX's inference, onnxruntime and PyTorch."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch

from netdsl.ops.contract import EVERYWHERE, Misfit, Reach
from netdsl.types.sizes import symbol
from tests.ops.drawing import Draw, accepted
from tests.ops.harness import check, check_chain, make, record, site_of, tensor, torch_module

H, W = symbol("H"), symbol("W")


# ---- upsample --------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
@pytest.mark.parametrize("shape", [(3, 5), (3, 1), (3, 4, 5), (2, 1, 1), (2, 3, 4, 5), (2, 1, 4, 1)])
def test_every_rank_and_factor(shape: tuple[int, ...], mode: str) -> None:
    for factors in ((1, 1, 1), (2, 2, 2), (3, 1, 4), (1, 7, 2)):
        factor = factors[: len(shape) - 1]
        recorded = check(make("upsample", factor=factor, mode=mode), tensor(*shape))
        assert recorded.site.y.spatial == tuple(size * times for size, times in zip(shape[1:], factor, strict=True))


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_open_sizes_are_multiplied(mode: str) -> None:
    recorded = check(make("upsample", factor=(2, 3), mode=mode), tensor(3, H, W), H=4, W=3)
    assert recorded.site.y.shape == (3, 2 * H, 3 * W)


def test_the_receptive_field_of_new_places() -> None:
    for mode, window, before in (("nearest", (1, 1), (0, 0)), ("bilinear", (2, 1), (1, 0))):
        layer = make("upsample", factor=(2, 1), mode=mode)
        reach = layer.reach(record(layer, tensor(3, 4, 5)).site)
        assert isinstance(reach, Reach)
        assert (reach.window, reach.stride, reach.before) == (window, (Fraction(1, 2), 1), before)


# ---- pixel_shuffle ---------------------------------------------------------------------------


@pytest.mark.parametrize(("channels", "factor"), [(3, 1), (4, 2), (12, 2), (18, 3)])
def test_channels_become_places(channels: int, factor: int) -> None:
    recorded = check(make("pixel_shuffle", factor=factor), tensor(channels, 3, 4))
    assert recorded.site.y.shape == (channels // factor**2, 3 * factor, 4 * factor)


def test_channels_become_places_of_open_sizes() -> None:
    assert check(make("pixel_shuffle", factor=2), tensor(8, H, W), H=2, W=3).site.y.shape == (2, 2 * H, 2 * W)


@pytest.mark.parametrize(
    ("shape", "code", "parameter"),
    [((8,), "E226", None), ((8, 4), "E226", None), ((8, 2, 3, 4), "E226", None), ((6, 3, 4), "E230", "factor")],
)
def test_what_cannot_be_shuffled(shape: tuple[int, ...], code: str, parameter: str | None) -> None:
    result = make("pixel_shuffle", factor=2).infer(tensor(*shape))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == (code, parameter)


# ---- pixel_unshuffle -------------------------------------------------------------------------


@pytest.mark.parametrize("opset", [17, 21, 23])
@pytest.mark.parametrize(("channels", "factor"), [(3, 1), (1, 2), (3, 2), (2, 3)])
def test_places_become_channels(channels: int, factor: int, opset: int) -> None:
    recorded = check(make("pixel_unshuffle", factor=factor), tensor(channels, 2 * factor, 3 * factor), opset=opset)
    assert recorded.site.y.shape == (channels * factor**2, 2, 3)


def test_places_of_open_sizes_become_channels() -> None:
    layer = make("pixel_unshuffle", factor=2)
    assert check(layer, tensor(3, 2 * H, 4 * W), H=2, W=3).site.y.shape == (12, H, 2 * W)


def test_one_is_the_way_back_of_the_other() -> None:
    shuffle, unshuffle = make("pixel_shuffle", factor=3), make("pixel_unshuffle", factor=3)
    check_chain(tensor(18, 2, 4), shuffle, unshuffle)
    x = torch.arange(18 * 8).reshape(1, 18, 2, 4)
    there, back = (torch_module(layer.pytorch(site_of(layer, tensor(18, 6, 12)))) for layer in (shuffle, unshuffle))
    assert (back(there(x)) == x).all()


def test_the_receptive_field_of_squares() -> None:
    layer = make("pixel_unshuffle", factor=3)
    reach = layer.reach(site_of(layer, tensor(2, 6, 9)))
    assert isinstance(reach, Reach)
    assert (reach.window, reach.stride, reach.before) == ((3, 3), (3, 3), (0, 0))


@pytest.mark.parametrize(
    ("shape", "code", "parameter"),
    [
        ((8,), "E226", None),
        ((8, 4), "E226", None),
        ((3, 5, 4), "E244", "factor"),
        ((3, 4, 5), "E244", "factor"),
        ((3, 2 * H + 1, 4), "E244", "factor"),
        ((3, H, 4), "E209", "factor"),
        ((H, 4, 4), "E209", None),
    ],
    ids=str,
)
def test_squares_that_leave_a_rest(shape: tuple[int, ...], code: str, parameter: str | None) -> None:
    result = make("pixel_unshuffle", factor=2).infer(tensor(*shape))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == (code, parameter)


# ---- adaptive_avgpool ------------------------------------------------------------------------


def test_random_sizes_agree_everywhere() -> None:
    for seed in range(150):
        draw = Draw(seed)
        assert accepted(make("adaptive_avgpool", size=draw.sizes(1, 9)), draw.tensor(3), seed=seed)


@pytest.mark.parametrize(
    ("size", "operators"),
    [
        ((1, 1), ["GlobalAveragePool"]),
        ((3, 2), ["AveragePool"]),
        ((6, 3), ["MatMul", "Transpose", "Transpose"]),
        ((4, 3), ["MatMul", "Transpose", "MatMul", "Transpose"]),
    ],
)
def test_matrices_only_where_sizes_do_not_divide(size: tuple[int, int], operators: list[str]) -> None:
    recorded = check(make("adaptive_avgpool", size=size), tensor(2, 6, 4))
    assert [node.operator for node in recorded.graph.nodes] == operators


def test_open_sizes_have_one_mean() -> None:
    assert check(make("adaptive_avgpool", size=(1, 1)), tensor(3, H, W), H=5, W=4).site.y.shape == (3, 1, 1)
    result = make("adaptive_avgpool", size=(1, 2)).infer(tensor(3, H, 4))
    assert isinstance(result, Misfit)
    assert result.fact.code == "E209"


def test_a_vector_has_no_places() -> None:
    for word, settings in (("adaptive_avgpool", {"size": ()}), ("upsample", {"factor": ()})):
        result = make(word, **settings).infer(tensor(5))
        assert isinstance(result, Misfit)
        assert result.fact.code == "E208"


def test_the_receptive_field_of_adapted_windows() -> None:
    everything = make("adaptive_avgpool", size=(1, 1))
    assert everything.reach(record(everything, tensor(3, 6, 7)).site) is EVERYWHERE
    layer = make("adaptive_avgpool", size=(3, 3))
    reach = layer.reach(record(layer, tensor(3, 6, 7)).site)
    assert isinstance(reach, Reach)
    assert (reach.window, reach.stride) == ((2, 3), (2, 2))


# ---- corners ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 1), (3, 5), (2, 4, 5), (2, 1, 3), (2, 2, 3, 2)])
@pytest.mark.parametrize("factor", [1, 2, 3])
def test_corners_stay(shape: tuple[int, ...], factor: int) -> None:
    factors = (factor,) * (len(shape) - 1)
    check(make("upsample", factor=factors, mode="bilinear", align_corners=True), tensor(*shape))


def test_corners_of_open_sizes_stay() -> None:
    check(make("upsample", factor=(2, 3), mode="bilinear", align_corners=True), tensor(3, H, W), H=3, W=5)


def test_repetition_has_no_middles_to_keep() -> None:
    result = make("upsample", factor=(2, 2), align_corners=True).infer(tensor(3, 4, 4))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == ("E304", "align_corners")


@pytest.mark.parametrize("size", [2, 5, symbol("H")])
def test_the_receptive_field_between_corners(size: int) -> None:
    layer = make("upsample", factor=(3,), mode="bilinear", align_corners=True)
    reach = layer.reach(site_of(layer, tensor(1, size)))
    last = size - 1 if isinstance(size, int) else 1
    assert (reach.window, reach.before) == ((2,), (0,))
    assert reach.stride[0] * (size * 3 - 1 if isinstance(size, int) else 3) == last
