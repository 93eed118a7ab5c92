"""Sizes: arithmetic, equality by value, text and limits, against plain whole numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from netdsl.types.sizes import (
    OpenSize,
    Size,
    SizeTooComplex,
    is_open,
    lower_bound,
    substitute,
    symbol,
    symbols,
)
from tests.types.size_trees import Tree, nothing, plus, trees

H, W, T = symbol("H"), symbol("W"), symbol("T")
OPEN = {"H": H, "W": W, "T": T}


def evaluate(text: str, values: Mapping[str, Size]) -> Size:
    """A size's text, read as Python, which writes these expressions alike."""
    result = eval(text, {}, dict(values))  # noqa: S307 - the text is our own, and Python is the reference
    assert isinstance(result, int | OpenSize)
    return result


IDENTITIES = [
    ((2 * H) // 2, H),
    ((H - 1) // 2 + 1, (H + 1) // 2),
    (((16 * H) // 2) // 2, 4 * H),
    ((H // 2) // 2, H // 4),
    ((2 * H + 1) // 2, H),
    ((H + 3) // 2, (H + 1) // 2 + 1),
    (H * W, W * H),
    (-(-H // 3), (H + 2) // 3),
    ((H // 4 + 1) // 2, (H + 4) // 8),
    ((6 * H + 5) // 4, (3 * H + 2) // 2),
    (H // 2 + (H + 1) // 2, H),
    (H - H // 2, (H + 1) // 2),
    ((H // 2) * (W // 2) + (H // 2) * ((W + 1) // 2), (H // 2) * W),
    ((H * W) // W, H),
    ((H * W + 2 * W) // (H + 2), W),
    (H // -2, -H // 2),
    (H % -2, -(-H % 2)),
]


@pytest.mark.parametrize(("left", "right"), IDENTITIES)
def test_equal_functions_are_equal(left: Size, right: Size) -> None:
    assert left == right
    assert hash(left) == hash(right)
    assert left - right == 0


DIFFERENT = [((H // 2) * 2, H), (H, W), (H, 1), (H // 2, (H + 1) // 2), (H // 2**40, H // 2**41), (H // 2**40, 0)]


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_different_functions_are_not_equal(left: Size, right: Size) -> None:
    assert left != right


CONSTANTS = [
    (H - H, 0),
    ((2 * H + 1) % 2, 1),
    (H // 2 + (H + 1) // 2 - H, 0),
    (H * (H + 1) % 2, 0),
    ((H % 4) // 4, 0),
    (0 * H, 0),
    (H // H, 1),
    (0 // H, 0),
]


@pytest.mark.parametrize(("size", "constant"), CONSTANTS)
def test_constants_are_plain_numbers(size: Size, constant: int) -> None:
    assert type(size) is int
    assert size == constant
    assert not is_open(size)
    assert symbols(size) == frozenset()


TEXTS = [
    (4 * H, "4*H"),
    (H // 8, "H//8"),
    ((H + 1) // 2 - 3, "(H + 1)//2 - 3"),
    (W * 64 * H, "64*H*W"),
    (10 - H, "10 - H"),
    (-H - 1, "-H - 1"),
    (-(H // 8), "-(H//8)"),
    (3 - H // 8, "3 - H//8"),
    ((H // 8) * (W // 8) * 512, "512*(H//8)*(W//8)"),
    (2 * H // 3, "(2*H)//3"),
    (H % 8, "H - 8*(H//8)"),
    (-(-H // 2), "(H + 1)//2"),
    (1 + W + H + H * W, "H*W + H + W + 1"),
    (7 // H + H // W, "7//H + H//W"),
    ((H // W) // 2, "(H//W)//2"),
    (H // (W + 1), "H//(W + 1)"),
]


@pytest.mark.parametrize(("size", "text"), TEXTS)
def test_text(size: Size, text: str) -> None:
    assert str(size) == text
    assert evaluate(text, OPEN) == size
    assert repr(size) == f"OpenSize({text})"


@settings(max_examples=400, deadline=None)
@given(trees("HWT"))
def test_arithmetic_agrees_with_whole_numbers(tree: Tree) -> None:
    size = tree.at(OPEN)
    half_known = substitute(size, {"W": 5})
    for height, width, length in product((1, 2, 3, 7, 12, 224), (1, 5, 8), (1, 6)):
        values = {"H": height, "W": width, "T": length}
        expected = tree.at(values)
        assert substitute(size, values) == expected
        assert evaluate(str(size), values) == expected
        assert width != 5 or substitute(half_known, values) == expected


@settings(max_examples=200, deadline=None)
@given(trees("H", products=False, divisors=(2, 3, 4), leaves=5), trees("H", products=False, divisors=(2, 3), leaves=3))
def test_equality_is_that_of_the_values(left: Tree, right: Tree) -> None:
    periods = left.modulus * right.modulus
    assume(periods <= 300)
    first, second = left.at(OPEN), right.at(OPEN)
    same = all(left.number(H=height) == right.number(H=height) for height in range(1, 2 * periods + 1))
    assert (first == second) is same
    assert not same or hash(first) == hash(second)


@settings(max_examples=200, deadline=None)
@given(
    trees("HW", divisors=(2, 3, 4), leaves=5),
    trees("H", products=False, divisors=(2, 3), leaves=3),
    st.integers(0, 5),
)
def test_respelled_functions_are_equal(tree: Tree, other: Tree, choice: int) -> None:
    assume(other.modulus <= 300)
    left, right = tree.at(OPEN), plus(tree, nothing(other, choice)).at(OPEN)
    assert left == right
    assert hash(left) == hash(right)


@settings(max_examples=200, deadline=None)
@given(trees("HW", leaves=5), st.sampled_from([W, H + 1, H * W, 2 * W + H // 2]))
def test_division_by_an_open_size(tree: Tree, divisor: OpenSize) -> None:
    size = tree.at(OPEN)
    quotient, rest = size // divisor, size % divisor
    for height, width in product((1, 2, 5, 9), (1, 4, 7)):
        values = {"H": height, "W": width}
        top, bottom = tree.at(values), substitute(divisor, values)
        assert substitute(quotient, values) == top // bottom
        assert substitute(rest, values) == top % bottom


MISUSES: list[Callable[[Any], object]] = [
    lambda size: size < W,
    lambda size: size <= 3,
    lambda size: max(size, 1),
    bool,
    lambda size: size + 0.5,
    lambda size: 0.5 * size,
    lambda size: size // 0.5,
]


@pytest.mark.parametrize("misuse", MISUSES)
def test_no_order_no_truth_no_fractions(misuse: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError):
        misuse(H)


@pytest.mark.parametrize("divisor", [0, W - 1, W - H])
def test_division_by_what_may_be_zero(divisor: Size) -> None:
    with pytest.raises(ZeroDivisionError):
        _ = H // divisor


def test_substitution() -> None:
    assert substitute(H // 8 + W, {"H": 224}) == W + 28
    assert substitute(H // 8, {"H": 16 * W}) == 2 * W
    assert substitute(7, {"H": 224}) == 7
    assert symbols(H * W + H // 2) == {"H", "W"}
    with pytest.raises(ValueError, match="H is at least 1, not 0"):
        substitute(H, {"H": 0})
    with pytest.raises(ValueError, match="not a name"):
        symbol("2*H")


def test_too_complex_by_nodes() -> None:
    parts: list[Size] = [symbol(f"S{index}") for index in range(4_096)]
    while len(parts) > 1:
        parts = [left + right for left, right in zip(parts[::2], parts[1::2], strict=True)]
    (wide,) = parts
    with pytest.raises(SizeTooComplex):
        _ = wide + wide // 2
    with pytest.raises(SizeTooComplex):
        _ = wide * wide


def test_too_complex_by_nesting() -> None:
    size: Size = H
    for _ in range(50):
        size = 3 * size // 4
    known = 4**60
    for _ in range(50):
        known = 3 * known // 4
    assert substitute(size, {"H": 4**60}) == known
    assert lower_bound(size) == 0
    with pytest.raises(SizeTooComplex):
        _ = 3 * size // 4


def test_too_complex_by_numbers() -> None:
    size = H // 2**4_095
    with pytest.raises(SizeTooComplex):
        _ = size // 2
    with pytest.raises(SizeTooComplex):
        _ = 2**4_096 * H


def test_long_chains_stay_small() -> None:
    size: Size = H
    for _ in range(10_000):
        size = (size + 2 - 3) // 1 + 1
    assert size == H
    for _ in range(30):
        size = size // 2
    assert str(size) == f"H//{2**30}"
