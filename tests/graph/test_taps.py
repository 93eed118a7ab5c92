"""Names for tensors, and lists of them: where they are seen, and to whom a list belongs."""

from __future__ import annotations

import pytest

from tests.graph.nets import body, codes, kinds, layers, shapes, sources

DEEP = "block d(c) { conv 1x1 x c -> tap s -> relu }"


def test_a_tap_leaves_the_flow_alone() -> None:
    assert sources(layers(body("conv 1x1 x3 -> tap s -> relu; add(s, here)"))["relu1"]) == ["conv1"]


def test_a_list_is_in_the_order_of_the_flow() -> None:
    found = layers(body("for i in range(3) { conv 1x1 x3 -> tap s }; concat(s)"))
    assert sources(found["concat1"]) == ["conv1", "conv2", "conv3"]


@pytest.mark.parametrize(
    ("members", "wanted"),
    [
        ("s[0], s[-1]", ["conv1", "conv3"]),
        ("s[1:]", ["conv2", "conv3"]),
        ("s[:-1], s[0]", ["conv1", "conv2", "conv1"]),
        ("s + [image]", ["conv1", "conv2", "conv3", "image"]),
    ],
)
def test_members_of_a_list_merge(members: str, wanted: list[str]) -> None:
    found = layers(body(f"for i in range(3) {{ conv 1x1 x3 -> tap s }}; concat({members}) -> concat([here] + s)"))
    assert sources(found["concat1"]) == wanted


def test_a_member_starts_a_pipeline() -> None:
    found = layers(body("conv 1x1 x3 -> tap s; relu -> tap s; s[0] -> tanh; add(s, here)"))
    assert sources(found["tanh1"]) == ["conv1"]


def test_a_list_belongs_to_the_body_whose_text_reads_it() -> None:
    found = layers(body("d 3; d 3; concat(s)", blocks=DEEP))
    assert sources(found["concat1"]) == ["conv1", "conv2"]


def test_it_belongs_to_the_innermost_such_body_and_is_fresh_in_each_use() -> None:
    blocks = f"{DEEP}\nblock e(c) {{ d c; d c; add(s) }}"
    found = layers(body("e 3; e 3", blocks=blocks))
    assert sources(found["add1"]) == ["conv1", "conv2"]
    assert sources(found["add2"]) == ["conv3", "conv4"]


def test_the_net_has_its_own_list_beside_a_blocks() -> None:
    blocks = f"{DEEP}\nblock e(c) {{ d c; d c; add(s) }}"
    found = layers(body("d 3; e 3; d 3; concat(s)", blocks=blocks))
    assert sources(found["concat1"]) == ["conv1", "conv4"]


def test_a_block_in_between_that_does_not_read_passes_on() -> None:
    blocks = f"{DEEP}\nblock through(c) {{ d c }}"
    assert sources(layers(body("through 3; through 3; add(s)", blocks=blocks))["add1"]) == ["conv1", "conv2"]


def test_a_shared_body_taps_for_its_user() -> None:
    found = layers(body("share t { conv 1x1 x3 -> tap s }; t; t; add(s)"))
    assert sources(found["add1"]) == ["t.conv1", "t.conv1#2"]


def test_a_list_may_be_read_before_it_is_complete() -> None:
    found = layers(body("relu -> tap s; for i in range(2) { tanh -> tap s; concat(s) -> conv 1x1 x3 }"))
    assert sources(found["concat1"]) == ["relu1", "tanh1"]
    assert sources(found["concat2"]) == ["relu1", "tanh1", "tanh2"]


def test_before_the_first_tap_there_is_no_list() -> None:
    assert codes(body("concat(s); relu -> tap s")) == ["E102"]


def test_a_list_that_nobody_reads_is_a_warning() -> None:
    assert codes(body("d 3; relu", blocks=DEEP)) == ["W101"]


@pytest.mark.parametrize("text", ["relu as s -> tap s; relu; add(s)", "let s = 3; relu -> tap s; conv 1x1 x s"])
def test_a_list_takes_no_name_that_is_taken(text: str) -> None:
    assert codes(body(text))[0] == "E103"


def test_a_list_has_no_member_beyond_its_end() -> None:
    assert codes(body("relu -> tap s; s[1] -> relu")) == ["E311"]


# ---- names -----------------------------------------------------------------------------------


def test_a_name_starts_a_pipeline_and_leaves_the_flow_alone() -> None:
    found = layers(body("conv 1x1 x3 as c -> relu as r; c -> tanh; add(r, here)"))
    assert sources(found["relu1"]) == sources(found["tanh1"]) == ["conv1"]


