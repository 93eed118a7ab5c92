"""`default`: for which text it holds, and what it may set."""

from __future__ import annotations

import pytest

from tests.graph.nets import body, codes, shapes


def test_a_files_default_holds_wherever_it_stands() -> None:
    text = "block b { conv 3x3 x4 }\nnet N { input 3x8x8; b; conv 3x3 x4 }\ndefault conv same"
    assert shapes(text) == ["4x8x8", "4x8x8"]


def test_a_bodys_default_holds_from_there_on() -> None:
    assert shapes(body("conv 3x3 x4; default conv pad=1; conv 3x3 x4")) == ["4x30x30", "4x30x30"]


def test_the_call_wins_over_the_default() -> None:
    assert shapes(body("default conv pad=1 stride=2; conv 4x4 x4 pad=0; conv 3x3/1 x4")) == ["4x15x15", "4x15x15"]


def test_the_innermost_wins_parameter_by_parameter() -> None:
    block = "block b { default conv stride=1; conv 3x3 x4 }"
    text = f"default conv same stride=2\n{block}\nnet N {{ input 3x8x8; b; conv 3x3 x4 }}"
    assert shapes(text) == ["4x8x8", "4x4x4"]


def test_the_last_of_one_body_wins() -> None:
    assert shapes(body("default conv pad=1; default conv pad=2; conv 3x3 x4")) == ["4x34x34"]


def test_it_reaches_no_block_that_is_called() -> None:
    text = body("default conv pad=1; b; conv 3x3 x4", blocks="block b { conv 3x3 x4 }")
    assert shapes(text) == ["4x30x30", "4x30x30"]


def test_groups_branches_and_choices_are_no_bodies() -> None:
    assert shapes(body("{ default conv pad=1 }; conv 3x3 x4")) == ["4x32x32"]
    assert shapes(body("if true { default conv pad=1 }; conv 3x3 x4")) == ["4x32x32"]


@pytest.mark.parametrize(
    "inner",
    [
        "{ default conv pad=1; conv 3x3 x3 } * 1",
        "for i in range(1) { default conv pad=1; conv 3x3 x3 }",
        "share s { default conv pad=1; conv 3x3 x3 }; s",
    ],
)
def test_rounds_and_shared_bodies_are(inner: str) -> None:
    assert shapes(body(f"{inner}; conv 3x3 x4")) == ["3x32x32", "4x30x30"]


def test_a_shared_body_has_the_defaults_around_it() -> None:
    assert shapes(body("default conv pad=1; share s { conv 3x3 x3 }; s")) == ["3x32x32"]


def test_it_sets_required_parameters_too() -> None:
    assert shapes(body("default conv 3x3 x4; conv; conv x5")) == ["4x30x30", "5x28x28"]


def test_its_values_are_read_where_it_stands() -> None:
    assert shapes(body("default conv x width; conv 1x1; conv 1x1 x3", blocks="let width = 6")) == ["6x32x32", "3x32x32"]


def test_only_operations_have_defaults() -> None:
    assert codes(body("default convv pad=1; relu")) == ["E101"]
    assert codes(body("default b c=1; b 3", blocks="block b(c) { conv 1x1 x c }")) == ["E106"]
    assert codes("default convv pad=1\nnet N { input 3x8x8; relu }") == ["E101"]


def test_a_wrong_setting_is_one_error() -> None:
    assert codes(body("default conv stryde=2; conv 1x1 x3; conv 1x1 x3")) == ["E301"]
