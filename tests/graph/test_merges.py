"""Branches and merges: what flows into them, what comes out, and what they refuse."""

from __future__ import annotations

import pytest

from tests.graph.nets import body, codes, kinds, layers, messages, names, program, shapes, sources


def test_every_branch_starts_from_the_incoming_tensor() -> None:
    found = layers(body("conv 1x1 x4; concat { | relu | tanh -> sigmoid | }"))
    assert sources(found["relu1"]) == sources(found["tanh1"]) == ["conv1"]
    assert sources(found["concat1"]) == ["relu1", "sigmoid1", "conv1"]


def test_an_empty_branch_is_the_incoming_tensor() -> None:
    assert sources(layers(body("relu; add { | tanh | }"))["add1"]) == ["tanh1", "relu1"]
    assert sources(layers(body("relu; add { | | tanh }"))["add1"]) == ["relu1", "tanh1"]


def test_a_branch_has_several_statements() -> None:
    found = layers(body("add {\n| relu\n tanh\n sigmoid\n| conv 1x1 x3; elu }"))
    assert sources(found["add1"]) == ["sigmoid1", "elu1"]


def test_a_branch_may_start_from_a_name() -> None:
    found = layers(body("relu as r; tanh; concat { | r | r -> sigmoid | image | in | here }"))
    assert sources(found["concat1"]) == ["relu1", "sigmoid1", "image", "image", "tanh1"]


def test_a_branch_of_a_merge_may_be_a_merge() -> None:
    assert kinds(body("add { | mul { | relu | tanh } | max { | relu | } }")) == [
        "relu",
        "tanh",
        "mul",
        "relu",
        "max",
        "add",
    ]


def test_what_a_branch_names_is_seen_behind_the_merge() -> None:
    assert codes(body("add { | relu as r -> tanh | }; add { | | r }")) == []


def test_named_tensors_and_lists_merge() -> None:
    found = layers(body("relu as a; tanh as b; concat(a, b) as c; concat([a, b], c); concat([a, here])"))
    assert sources(found["concat1"]) == ["relu1", "tanh1"]
    assert sources(found["concat2"]) == ["relu1", "tanh1", "concat1"]


def test_a_merge_of_names_takes_nothing_of_the_flow() -> None:
    found = layers(body("relu as a; tanh as b; sigmoid as c; add(a, b) as d; add(c, d)"))
    assert sources(found["add1"]) == ["relu1", "tanh1"]


def test_settings_stand_beside_branches_and_names() -> None:
    assert shapes(body("concat axis=height { | relu | tanh }; concat(axis=width) { | relu | }"))[2::2] == [
        "3x64x32",
        "3x64x64",
    ]
    assert shapes(body("relu as a; concat(a, image, axis=height)"))[-1] == "3x64x32"


@pytest.mark.parametrize("text", ["add { | relu }", "add { | relu | none }", "add { | none | relu | none }"])
def test_one_branch_that_is_left_is_the_result(text: str) -> None:
    assert kinds(body(f"{text} -> tanh")) == ["relu", "tanh"]


def test_none_drops_its_branch() -> None:
    block = "block se(on) { mul { | | if on { global_avgpool -> sigmoid } else { none } } }"
    assert kinds(body("se(true)", blocks=block)) == ["global_avgpool", "sigmoid", "mul"]
    assert kinds(body("relu; se(false)", blocks=block)) == ["relu"]


def test_none_everywhere_is_an_error() -> None:
    assert codes(body("add { | none | none }")) == ["E106"]
    assert codes(body("none; relu")) == ["E106"]
    assert codes(body("none")) == ["E106"]


@pytest.mark.parametrize("text", ["add()", "add(image)", "relu as a; concat([a])", "sub(image)"])
def test_a_merge_needs_two_tensors(text: str) -> None:
    assert codes(body(text)) == ["E220"]


def test_sub_takes_two() -> None:
    assert kinds(body("sub { | relu | tanh }")) == ["relu", "tanh", "sub"]
    assert codes(body("sub { | relu | tanh | sigmoid }")) == ["E106"]
    assert codes(body("sub(image, image, image)")) == ["E106"]


def test_braces_belong_to_merges_and_have_branches() -> None:
    assert codes(body("add {}")) == ["E009"]
    assert codes(body("relu { | tanh | }")) == ["E106"]


def test_sizes_that_differ_are_one_error_with_both_origins() -> None:
    (found,) = program(body("conv 1x1 x8 as a; maxpool 2x2 as b; add(a, b)")).diagnostics
    assert [note.message for note in found.related] == [
        "`a`, 8x32x32, comes from here",
        "`b`, 8x16x16, comes from here",
    ]


def test_advice_is_computed() -> None:
    assert "`conv 1x1 x8` on 3x32x32 makes it 8x32x32" in messages(body("conv 1x1 x8 as a; add(a, image)"))


def test_a_literal_one_is_stretched_and_an_open_size_is_not() -> None:
    assert shapes(body("mul { | | global_avgpool }"))[-1] == "3x32x32"
    assert shapes(body("add { | | global_avgpool }", "3xHxW"))[-1] == "3xHxW"
    assert codes("net N { input a: 3xHxW; input b: 3x4x4; add(a, b) }") == ["E222"]


def test_concat_adds_the_axis_that_it_joins() -> None:
    assert shapes(body("concat { | conv 1x1 x4 | conv 1x1 x5 | }"))[-1] == "12x32x32"
    assert codes(body("concat { | maxpool 2x2 | }")) == ["E213"]


def test_a_mistake_in_a_branch_is_one_error() -> None:
    assert codes(body("add { | fc 3 | relu } -> tanh -> conv 3x3 x4")) == ["E203"]
    assert codes(body("concat { | fc 3 | convv 3x3 x4 } -> fc 4")) == ["E203", "E101"]


def test_branches_have_the_names_of_their_body() -> None:
    assert names(body("add { | a: conv 1x1 x3 | b: conv 1x1 x3 }")) == ["a", "b", "add1"]