def test_a_group_names_what_it_leaves() -> None:
    found = layers(body("{ relu as inner -> tanh } as outer; add(inner, outer)"))
    assert sources(found["add1"]) == ["relu1", "tanh1"]


@pytest.mark.parametrize("text", ["relu as r; tanh -> r", "tanh -> image", "relu -> in", "relu -> here"])
def test_a_tensors_name_stands_at_the_start_only(text: str) -> None:
    assert "E108" in codes(body(text))


def test_a_tensor_takes_no_arguments() -> None:
    assert codes(body("relu as r; r tanh")) == ["E004"]


def test_a_value_that_is_no_tensor_starts_nothing() -> None:
    assert codes(body("let a = 3; a -> relu")) == ["E106"]
    assert codes(body("let a = [relu]; a[0]")) == ["E106"]


def test_sizes_of_named_tensors_are_numbers() -> None:
    text = body(
        "conv 1x1 x4 as c; maxpool 4x2; conv 1x1 x c.channels -> conv 1x1 x (c.height + here.height + in.width)"
    )
    assert shapes(text)[2:] == ["4x8x16", "72x8x16"]
    assert shapes(body("conv 1 x in.length", "4x9")) == ["9x9"]
    assert shapes(body("conv 1 x (in.depth + in.height + in.width)", "4x1x2x3")) == ["6x1x2x3"]
    assert shapes(body("fc in.channels", "7")) == ["7"]


def test_a_size_that_is_not_there_is_an_error() -> None:
    assert codes(body("conv 1x1 x in.length")) == ["E105"]
    assert codes(body("fc in.height", "7")) == ["E105"]


def test_in_is_a_nets_only_input() -> None:
    assert codes("net N { input a: 3x8x8; input b: 3x8x8; a -> conv 1x1 x in.channels; add(here, b) }") == ["E102"]


# ---- scope -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "relu as a; tanh as a; add { | a }",
        "relu as image",
        "let a = 3; relu as a; conv 1x1 x a",
        "let a = 3; let a = 4; conv 1x1 x a",
        "let a = 3; for a in [4] { conv 1x1 x a }",
        "{ relu as a }; tanh as a; add { | a }",
        "if true { relu as a }; tanh as a; add { | a }",
        "add { | relu as a | tanh as a }; add { | a }",
        "share a { relu }; tanh as a; add { | a }",
        "relu as b",
    ],
)
def test_no_name_is_defined_twice(text: str) -> None:
    assert "E103" in codes(body(text, blocks="block b { relu }"))


@pytest.mark.parametrize(
    "text",
    [
        "{ relu as a; add { | a } } * 2",
        "for i in range(2) { relu as a; add { | a } }",
        "for i in range(2) { let k = i + 1; conv 1x1 x k }",
        "for i in range(2) { relu }; for i in range(2) { relu }",
        "c; c",
        "s; s",
        "if true { relu as a } else { tanh as a }; add { | a }",
    ],
)
def test_every_round_use_and_body_has_a_scope(text: str) -> None:
    assert (
        codes(body(f"share s {{ relu as v; add {{ | v }} }}\n s\n{text}", blocks="block c { relu as v; add { | v } }"))
        == []
    )


def test_what_a_round_names_ends_with_it() -> None:
    assert codes(body("{ relu as a; add { | a } } * 2; add { | a }")) == ["E101"]
    assert codes(body("for i in range(2) { relu as a; add { | a } }; add(a, in)")) == ["E102"]


def test_a_shared_body_sees_the_names_outside() -> None:
    assert shapes(body("let w = 5; share s { conv 1x1 x w }; s"))[-1] == "5x32x32"


def test_a_name_that_is_never_used_is_a_warning() -> None:
    assert codes(body("relu as a")) == ["W101"]
    assert codes(body("let a = 3; relu")) == ["W101"]
    assert codes(body("share a { relu }; relu")) == ["W101"]


def test_a_result_that_is_never_used_is_a_warning() -> None:
    assert codes(body("relu as a; conv 1x1 x4; a -> tanh")) == ["W101"]


def test_a_name_used_in_one_use_of_its_text_is_used() -> None:
    block = "block b(last) { relu as a; if last { add { | a } } }"
    assert codes(body("b(false); b(true)", blocks=block)) == []


def test_a_name_may_be_an_operations() -> None:
    assert kinds(body("let f = tanh; f; let relu = sigmoid; relu")) == ["tanh", "sigmoid"]
