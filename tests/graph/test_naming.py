"""Names of layers: by kind, by label, by number, and what happens where two are alike."""

from __future__ import annotations

import pytest

from tests.graph.nets import body, codes, messages, names, program

UNIT = "block unit(c) { conv1: conv 3x3 x c same -> bn1: bn }"
PLAIN = "block plain(c) { conv 3x3 x c same -> relu }"


def test_layers_are_named_by_kind_and_counted() -> None:
    assert names(body("conv 1x1 x4 -> relu -> conv 1x1 x4 -> relu")) == ["conv1", "relu1", "conv2", "relu2"]


def test_the_count_goes_on_through_what_has_no_label() -> None:
    text = body(
        "plain 4; { conv 1x1 x4 } * 2; for i in range(2) { conv 1x1 x4 }; if true { conv 1x1 x4 }", blocks=PLAIN
    )
    assert names(text) == ["conv1", "relu1", "conv2", "conv3", "conv4", "conv5", "conv6"]


def test_a_labelled_layer_is_counted_among_its_kind() -> None:
    assert names(body("conv 1x1 x4 -> head: conv 1x1 x4 -> conv 1x1 x4")) == ["conv1", "head", "conv3"]


def test_branches_count_on_and_the_merge_comes_last() -> None:
    assert names(body("add { | conv 1x1 x3 | conv 1x1 x3 }")) == ["conv1", "conv2", "add1"]


def test_a_labelled_call_is_the_head_of_the_path() -> None:
    assert names(body("stem: unit(4)", blocks=UNIT)) == ["stem.conv1", "stem.bn1"]


def test_inside_a_labelled_call_counting_begins_anew() -> None:
    assert names(body("conv 1x1 x4; a: plain(4); conv 1x1 x4", blocks=PLAIN)) == [
        "conv1",
        "a.conv1",
        "a.relu1",
        "conv2",
    ]


def test_labels_nest() -> None:
    assert names(body("a: { b: { c: relu } }")) == ["a.b.c"]


def test_a_labelled_group_numbers_its_members() -> None:
    assert names(body("f: { conv 1x1 x4 -> relu; tanh }")) == ["f.0", "f.1", "f.2"]


def test_a_labelled_member_takes_a_number_too() -> None:
    assert names(body("f: { relu; mid: tanh; relu }")) == ["f.0", "f.mid", "f.2"]


def test_a_block_in_a_labelled_group_is_a_member() -> None:
    text = body("f: { plain 4; named: plain(4); plain(4) }", blocks=PLAIN)
    assert names(text) == ["f.0.conv1", "f.0.relu1", "f.named.conv1", "f.named.relu1", "f.2.conv1", "f.2.relu1"]


def test_a_labelled_group_in_a_labelled_group_takes_a_number() -> None:
    assert names(body("f: { relu; g: { relu }; relu }")) == ["f.0", "f.g.0", "f.2"]


def test_unlabelled_groups_loops_and_choices_are_transparent() -> None:
    text = body("f: { { relu; tanh }; for i in range(2) { relu }; if true { { tanh } }; relu }")
    assert names(text) == ["f.0", "f.1", "f.2", "f.3", "f.4", "f.5"]


def test_merges_take_no_number_and_their_branches_do() -> None:
    text = body("f: { relu; add { | relu | tanh }; relu }")
    assert names(text) == ["f.0", "f.1", "f.2", "f.add1", "f.3"]


def test_repetitions_go_on_counting() -> None:
    text = body("layer1: { unit(4) * 2; unit(8) }", blocks=UNIT)
    assert names(text) == [f"layer1.{i}.{part}" for i in range(3) for part in ("conv1", "bn1")]


def test_a_labelled_repetition_numbers_its_rounds() -> None:
    assert names(body("f: { relu; tanh } * 2")) == ["f.0", "f.1", "f.2", "f.3"]
    assert names(body("f: unit(4) * 2", blocks=UNIT)) == ["f.0.conv1", "f.0.bn1", "f.1.conv1", "f.1.bn1"]


def test_a_labelled_loop_and_choice_number_their_members() -> None:
    assert names(body("k: for i in range(2) { relu; tanh }")) == ["k.0", "k.1", "k.2", "k.3"]
    assert names(body("l: if true { relu; tanh }")) == ["l.0", "l.1"]


