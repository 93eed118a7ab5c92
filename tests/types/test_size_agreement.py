"""When two sizes agree: every claim is held against all values of the symbol in a range."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from netdsl.types import size_newton
from netdsl.types.size_agreement import Agreement
from netdsl.types.sizes import Size, explain_equality, smallest_symbol_for, substitute, symbol
from tests.types.size_trees import Tree, trees

H, W = symbol("H"), symbol("W")
LAST = 1_500


def claimed(agreement: Agreement, height: int) -> bool:
    """Whether the agreement says that the sizes agree at this height."""
    in_class = agreement.modulus is not None and height % agreement.modulus in agreement.residues
    return in_class or height in agreement.values


def check(agreement: Agreement, same: Callable[[int], bool], minimum: int) -> None:
    """Hold a claim against what is true at each height up to LAST, and at the single heights that it names."""
    legal = [height for height in range(minimum, LAST) if same(height)]
    assert [height for height in range(minimum, LAST) if claimed(agreement, height)] == legal
    assert all(same(height) for height in (*agreement.values, *agreement.examples))
    assert agreement.never is (not agreement.examples)
    assert agreement.examples[: len(legal)] == tuple(legal[:3])
    assert (agreement.words == "never") is agreement.never


@settings(max_examples=300, deadline=None)
@given(
    trees("H", divisors=(2, 3, 4), leaves=4),
    trees("H", products=False, divisors=(2, 4), leaves=4),
    st.sampled_from([1, 2, 22]),
)
def test_claims_are_what_is_true(left: Tree, right: Tree, minimum: int) -> None:
    assume(left.modulus * right.modulus <= 1_024)
    agreement = explain_equality(left.at({"H": H}), right.at({"H": H}), minimum)

    def same(height: int) -> bool:
        return left.number(H=height) == right.number(H=height)

    if agreement.symbol is not None:
        check(agreement, same, minimum)
        return
    assert agreement.words == ("always" if same(minimum) else "never")
    assert {same(height) for height in range(1, LAST)} == {same(minimum)}


WORDS = [
    (H // 8 * 8, H, "8 divides H"),
    ((H // 8) * 8 + 4, H, "H leaves 4 when divided by 8"),
    (H // 8 * 8 + 4, H // 2 * 2, "H leaves 4 or 5 when divided by 8"),
    (H // 4, (H + 1) // 4, "H leaves 0 to 2 when divided by 4"),
    (H // 4, (H - 1) // 4, "4 does not divide H"),
    (H // 2 + (H + 1) // 2, H, "always"),
    ((H - 11) // 4 + 1, 55, "H is 227 to 230"),
    (512 * (H // 32) * (H // 32), 25_088, "H is 224 to 255"),
    (2 * H, 44, "H is 22"),
    (H * H + 15, 8 * H, "H is 3 or 5"),
    ((H - 3) * (H % 2), 0, "2 divides H, or H is 3"),
    (H * H, 2 * H - 5, "never"),
    (2 * H, 2 * (H // 2) * 2 + 1, "never"),
    (H, H + 1, "never"),
    (16 * H, 16 * W + 8, "never"),
    (H + W, 1, "never"),
    (16 * H, 16 * W, "H = W"),
    (H + 1, 2 * W, "H + 1 = 2*W"),
    (H % 8_192, 0, "H = 8192*(H//8192)"),
    (H % 32 % 3, 2, "H leaves 2, 5, 8, 11, 14, 17 or one of 4 more when divided by 32"),
    (3, 3, "always"),
    (3, 4, "never"),
]


@pytest.mark.parametrize(("left", "right", "words"), WORDS)
def test_words(left: Size, right: Size, words: str) -> None:
    assert explain_equality(left, right).words == words


def test_a_least_value() -> None:
    agreement = explain_equality(H // 8 * 8, H, minimum=22)
    assert (agreement.modulus, agreement.residues, agreement.examples) == (8, (0,), (24, 32, 40))
    assert explain_equality(2 * H, 42, minimum=22).never


@pytest.mark.parametrize("divisor", [2, 3, 4, 5])
def test_floors_of_sums_of_floors(divisor: int) -> None:
    def sides(size: Size) -> tuple[Size, Size]:
        total = size // 2 + 3 * (size // 3)
        return total // divisor * divisor, total

    left, right = sides(H)
    check(explain_equality(left, right), lambda height: sides(height)[0] == sides(height)[1], 1)


def unet_merges(size: Size, crop: bool) -> list[tuple[Size, Size]]:
    """Both sizes at each merge of a U-Net with three levels and unpadded 3x3 convolutions in pairs.

    With `crop` the skip loses half of what it is larger by at each end, as in the paper.
    """
    skips: list[Size] = []
    for _ in range(3):
        size = size - 4
        skips.append(size)
        size = size // 2
    merges = []
    for skip in reversed(skips):
        size = (size - 4) * 2
        merges.append((size, skip - 2 * ((skip - size) // 2) if crop else skip))
    return merges


@pytest.mark.parametrize("crop", [False, True])
@pytest.mark.parametrize("level", [0, 1, 2])
def test_unpadded_unet(crop: bool, level: int) -> None:
    deepest = unet_merges(H, crop)[-1][0]
    least = smallest_symbol_for(deepest, 1)
    assert least is not None
    left, right = unet_merges(H, crop)[level]
    agreement = explain_equality(left, right, least["H"])

    def same(height: int) -> bool:
        left_value, right_value = unet_merges(height, crop)[level]
        assert substitute(left, {"H": height}) == left_value
        return left_value == right_value

    check(agreement, same, least["H"])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(-30, 60), min_size=1, max_size=4), st.integers(1, 5), st.integers(-40, 40))
def test_zeros_and_least_value_of_polynomials(roots: list[int], scale: int, offset: int) -> None:
    def function(x: int) -> int:
        product = scale
        for root in roots:
            product *= x - root
        return product + offset

    polynomial = size_newton.fit([function(x) for x in range(len(roots) + 1)])
    values = [function(x) for x in range(200)]
    assert [size_newton.value(polynomial, x) for x in range(200)] == values
    assert size_newton.zeros(polynomial) == [x for x, found in enumerate(values) if found == 0]
    assert size_newton.least(polynomial) == min(values)
    assert size_newton.least(tuple(-difference for difference in polynomial)) is None
