"""Merges against ONNX's inference, onnxruntime and PyTorch, and the advice where they cannot be."""

from __future__ import annotations

import pytest

from netdsl.diagnostics.shapes import MergeMismatch
from netdsl.ops.contract import Misfit
from netdsl.types.sizes import Size, symbol
from netdsl.types.tensors import TensorType
from tests.ops.harness import check, make, tensor

H, W = symbol("H"), symbol("W")
Shape = tuple[Size, ...]


def mismatch(word: str, *shapes: Shape) -> MergeMismatch:
    result = make(word).infer(*(tensor(*shape) for shape in shapes))
    assert isinstance(result, Misfit)
    assert isinstance(result.fact, MergeMismatch)
    return result.fact


@pytest.mark.parametrize("shape", [(6,), (3, 5), (3, 4, 5), (2, 3, 4, 5)])
@pytest.mark.parametrize("count", [2, 3, 4, 5, 30])
@pytest.mark.parametrize("word", ["add", "mul", "max", "concat"])
def test_any_number_of_tensors(word: str, count: int, shape: tuple[int, ...]) -> None:
    recorded = check(make(word), *[tensor(*shape)] * count)
    assert recorded.site.y.shape == ((count * shape[0], *shape[1:]) if word == "concat" else shape)


def test_a_difference_has_two_sides() -> None:
    check(make("sub"), tensor(3, 4), tensor(3, 4))
    assert (type(make("sub")).least_inputs, type(make("sub")).most_inputs) == (2, 2)


@pytest.mark.parametrize("word", ["add", "mul", "sub"])
@pytest.mark.parametrize(
    ("first", "second", "result"),
    [
        ((3, 4, 5), (3, 1, 1), (3, 4, 5)),
        ((1, 4, 5), (3, 4, 5), (3, 4, 5)),
        ((3, 1, 5), (3, 4, 1), (3, 4, 5)),
        ((1,), (6,), (6,)),
    ],
)
def test_an_axis_of_one_is_stretched(word: str, first: Shape, second: Shape, result: Shape) -> None:
    assert check(make(word), tensor(*first), tensor(*second)).site.y.shape == result


def test_a_stretched_axis_may_become_open() -> None:
    assert check(make("mul"), tensor(3, H, W), tensor(3, 1, 1), H=4, W=5).site.y.shape == (3, H, W)


def test_the_largest_number_stretches_nothing() -> None:
    assert mismatch("max", (3, 4, 5), (3, 1, 1)).axes == ("height", "width")


@pytest.mark.parametrize("axis", ["channels", "height", "width"])
def test_tensors_behind_each_other(axis: str) -> None:
    place = ("channels", "height", "width").index(axis)
    shapes = [[3, 4, 5], [3, 4, 5], [3, 4, 5]]
    for number, shape in enumerate(shapes):
        shape[place] += number
    total = sum(shape[place] for shape in shapes)
    recorded = check(make("concat", axis=axis), *(tensor(*shape) for shape in shapes))
    assert recorded.site.y.shape[place] == total


def test_open_channels_are_added() -> None:
    assert check(make("concat"), tensor(H, 4), tensor(3, 4), H=2).site.y.shape == (H + 3, 4)


# ---- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "first", "second", "axes", "mend"),
    [
        ("add", (64, 56, 56), (256, 56, 56), ("channels",), "`conv 1x1 x256` on 64x56x56 makes it 256x56x56"),
        ("add", (256, 9), (64, 9), ("channels",), "`conv 1 x256` on 64x9 makes it 256x9"),
        ("add", (64,), (10,), ("channels",), "`fc 64` on 10 makes it 64"),
        (
            "add",
            (64, 56, 56),
            (128, 28, 28),
            ("channels", "height", "width"),
            "`conv 1x1/2 x128` on 64x56x56 makes it 128x28x28",
        ),
        ("mul", (8, 7, 7), (8, 4, 4), ("height", "width"), "`maxpool 1x1/2` on 8x7x7 makes it 8x4x4"),
        ("concat", (64, 56, 56), (32, 52, 52), ("height", "width"), "`crop 2` on 64x56x56 makes it 64x52x52"),
        ("concat", (64, 9, 8), (32, 8, 8), ("height",), "`crop ((0, 1), (0, 0))` on 64x9x8 makes it 64x8x8"),
        ("concat", (4, 10), (4, 9), ("length",), "`crop (0, 1)` on 4x10 makes it 4x9"),
        ("add", (4, 10), (8, 9), ("channels", "length"), "`crop (0, 1) -> conv 1 x8` on 4x10 makes it 8x9"),
        ("add", (4, 10, 9), (4, 9, 10), ("height", "width"), None),
        (
            "add",
            (4, 10, 9),
            (4,),
            ("number of axes",),
            "`flatten` on 4x10x9 makes it 360, `global_avgpool -> flatten` 4",
        ),
        ("add", (4, 10, 9), (4, 10), ("number of axes",), None),
    ],
)
def test_tensors_that_differ(word: str, first: Shape, second: Shape, axes: tuple[str, ...], mend: str | None) -> None:
    fact = mismatch(word, first, second)
    assert fact.axes == axes
    assert fact.help == mend
    assert mismatch(word, second, first).axes == axes


def test_the_mend_mends() -> None:
    conv = make("conv", kernel=(1, 1), channels=128, stride=(2, 2), pad=((0, 0), (0, 0)), dilation=(1, 1))
    pool = make("maxpool", kernel=(1, 1), stride=(2, 2), pad=((0, 0), (0, 0)), dilation=(1, 1))
    assert conv.infer(tensor(64, 56, 56)) == tensor(128, 28, 28)
    assert pool.infer(tensor(8, 7, 7)) == tensor(8, 4, 4)


def test_it_says_which_and_how() -> None:
    fact = mismatch("concat", (64, 56, 56), (32, 52, 52))
    assert fact.message == (
        "`concat` takes tensors of one shape but for their channels, "
        "and 64x56x56 and 32x52x52 differ in height and width"
    )


def test_it_says_when_open_sizes_agree() -> None:
    halves = mismatch("add", (8, H), (8, 2 * (H // 2)))
    assert halves.condition == "only where 2 divides H"
    assert "they agree only where 2 divides H" in halves.message
    assert mismatch("add", (8, H), (8, H + 1)).condition == "at no size"
    assert mismatch("add", (8, H), (9, H)).condition is None


def test_an_open_axis_is_never_stretched() -> None:
    assert mismatch("mul", (8, H), (8, 4)).axes == ("length",)


def test_an_axis_that_is_not_there() -> None:
    result = make("concat", axis="width").infer(tensor(3, 4), tensor(3, 4))
    assert isinstance(result, Misfit)
    assert result.fact.code == "E217"


@pytest.mark.parametrize("word", ["add", "concat"])
def test_indices_and_numbers_do_not_mix(word: str) -> None:
    result = make(word).infer(tensor(3, 4), TensorType((3, 4), "int64"))
    assert isinstance(result, Misfit)
    assert result.fact.code == "E210"
