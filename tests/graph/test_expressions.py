"""Expressions: values, operators and functions, as a layer's channels or a computed label show them."""

from __future__ import annotations

import re

import pytest

from tests.graph.nets import body, codes, names, program


def value(expression: str) -> str:
    """A small whole number, a text, or something that prints without signs, by way of a computed label."""
    (name,) = names(body(f'"v{{{expression}}}": relu'))
    return name.removeprefix("v")


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("2 ^ 3 ^ 2", "512"),
        ("8 - 3 - 2", "3"),
        ("8 // 3 // 2", "1"),
        ("7 % 4", "3"),
        ("-7 // 2 + 10", "6"),
        ("-7 % 4", "1"),
        ("-2 ^ 2 + 10", "6"),
        ("2 ^ -1 * 4", "2"),
        ("6 / 3", "2"),
        ("1 / 3 * 3", "1"),
        ("0.1 + 0.2 == 0.3", "true"),
        ("1_000", "1000"),
        ("5K", "5000"),
        ("61M", "61000000"),
        ("0.5M", "500000"),
        ("5e2", "500"),
        ("3 if 1 < 2 else 4", "3"),
        ("3 if 1 > 2 else 4 if 2 > 3 else 5", "5"),
        ("1 < 2 and not 2 < 1 or false", "true"),
        ("not 1 == 2 and false", "false"),
        ("[1, 2] == [1, 2]", "true"),
        ("3x3 == (3, 3)", "true"),
        ("relu == relu and relu != tanh", "true"),
        ("true == 1", "false"),
        ("[4, 5, 6][1]", "5"),
        ("[4, 5, 6][-1]", "6"),
        ("[4, 5, 6][1:][0]", "5"),
        ("[4, 5, 6][:-1][1]", "5"),
        ("len([4, 5] + [6])", "3"),
        ("(3x5)[1]", "5"),
        ("(3x5 + 1)[1]", "6"),
        ("(3x5 * (2, 3))[1]", "15"),
        ("(8 - 3x5)[0]", "5"),
        ("min(3, 4) + max([5, 6])", "9"),
        ("sum([1, 2, 3]) + len([])", "6"),
        ("sum(range(5)) + sum(range(2, 5)) + sum(range(10, 0, -4))", "37"),
        ("enumerate([7])[0][1] + zip([1, 2], [3, 4])[1][0]", "9"),
        ("floor(2.7) + ceil(2.1)", "5"),
        ("round(2.5) + round(2.4)", "5"),
        ("round_to(37, 8)", "40"),
        ("round_to(3, 8)", "8"),
        ("round_to(11, 8)", "16"),
        ("round_to(0.75 * 32, 8)", "24"),
    ],
)
def test_an_expression_has_a_value(expression: str, wanted: str) -> None:
    assert value(expression) == wanted


NO_VALUE = """
1 // 0 | 1 / 0 | 5 % 0 | 10 ^ 19 | 2 ^ 100 | [1][1] | [][0] | range(1, 5, 0) | range(200_000) | min() | max([]) | len(3)
sum(3) | floor(1, 2) | round_to(3, 0) | zip([1], [2, 3]) | relu + 1 | true + 1 | 3x3 + (1, 2, 3) | [1] < [2] | image < 3
min(true, false)
"""


@pytest.mark.parametrize("expression", re.split(r" \| |\n", NO_VALUE.strip()))
def test_what_has_no_value_is_one_error(expression: str) -> None:
    assert codes(body(f"let a = {expression}\nconv 1x1 x a")) == ["E311"]


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("missing", "E102"),
        ("maxx(3, 4)", "E102"),
        ("image.colour", "E105"),
        ("(3).channels", "E105"),
        ("relu(3)", "E106"),
        ("[1, 2][0.5]", "E305"),
        ("[1, 2][0, 1]", "E106"),
        ("1 and true", "E106"),
        ("3xH", "E102"),
    ],
)
def test_what_means_nothing_is_one_error(expression: str, code: str) -> None:
    assert codes(body(f"let a = {expression}\nconv 1x1 x a"))[:1] == [code]


def test_and_or_look_at_the_right_side_only_where_it_decides() -> None:
    assert value("false and 1 // 0 == 1") == "false"
    assert value("true or 1 // 0 == 1") == "true"


def test_a_conditional_looks_at_the_chosen_side_only() -> None:
    assert value("3 if true else 1 // 0") == "3"


def test_text_is_escaped() -> None:
    (found,) = program(body('"a\\{1}\\"": relu')).diagnostics
    assert found.message.startswith('`a{1}"` cannot be a label')


def test_deep_expressions_have_a_limit() -> None:
    deep = "+".join("1" for _ in range(3_000))
    assert codes(body(f"conv 1x1 x ({deep})")) == ["E311"]
    assert codes(body(f"conv 1x1 x {'(' * 100}1{')' * 100}")) == ["E006"]