def test_a_labelled_merge_names_itself_and_its_branches() -> None:
    text = body("m: concat { | relu | mid: tanh | relu }; concat { | relu | }")
    assert names(text) == ["m.relu1", "m.mid", "m.relu2", "m", "relu1", "concat2"]


def test_the_empty_label_numbers_and_adds_nothing() -> None:
    assert names(body('conv 1x1 x4; "": { relu; a: tanh; relu }; relu')) == ["conv1", "0", "a", "2", "relu1"]


def test_the_empty_label_of_a_call_is_none() -> None:
    text = body('conv 1x1 x4; "": plain(4)', blocks=PLAIN)
    assert names(text) == ["conv1", "conv2", "relu1"]


def test_the_empty_label_cannot_be_a_layers_name() -> None:
    assert codes(body('"": relu')) == ["E114"]


def test_a_quoted_label_is_computed() -> None:
    text = body('for i in range(2) { "layer{i + 1}": { relu } }; "a{3 // 2}b": tanh')
    assert names(text) == ["layer1.0", "layer2.0", "a1b"]


def test_a_quoted_label_may_begin_with_a_digit() -> None:
    assert names(body('"0": relu; "7": { tanh }')) == ["0", "7.0"]


@pytest.mark.parametrize(
    "word", ["net", "block", "in", "if", "output", "same", "true", "conv", "image", "Example", "unit"]
)
def test_a_label_may_be_any_word(word: str) -> None:
    assert names(body(f"{word}: relu; unit 4", blocks=PLAIN.replace("plain", "unit"))) == [word, "conv1", "relu2"]


def test_labels_are_a_space_of_their_own() -> None:
    assert names(body("early: conv 1x1 x4 as late; late: relu as early; add(early, late)")) == ["early", "late", "add1"]


@pytest.mark.parametrize("label", ['"a.b"', '"a b"', '"ä"', '"a/b"', "forward", "eval", "type"])
def test_a_label_that_no_module_can_have_is_refused(label: str) -> None:
    assert codes(body(f"{label}: relu")) == ["E114"]


@pytest.mark.parametrize("step", ["image -> relu", "in -> relu", "here", "tap s; add(s, in)"])
def test_what_makes_no_layer_takes_no_label(step: str) -> None:
    assert codes(body(f"a: {step}")) == ["E106"]
    assert codes(body(step)) == []


def test_two_layers_of_one_name_are_an_error() -> None:
    assert codes(body("a: relu; a: tanh")) == ["E104"]
    assert "another label" in messages(body("a: relu; a: tanh"))


def test_a_call_with_several_clashing_layers_is_one_error() -> None:
    assert codes(body("unit(3); unit(3)", blocks=UNIT)) == ["E104"]
    assert codes(body("unit(3); unit(3); unit(3)", blocks=UNIT)) == ["E104"]
    assert codes(body("a: { unit(3); relu }; a: { unit(3); relu }", blocks=UNIT)) == ["E104"]


def test_two_clashes_are_two_errors() -> None:
    assert codes(body("a: relu; a: tanh; b: relu; b: tanh")) == ["E104", "E104"]


@pytest.mark.parametrize("text", ["a: conv 1x1 x3; a: { conv 1x1 x3 }", "a: { conv 1x1 x3 }; a: conv 1x1 x3"])
def test_a_layer_cannot_have_the_path_of_a_group(text: str) -> None:
    """In PyTorch one attribute would have to be both."""
    assert codes(body(text)) == ["E104"]
    assert "would lie inside it" in messages(body(text))


def test_two_groups_may_share_a_label_where_their_members_differ() -> None:
    assert names(body('a: { relu }; a: { "5": relu }')) == ["a.0", "a.5"]


def test_a_label_may_return_in_another_group() -> None:
    assert names(body("a: { last: relu }; b: { last: relu }; last: relu")) == ["a.last", "b.last", "last"]


def test_a_clash_leads_back_to_the_call() -> None:
    (found,) = program(body("unit(3); unit(3)", blocks=UNIT)).diagnostics
    assert any("in `unit`, called here" in note.message for note in found.related)
