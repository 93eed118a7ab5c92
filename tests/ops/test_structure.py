"""`flatten`, `identity`, `dropout`, `pad` and `crop` against ONNX's inference, onnxruntime and PyTorch."""

from __future__ import annotations

import pytest
import torch

import netdsl
from netdsl.ops.contract import Misfit
from netdsl.types.sizes import symbol
from tests.ops.drawing import Draw, accepted
from tests.ops.harness import check, check_chain, make, record, site_of, tensor, torch_module

H, W = symbol("H"), symbol("W")
SHAPES = [(6,), (3, 5), (3, 4, 5), (2, 3, 4, 5)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("word", ["flatten", "identity", "dropout"])
def test_every_rank(word: str, shape: tuple[int, ...]) -> None:
    check(make(word), tensor(*shape))


def test_flattened_open_sizes_are_multiplied() -> None:
    assert check(make("flatten"), tensor(3, H, W), H=2, W=4).site.y.shape == (3 * H * W,)


@pytest.mark.parametrize("word", ["identity", "dropout"])
def test_what_does_nothing_leaves_no_node(word: str) -> None:
    recorded = record(make(word), tensor(3, 4))
    assert recorded.outputs == ("x0",)
    assert recorded.graph.nodes == []


@pytest.mark.parametrize("rate", [0.0, 0.25, 0.9])
def test_dropout_in_training_sets_the_rate_to_zero(rate: float) -> None:
    layer = make("dropout", rate=rate)
    module = torch_module(layer.pytorch(site_of(layer, tensor(100))))
    torch.manual_seed(0)
    result = module(torch.ones(1000, 100))
    assert (result == 0).float().mean().item() == pytest.approx(rate, abs=0.01)
    assert result.max().item() == pytest.approx(1 / (1 - rate))


# ---- pad and crop ----------------------------------------------------------------------------


def test_random_paddings_and_margins() -> None:
    taken = 0
    for seed in range(120):
        draw = Draw(seed)
        cells = tuple((draw.number(0, 3), draw.number(0, 3)) for _ in range(draw.rank))
        x = draw.tensor(3)
        assert accepted(make("pad", width=cells, value=draw.random.choice((0.0, -1.5))), x, seed=seed)
        taken += accepted(make("crop", margin=cells), x, seed=seed)
    assert taken > 40


def test_open_sizes_are_padded_and_cropped() -> None:
    cells = ((1, 2), (0, 3))
    assert check(make("pad", width=cells), tensor(2, H, W), H=2, W=2).site.y.shape == (2, H + 3, W + 3)
    crop = make("crop", margin=cells)
    recorded = check(crop, tensor(2, H, W), H=5, W=6)
    assert crop.needs(recorded.site) == ((H - 3, 1), (W - 3, 1))


def test_nothing_is_left_of_a_small_picture() -> None:
    result = make("crop", margin=((2, 2), (0, 0))).infer(tensor(3, 4, 9))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == ("E211", "margin")


def test_whole_numbers_are_cropped_and_not_padded() -> None:
    text = "net Small {{ input tokens: int64[4x8]; {} 1 }}"
    assert netdsl.parse(text.format("crop")).only().verify().agrees
    assert [found.code for found in netdsl.parse(text.format("pad")).diagnostics] == ["E210"]


@pytest.mark.parametrize(("word", "name"), [("pad", "width"), ("crop", "margin")])
def test_what_has_no_sides(word: str, name: str) -> None:
    same = make(word, **{name: "same"}).infer(tensor(3, 4, 9))
    vector = make(word, **{name: ()}).infer(tensor(3))
    assert isinstance(same, Misfit)
    assert (same.fact.code, same.parameter) == ("E304", name)
    assert isinstance(vector, Misfit)
    assert vector.fact.code == "E208"


@pytest.mark.parametrize("opset", [17, 21, 23])
@pytest.mark.parametrize("mode", ["reflect", "edge"])
def test_cells_of_its_own(mode: str, opset: int) -> None:
    taken = 0
    for seed in range(40):
        draw = Draw(seed)
        cells = tuple((draw.number(0, 3), draw.number(0, 3)) for _ in range(draw.rank))
        taken += accepted(make("pad", width=cells, mode=mode), draw.tensor(3), seed=seed, opset=opset)
    assert (taken == 40) == (mode == "edge")
    assert taken > 15


@pytest.mark.parametrize("mode", ["reflect", "edge"])
@pytest.mark.parametrize("word", ["maxpool", "avgpool"])
def test_a_pool_behind_takes_cells_of_its_own_as_they_are(word: str, mode: str) -> None:
    settings = {"dilation": (1, 1)} if word == "maxpool" else {}
    pool = make(word, kernel=(3, 3), pad=((1, 1), (1, 1)), **settings)
    for opset in (17, 21):
        check_chain(tensor(3, 6, 6), make("pad", width=((2, 2), (1, 0)), mode=mode), pool, opset=opset)


def test_a_mirror_needs_cells_behind_the_outermost_one() -> None:
    layer = make("pad", width=((1, 4), (0, 0)), mode="reflect")
    assert check(layer, tensor(3, 5, 1)).site.y.shape == (3, 10, 1)
    result = layer.infer(tensor(3, 4, 1))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == ("E229", "width")
    site = check(layer, tensor(3, H, W), H=5, W=1).site
    assert layer.needs(site) == ((H, 5),)


def test_cells_of_its_own_have_no_value() -> None:
    result = make("pad", width=((1, 1),), mode="edge", value=2.0).infer(tensor(3, 5))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == ("E304", "value")
