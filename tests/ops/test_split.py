"""`split`, `slice` and `channel_shuffle` against ONNX's inference, onnxruntime and PyTorch."""

from __future__ import annotations

from pathlib import Path

import pytest

import netdsl
from netdsl.ops.contract import POINTWISE, Misfit, Reach
from netdsl.ops.lowering import TorchExpression
from netdsl.types.sizes import symbol
from tests.ops.harness import RefusedError, check, make, record, tensor

H, W = symbol("H"), symbol("W")
SHAPES = [(6,), (6, 5), (6, 4, 5), (6, 2, 3, 4)]


# ---- split -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("parts", "channels"),
    [((1,), (6,)), ((2,), (3, 3)), ((3,), (2, 2, 2)), ((6,), (1,) * 6), ((1, 5), (1, 5)), ((2, 1, 3), (2, 1, 3))],
)
def test_parts_of_the_channels(parts: tuple[int, ...], channels: tuple[int, ...], shape: tuple[int, ...]) -> None:
    recorded = check(make("split", parts=parts), tensor(*shape))
    assert [y.shape for y in recorded.site.outputs] == [(count, *shape[1:]) for count in channels]


def test_one_part_is_the_tensor_itself() -> None:
    recorded = record(make("split", parts=(1,)), tensor(6, 4))
    assert recorded.outputs == ("x0",)
    lowering = recorded.operation.pytorch(recorded.site)
    assert isinstance(lowering, TorchExpression)
    assert lowering.template == "{0}"


def test_parts_of_open_sizes() -> None:
    recorded = check(make("split", parts=(2, 4)), tensor(6, H, W), H=2, W=3)
    assert [y.shape for y in recorded.site.outputs] == [(2, H, W), (4, H, W)]


@pytest.mark.parametrize("parts", [(4,), (7,), (2, 3), (4, 3)])
def test_parts_are_all_of_the_channels(parts: tuple[int, ...]) -> None:
    result = make("split", parts=parts).infer(tensor(6, 4))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == ("E223", "parts")


def test_open_channels_cannot_be_split() -> None:
    result = make("split", parts=(2,)).infer(tensor(2 * H, 4))
    assert isinstance(result, Misfit)
    assert result.fact.code == "E209"


SPEC = """
block unit(channels, first) {
    split (first, channels - first) as a, b
    b -> conv 3x3 x (channels - first) pad=1 -> relu as c
    concat(a, c) -> channel_shuffle 2
}

net Units {
    input image: 12x9x8
    split 3 as red, green, blue
    add(red, blue, green) as sum
    concat { | red -> relu | sum -> first: unit(4, 1) | green -> second: unit(4, 3) | sum -> slice(1, 3) }
}
"""


@pytest.fixture
def net(tmp_path: Path) -> netdsl.Net:
    path = tmp_path / "units.net"
    path.write_text(SPEC, encoding="utf-8")
    return netdsl.load(path).only()


def test_both_targets_agree_on_several_outputs(net: netdsl.Net) -> None:
    assert net.verify().agrees


def test_pytorch_names_every_part(net: netdsl.Net) -> None:
    source = net.pytorch()
    assert "a, b = torch.split(x, (self.first, self.in_channels), dim=1)" in source
    assert "red, green, blue = torch.chunk(image, 3, dim=1)" in source


# ---- slice -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_every_range_of_channels(shape: tuple[int, ...]) -> None:
    taken = 0
    for start in range(-7, 8):
        for stop in (None, *range(-7, 8)):
            for step in (1, 2, 4):
                expected = len(range(6)[start:stop:step])
                try:
                    y = check(make("slice", start=start, stop=stop, step=step), tensor(*shape)).site.y
                except RefusedError:
                    outside = not -6 <= start <= 6 or not -6 <= (stop or 0) <= 6
                    assert outside or not expected, (start, stop, step)
                    continue
                assert y.shape == (expected, *shape[1:])
                taken += 1
    assert taken > 100


@pytest.mark.parametrize(
    ("axis", "shape"),
    [("length", (3, 9)), ("height", (3, 9, 5)), ("width", (3, 4, 9)), ("depth", (2, 9, 4, 5)), ("width", (2, 3, 4, 9))],
)
def test_every_axis(axis: str, shape: tuple[int, ...]) -> None:
    recorded = check(make("slice", start=1, stop=-2, step=3, axis=axis), tensor(*shape))
    assert recorded.site.y.shape == tuple(2 if size == 9 else size for size in shape)


@pytest.mark.parametrize(
    ("settings", "size", "needs"),
    [
        ({"start": 2}, H - 2, ((H - 2, 1),)),
        ({"start": -3}, 3, ((H - 3, 0),)),
        ({"stop": 5}, 5, ((H - 5, 0),)),
        ({"start": 1, "stop": -1}, H - 2, ((H - 2, 1),)),
        ({"start": 1, "step": 2}, (H - 1 + 1) // 2, ((H - 1, 1),)),
        ({}, H, ()),
    ],
)
def test_ranges_of_an_open_axis(settings: dict[str, int], size: object, needs: object) -> None:
    layer = make("slice", axis="height", **settings)
    recorded = check(layer, tensor(2, H, W), H=7, W=3)
    assert recorded.site.y.shape == (2, size, W)
    assert layer.needs(recorded.site) == needs


def test_an_axis_that_is_not_there() -> None:
    result = make("slice", axis="width").infer(tensor(3, 5))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == ("E217", "axis")


def test_the_receptive_field_of_a_range() -> None:
    assert make("slice", stop=2).reach(record(make("slice", stop=2), tensor(3, 9)).site) is POINTWISE
    layer = make("slice", start=4, step=2, axis="width")
    reach = layer.reach(record(layer, tensor(3, 5, 9)).site)
    assert isinstance(reach, Reach)
    assert (reach.window, reach.stride, reach.before) == ((1, 1), (1, 2), (0, -4))


# ---- channel_shuffle -------------------------------------------------------------------------


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
@pytest.mark.parametrize("shape", SHAPES)
def test_channels_by_turns(shape: tuple[int, ...], groups: int) -> None:
    check(make("channel_shuffle", groups=groups), tensor(*shape))


def test_channels_by_turns_of_open_sizes() -> None:
    check(make("channel_shuffle", groups=3), tensor(6, H, W), H=2, W=3)


def test_groups_divide_the_channels() -> None:
    result = make("channel_shuffle", groups=4).infer(tensor(6, 2))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == ("E205", "groups")
