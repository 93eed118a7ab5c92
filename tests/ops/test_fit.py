"""`crop_to`, `crop_like`, `pad_to` and `pad_like` against ONNX's inference, onnxruntime and PyTorch."""

from __future__ import annotations

from typing import Any

import pytest

import netdsl
from netdsl.ops.contract import Misfit, Operation
from netdsl.types.sizes import symbol
from netdsl.types.tensors import TensorType
from tests.ops.drawing import Draw
from tests.ops.harness import check, check_chain, make, record, site_of, tensor

H, W = symbol("H"), symbol("W")


def of_a_size(word: str, size: tuple[int, ...], offset: tuple[int, ...] | None = None) -> Operation:
    value = {"value": -1.5} if word == "pad_to" else {}
    return make(word, size=size, offset=offset, **value)


def test_random_sizes_and_offsets_agree_everywhere() -> None:
    for seed in range(80):
        draw = Draw(seed)
        large = draw.sizes(2, 9)
        small = tuple(draw.number(1, size) for size in large)
        given = tuple(draw.number(0, big - little) for big, little in zip(large, small, strict=True))
        offset = given if draw.maybe() else None
        x, y = tensor(3, *large), tensor(2, *small)
        assert check(of_a_size("crop_to", small, offset), x, seed=seed).site.y.spatial == small
        assert check(of_a_size("pad_to", large, offset), y, seed=seed).site.y.spatial == large
        assert check(make("crop_like", offset=offset), x, y, seed=seed).site.y.shape == (3, *small)
        assert check(make("pad_like", offset=offset), y, x, seed=seed).site.y.shape == (2, *large)


@pytest.mark.parametrize("opset", [17, 21])
@pytest.mark.parametrize("offset", [None, (1, 0)])
@pytest.mark.parametrize(("height", "width"), [(9, 8), (8, 9), (6, 6)])
def test_open_sizes_agree_everywhere(offset: tuple[int, ...] | None, height: int, width: int, opset: int) -> None:
    sizes = {"H": height, "W": width, "opset": opset}
    check(of_a_size("crop_to", (5, 4), offset), tensor(3, H, W), **sizes)
    check(of_a_size("pad_to", (11, 12), offset), tensor(3, H, W), **sizes)
    halves = tensor(2, H // 2, W // 2)
    assert check(make("crop_like", offset=offset), tensor(3, H, W), halves, **sizes).site.y.shape == (3, H // 2, W // 2)
    check(make("pad_like", offset=offset), halves, tensor(3, H, W), **sizes)
    check(make("crop_like", offset=offset), tensor(3, H + 3, W + 2), tensor(2, H, W), **sizes)


def test_the_odd_cell_goes_behind() -> None:
    operation = make("crop_like", offset=None)
    reach = operation.reach(site_of(operation, tensor(1, 9), tensor(1, 4)))
    assert reach.before == (-2,)
    operation = make("pad_like", offset=None)
    assert operation.reach(site_of(operation, tensor(1, 4), tensor(1, 9))).before == (2,)


def test_what_open_sizes_must_reach() -> None:
    operation = of_a_size("crop_to", (5, 4), (1, 0))
    assert operation.needs(record(operation, tensor(3, H, W)).site) == ((H - 6, 0), (W - 4, 0))
    operation = make("pad_like", offset=None)
    site = record(operation, tensor(3, H, 4), tensor(3, 16, W)).site
    assert operation.needs(site) == ((16 - H, 0), (W - 4, 0))


@pytest.mark.parametrize(
    ("word", "settings", "inputs", "code"),
    [
        ("crop_to", {"size": (5, 3)}, [(3, 4, 4)], "E228"),
        ("crop_to", {"size": (3, 3), "offset": (2, 0)}, [(3, 4, 4)], "E228"),
        ("pad_to", {"size": (5, 3)}, [(3, 4, 4)], "E228"),
        ("crop_like", {}, [(3, 4, 4), (3, 4, 5)], "E228"),
        ("pad_like", {}, [(3, H, 4), (3, H - 1, 5)], "E228"),
        ("crop_like", {}, [(3, 4, 4), (3, 4)], "E213"),
        ("crop_like", {}, [(3, 4, 4), (3,)], "E208"),
        ("pad_to", {"size": ()}, [(3,)], "E208"),
    ],
)
def test_what_does_not_fit(word: str, settings: dict[str, Any], inputs: list[tuple[Any, ...]], code: str) -> None:
    result = make(word, **{"offset": None, **settings}).infer(*map(TensorType, inputs))
    assert isinstance(result, Misfit)
    assert result.fact.code == code


# ---- channels --------------------------------------------------------------------------------


@pytest.mark.parametrize("opset", [17, 21])
@pytest.mark.parametrize("shape", [(6,), (3, 5), (3, 4, 5), (2, 3, 4, 5)])
@pytest.mark.parametrize(("before", "after"), [(0, 0), (0, 5), (2, 3)])
def test_channels_of_zeros(shape: tuple[int, ...], before: int, after: int, opset: int) -> None:
    recorded = check(make("pad_channels", before=before, after=after), tensor(*shape), opset=opset)
    assert recorded.site.y.channels == shape[0] + before + after


def test_open_channels_are_padded() -> None:
    assert check(make("pad_channels", after=5), tensor(H, W), H=3, W=4).site.y.shape == (H + 5, W)


@pytest.mark.parametrize("opset", [17, 21])
@pytest.mark.parametrize("cells", [0, 1])
@pytest.mark.parametrize("word", ["maxpool", "avgpool"])
def test_a_pool_behind_leaves_channels_of_zeros_alone(word: str, cells: int, opset: int) -> None:
    settings = {"dilation": (1, 1)} if word == "maxpool" else {}
    pool = make(word, kernel=(2, 2), pad=((cells, cells), (0, 0)), **settings)
    check_chain(tensor(3, 6, 6), make("pad_channels", after=3), pool, opset=opset)


# ---- what is seen ----------------------------------------------------------------------------


def test_nothing_is_seen_of_the_tensor_that_gives_the_size() -> None:
    text = """
    net Skips {
        input image: 3x64x64
        conv 3x3 x8 as low
        conv 9x9 x8 -> conv 9x9 x8 as high
        crop_like(low, high)
        pad_like(here, image)
    }
    """
    *_, cropped, padded = netdsl.parse(text).only().report.layers
    assert (cropped.receptive_field.size, cropped.receptive_field.offset) == ((3, 3), (8, 8))
    assert (padded.receptive_field.size, padded.receptive_field.offset) == ((3, 3), (-1, -1))


def test_it_shows_how_its_size_comes_about() -> None:
    operation = make("crop_like", offset=None)
    assert operation.arithmetic(site_of(operation, tensor(1, 9, 8), tensor(1, 4, 4))) == (
        "height: 9 - 2 - 3 = 4",
        "width: 8 - 2 - 2 = 4",
    )
    operation = make("pad_like", offset=(1,))
    assert operation.arithmetic(site_of(operation, tensor(1, H), tensor(1, 9))) == ("H + 1 + (8 - H) = 9",)
