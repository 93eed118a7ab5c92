"""`reshape`, `permute`, `roll` and `flatten places` against ONNX's inference, onnxruntime and PyTorch."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

import netdsl
from netdsl.ops.axes import axis_words
from netdsl.ops.contract import EVERYWHERE, POINTWISE, Misfit, Reach
from netdsl.types.sizes import symbol
from tests.ops.harness import check, check_chain, make, record, site_of, tensor

H, T, W = symbol("H"), symbol("T"), symbol("W")
SHAPES = [(6,), (6, 4), (3, 2, 4), (2, 3, 2, 2)]


def refused(word: str, sizes: tuple[Any, ...], **settings: Any) -> tuple[str, str | None]:
    """The code of the fact, and the parameter that is at fault."""
    result = make(word, **settings).infer(tensor(*sizes))
    assert isinstance(result, Misfit)
    return result.fact.code, result.parameter


# ---- reshape ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [
        ((24,), (2, 3, 4)),
        ((2, 3, 4), (24,)),
        ((2, 3, 4), (2, 12)),
        ((2, 12), (2, 3, 4)),
        ((2, 3, 4), (4, 3, 2)),
        ((2, 3, 4), (2, 3, 2, 2)),
        ((24,), (1, 24)),
    ],
)
def test_numbers_keep_their_order(shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    assert check(make("reshape", shape=wanted), tensor(*shape)).site.y.shape == wanted
    for place in range(len(wanted)):
        rest = (*wanted[:place], -1, *wanted[place + 1 :])
        assert check(make("reshape", shape=rest), tensor(*shape)).site.y.shape == wanted


@pytest.mark.parametrize(
    ("shape", "wanted", "result"),
    [
        ((6, T), (-1,), (6 * T,)),
        ((6, T), (3, -1), (3, 2 * T)),
        ((6, T), (-1, 3), (2 * T, 3)),
        ((4, H, W), (2, -1, 2), (2, H * W, 2)),
        ((4, H, 3), (4, -1, 3), (4, H, 3)),
    ],
)
def test_what_is_left_of_open_sizes(shape: Any, wanted: tuple[int, ...], result: Any) -> None:
    recorded = check(make("reshape", shape=wanted), tensor(*shape), T=5, H=3, W=2)
    assert recorded.site.y.shape == result


@pytest.mark.parametrize(
    ("shape", "wanted", "code"),
    [
        ((24,), (5, 5), "E242"),
        ((24,), (5, -1), "E242"),
        ((24,), (-1, -1), "E242"),
        ((24,), (0, 24), "E211"),
        ((24,), (0, -1), "E211"),
        ((3, T), (4, 4), "E242"),
        ((3, T), (4, -1), "E242"),
    ],
)
def test_shapes_that_do_not_fit(shape: Any, wanted: tuple[int, ...], code: str) -> None:
    assert refused("reshape", shape, shape=wanted) == (code, "shape")


def test_the_advice_is_flatten_where_the_places_are_miscounted() -> None:
    result = make("reshape", shape=(768, 195)).infer(tensor(768, 14, 14))
    assert isinstance(result, Misfit)
    assert result.fact.help == "`flatten places` makes it 768x196"


@pytest.mark.parametrize(
    ("shape", "wanted", "pointwise"),
    [
        ((4, 3, 2), (4, 6), True),
        ((4, 2, 3, 2), (4, 2, 6), True),
        ((4, 2, 3, 2), (4, 12), True),
        ((4, 2, 3, 2), (4, 6, 2), False),
        ((4, 6), (4, 3, 2), False),
        ((4, 6), (8, 3), False),
        ((4, 6), (24,), False),
    ],
)
def test_the_receptive_field_of_another_shape(shape: Any, wanted: Any, pointwise: bool) -> None:
    layer = make("reshape", shape=wanted)
    assert layer.reach(site_of(layer, tensor(*shape))) is (POINTWISE if pointwise else EVERYWHERE)


# ---- flatten places --------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(6, 4), (3, 2, 4), (2, 3, 2, 2)])
def test_places_become_one_axis(shape: tuple[int, ...]) -> None:
    recorded = check(make("flatten", axes="places"), tensor(*shape))
    assert recorded.site.y.shape == (shape[0], int(np.prod(shape[1:])))


def test_open_places_become_one_axis() -> None:
    assert check(make("flatten", axes="places"), tensor(3, H, W), H=2, W=5).site.y.shape == (3, H * W)
    assert check(make("flatten", axes="places"), tensor(3, T), T=2).site.y.shape == (3, T)
    assert check(make("flatten", axes="places"), tensor(W, H, 2), H=2, W=5).site.y.shape == (W, 2 * H)


def test_a_vector_has_no_places() -> None:
    assert refused("flatten", (6,), axes="places") == ("E208", None)


# ---- permute ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_every_order_of_the_axes(shape: tuple[int, ...]) -> None:
    words = axis_words(tensor(*shape))
    for axes in permutations(words):
        recorded = check(make("permute", axes=axes), tensor(*shape))
        assert recorded.site.y.shape == tuple(shape[words.index(axis)] for axis in axes)
        assert (recorded.operation.reach(recorded.site) is POINTWISE) == (axes == words)


def test_the_order_of_open_axes() -> None:
    recorded = check(make("permute", axes=("width", "channels", "height")), tensor(3, H, W), H=2, W=5)
    assert recorded.site.y.shape == (W, 3, H)


@pytest.mark.parametrize("axes", [("channels",), ("channels", "channels"), ("channels", "width"), ("length",) * 3])
def test_every_axis_stands_once(axes: tuple[str, ...]) -> None:
    assert refused("permute", (3, 4), axes=axes) == ("E243", "axes")


# ---- roll ------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(2, 5), (2, 3, 5), (2, 3, 4, 5)])
@pytest.mark.parametrize("cells", [0, 1, -1, 2, 3, -4, 5, 12, -13])
def test_places_come_in_again(shape: tuple[int, ...], cells: int) -> None:
    rank = len(shape) - 1
    check(make("roll", shift=(cells,) * rank), tensor(*shape))
    recorded = check(make("roll", shift=(*(0,) * (rank - 1), cells)), tensor(*shape))
    reach = recorded.operation.reach(recorded.site)
    assert isinstance(reach, Reach)
    assert (set(reach.window), set(reach.stride), reach.before[-1]) == ({1}, {1}, cells)


@pytest.mark.parametrize("cells", [-3, -1, 0, 2, 3])
def test_open_places_come_in_again(cells: int) -> None:
    layer = make("roll", shift=(cells, 1))
    for height in (3, 4, 7):
        check(layer, tensor(2, H, W), H=height, W=3)
    site = record(layer, tensor(2, H, W)).site
    assert layer.needs(site) == (((H, abs(cells)),) if abs(cells) > 1 else ())


def test_there_and_back_again() -> None:
    check_chain(tensor(2, 4, 5), make("roll", shift=(3, -2)), make("roll", shift=(-3, 2)))


# ---- in a net --------------------------------------------------------------------------------


SPEC = """
net Rearranged {
    input 8xHxW
    flatten places                                      :: (8, H*W)
    reshape (4, 2, -1)                                  :: (4, 2, H*W)
    permute (height, channels, width)                   :: (2, 4, H*W)
    roll (1, -2)
    reshape (8, -1) -> permute (length, channels) -> permute (length, channels)
    roll 3 -> fc 5 axis=channels                        :: (5, H*W)
}
"""


def test_both_targets_agree() -> None:
    assert netdsl.parse(SPEC).only().verify().agrees


@pytest.mark.parametrize("batch", [0, 1, 3])
@pytest.mark.parametrize("sizes", [{}, {"H": 2, "W": 3}], ids=["open", "fixed"])
def test_the_batch_stays_free(sizes: dict[str, int], batch: int) -> None:
    model = netdsl.parse(SPEC, sizes=sizes).only().onnx()
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, {"input": np.zeros((batch, 8, 2, 3), np.float32)})
    assert answer.shape == (batch, 5, 6)


@pytest.mark.parametrize("axes", ["(1, 0)", "channels", "(lenght, channels)", '("length", 2)'])
def test_what_is_no_order_of_axes_is_said(axes: str) -> None:
    found = netdsl.parse(f"net Wrong {{ input 3x4; permute {axes} }}").diagnostics
    assert [diagnostic.code for diagnostic in found] == ["E304" if "(" in axes else "E243"]


def test_pytorch_reads_as_a_person_would_write_it() -> None:
    source = netdsl.parse(SPEC).only().pytorch()
    assert "x.flatten(2)" in source
    assert "nn.Unflatten(1, (4, 2, -1))" in source
    assert "x.permute(0, 2, 1, 3)" in source
    assert "x.roll((1, -2), (2, 3))" in source
