"""Least and greatest values, divisibility, and the smallest symbol, against all values in a range."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from netdsl.types.sizes import (
    Size,
    always_at_least,
    divides,
    largest_symbol_for,
    lower_bound,
    never_at_least,
    smallest_symbol_for,
    symbol,
    upper_bound,
)
from tests.types.size_trees import Tree, trees

H, W = symbol("H"), symbol("W")
OPEN = {"H": H, "W": W}


@settings(max_examples=300, deadline=None)
@given(trees("H", products=False, divisors=(2, 3, 4), leaves=5))
def test_bounds_of_one_symbol_are_exact(tree: Tree) -> None:
    assume(tree.modulus <= 300)
    size = tree.at(OPEN)
    values = [tree.number(H=height) for height in range(1, 901)]
    low, high = lower_bound(size), upper_bound(size)
    least = min(values) if min(values[300:]) >= min(values[:300]) else None
    most = max(values) if max(values[300:]) <= max(values[:300]) else None
    assert (low, high) == (least, most)
    for bound in range(-3, 4):
        assert always_at_least(size, bound) is (least is not None and least >= bound)
        assert never_at_least(size, bound) is (most is not None and most < bound)


@settings(max_examples=300, deadline=None)
@given(trees("HW", leaves=6))
def test_bounds_hold(tree: Tree) -> None:
    size = tree.at(OPEN)
    low, high = lower_bound(size), upper_bound(size)
    for height, width in product((1, 2, 3, 4, 5, 7, 12, 100), repeat=2):
        at = tree.number(H=height, W=width)
        assert low is None or low <= at
        assert high is None or at <= high


BOUNDS = [
    (H // 32, 0),
    ((H - 11) // 4 + 1, -2),
    (H - 2 * (H // 2), 0),
    (H // 4 + W // 4 - 1, -1),
    (H * W - H, 0),
    ((H // 2**30) * 3 + 1, 1),
    ((H + W) // 2 - W // 2, 0),
    (H * (W // 2) - W // 2, 0),
    (H * H - 10 * H, -25),
    (H - W, None),
    (7 - H, None),
    (7 // W - W // H, None),
    (W * (-H // W), None),
    ((H // 2 + H // 3) // 5 * 5 - H // 2 - H // 3, -3),
]


@pytest.mark.parametrize(("size", "bound"), BOUNDS)
def test_lower_bound(size: Size, bound: int | None) -> None:
    assert lower_bound(size) == bound


@settings(max_examples=200, deadline=None)
@given(trees("HW", divisors=(2, 3), leaves=4), st.integers(1, 6))
def test_divides(tree: Tree, divisor: int) -> None:
    assume(tree.modulus * divisor <= 36)
    answer = divides(tree.at(OPEN), divisor)
    places = product(range(1, 37), repeat=2)
    facts = {tree.number(H=height, W=width) % divisor == 0 for height, width in places}
    assert answer is (None if len(facts) == 2 else facts.pop())


def test_divides_needs_a_divisor() -> None:
    assert divides(16 * H + 8, 8) is True
    assert divides(16 * H + 4, 8) is False
    assert divides(H, 8) is None
    assert divides(24, 8) is True
    with pytest.raises(ValueError, match="no divisor"):
        divides(H, 0)


@settings(max_examples=200, deadline=None)
@given(trees("H", divisors=(2, 3, 4), leaves=5), st.integers(-20, 60))
def test_smallest_symbol(tree: Tree, least: int) -> None:
    assume(tree.modulus <= 300)
    size = tree.at(OPEN)
    found = smallest_symbol_for(size, least)
    values = [tree.number(H=height) for height in (*range(1, 700), 10**4, 10**5, 10**6, 10**7)]
    rising = sorted(values) == values
    if isinstance(size, int):
        assert found == ({} if size >= least else None)
    elif not rising:
        assert found is None
    else:
        assert found is not None
        assert tree.number(**found) >= least
        assert found["H"] == 1 or tree.number(H=found["H"] - 1) < least


def test_smallest_symbol_of_nets() -> None:
    assert smallest_symbol_for(((H - 4) // 2 - 4) // 2, 1) == {"H": 16}
    assert smallest_symbol_for(H // 2**30 + 1, 4) == {"H": 3 * 2**30}
    assert smallest_symbol_for(H * W, 4) is None
    assert smallest_symbol_for(10 - H, 4) is None
    assert smallest_symbol_for(H // 2**30, 2**62) is None


def test_largest_symbol_keeps_what_falls_above_a_number() -> None:
    assert largest_symbol_for(10 - H, 4) == {"H": 6}
    assert largest_symbol_for(60 - 2 * H, 1) == {"H": 29}
    assert largest_symbol_for(10 - H // 2, 4) == {"H": 13}
    assert largest_symbol_for(3 - H, 4) is None
    assert largest_symbol_for(H - 3, 4) is None
    assert largest_symbol_for(H * W * -1, -4) is None
