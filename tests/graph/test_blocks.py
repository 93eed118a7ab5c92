"""Blocks: how they are called, what their parameters take, what they see, and several results."""

from __future__ import annotations

import pytest

from tests.graph.nets import body, codes, kinds, messages, names, outputs, program, shapes

CR = "block cr(kernel, channels, stride=1, pad=0) { conv kernel/stride x channels pad=pad -> relu }"
BOTH = "block both(c) { conv 1x1 x c as low; maxpool 2x2 as high; output low, high }"


@pytest.mark.parametrize(
    "call",
    [
        "cr 3x3/2 x8 pad=1",
        "cr 3x3 x8 /2 pad=1",
        "cr(3x3, 8, 2, 1)",
        "cr(3x3, 8, pad=1, stride=2)",
        "cr(channels=8, kernel=3x3, stride=2, pad=1,)",
    ],
)
def test_both_forms_call_a_block(call: str) -> None:
    assert shapes(body(call, blocks=CR)) == ["8x16x16", "8x16x16"]


def test_same_is_the_parameter_pad() -> None:
    assert shapes(body("cr 5x5 x8 same", blocks=CR)) == ["8x32x32", "8x32x32"]
    assert shapes(body("cr(5x5, 8, pad=same)", blocks=CR)) == ["8x32x32", "8x32x32"]


def test_a_block_without_parameters_is_called_by_its_name() -> None:
    for call in ("stem", "stem()"):
        assert kinds(body(call, blocks="block stem { relu }")) == ["relu"]
        assert kinds(body(call, blocks="block stem() { relu }")) == ["relu"]


def test_each_call_has_weights_of_its_own() -> None:
    assert names(body("cr(1x1, 4); cr(1x1, 4)", blocks=CR)) == ["conv1", "relu1", "conv2", "relu2"]


def test_a_default_may_use_the_parameters_before_it_and_the_files_names() -> None:
    block = "block b(a, c=2 * a, d=c + base) { conv 1x1 x a -> conv 1x1 x c -> conv 1x1 x d }\nlet base = 10"
    assert shapes(body("b 3", blocks=block)) == ["3x32x32", "6x32x32", "16x32x32"]


def test_a_default_may_not_use_the_parameters_behind_it() -> None:
    assert codes(body("b()", blocks="block b(a=c, c=3) { conv 1x1 x a }")) == ["E102"]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("cr 3x3", "E302"),
        ("cr(3x3, 8, 1, 0, 7)", "E309"),
        ("cr(3x3, 8, kernel=1x1)", "E308"),
        ("cr 3x3/2 x8 stride=2", "E308"),
        ("cr 3x3 x8 dilation=2", "E301"),
        ("cr 3x3 8", "E004"),
        ("cr 3x3 x8 { | relu }", "E106"),
        ("crr 3x3 x8", "E101"),
    ],
)
def test_arguments_are_checked(call: str, code: str) -> None:
    assert codes(body(call, blocks=CR)) == [code]


def test_a_wrong_parameter_offers_the_nearest() -> None:
    assert "did you mean `stride`?" in messages(body("cr 3x3 x8 stryde=2", blocks=CR))
    assert "did you mean `cr`?" in messages(body("crr 3x3 x8", blocks=CR))


def test_a_block_does_not_see_its_callers_names() -> None:
    block = "block b() { conv 1x1 x width }"
    assert codes(body("let width = 8; b; conv 1x1 x width", blocks=block)) == ["E102"]


def test_a_block_sees_its_files_names_wherever_they_stand() -> None:
    text = "block b() { later -> conv 1x1 x width }\nnet N { input 3x8x8; b }\nblock later { relu }\nlet width = 5"
    assert shapes(text) == ["3x8x8", "5x8x8"]


def test_blocks_operations_and_tensors_are_values() -> None:
    block = "block each(f, t) { f; add { | | t } }"
    assert kinds(body("relu as r; each(tanh, r); each(f=sigmoid, t=r)", blocks=block)) == [
        "relu", "tanh", "add", "sigmoid", "add",
    ]  # fmt: skip


def test_a_parameter_that_holds_a_block_is_called() -> None:
    block = f"{CR}\nblock twice(unit, c) {{ unit(1x1, c); unit(3x3, c, pad=same) }}"
    assert kinds(body("twice(cr, 4); twice(conv, 4)", blocks=block)) == ["conv", "relu"] * 2 + ["conv", "conv"]


def test_lists_are_values() -> None:
    block = "block stack(widths) { for w in widths { conv 1x1 x w } }"
    assert shapes(body("stack([4, 5]); stack([])", blocks=block)) == ["4x32x32", "5x32x32"]


def test_in_is_the_tensor_that_came_in() -> None:
    block = "block b { conv 3x3 x (2 * in.channels) same; maxpool 2x2; conv 1x1 x in.height }"
    assert shapes(body("conv 1x1 x4; b", blocks=block))[1:] == ["8x32x32", "8x16x16", "32x16x16"]


def test_a_block_may_call_itself_where_an_if_ends_it() -> None:
    block = "block down(n) { relu; if n > 0 { down(n - 1) } }"
    assert kinds(body("down 3", blocks=block)) == ["relu"] * 4


def test_a_block_that_calls_itself_without_end_is_one_error() -> None:
    assert codes(body("b", blocks="block b { relu; b }")) == ["E109"]
    assert codes(body("a", blocks="block a { b }\nblock b { a }")) == ["E109"]


def test_several_results_are_named_in_order() -> None:
    text = body("both(4) as wide, small; small -> upconv 2x2/2 x4 as up; add(wide, up)", blocks=BOTH)
    assert outputs(text) == {"output": "4x32x32"}


@pytest.mark.parametrize(
    "rest", ["both(4); relu", "both(4)", "both(4) as a; a -> relu", "both(4) as a, b, c; add(a, b, c)"]
)
def test_several_results_need_their_names(rest: str) -> None:
    assert codes(body(rest, blocks=BOTH)) == ["E113"]


def test_one_result_takes_one_name() -> None:
    assert codes(body("relu as a, b")) == ["E113"]


def test_an_output_of_a_block_may_be_a_pipeline() -> None:
    block = "block b { relu as r; output low = r -> maxpool 2x2, r }"
    assert outputs(body("b as low, high; low -> upconv 2x2/2 x3 as up; add(up, high)", blocks=block)) == {
        "output": "3x32x32"
    }


def test_one_output_is_the_result() -> None:
    assert (
        shapes(body("b -> sigmoid", blocks="block b { relu as r; r -> maxpool 2x2 as m; output m }"))[-1] == "3x16x16"
    )


def test_an_input_stands_in_a_net() -> None:
    assert codes(body("b", blocks="block b { input 3x8x8; relu }")) == ["E106"]


def test_a_training_output_stands_in_a_net() -> None:
    assert codes(body("b", blocks="block b { training output aux = relu; tanh }"))[0] == "E106"


def test_a_block_may_hide_an_operation_with_a_warning() -> None:
    assert codes(body("conv 4", blocks="block conv(c) { fc c axis=channels }")) == ["W102"]


@pytest.mark.parametrize(
    "blocks",
    ["block b(c, c) { conv 1x1 x c }", "let c = 3\nblock b(c) { conv 1x1 x c }", "block b(b) { conv 1x1 x b }"],
)
def test_a_parameter_hides_nothing(blocks: str) -> None:
    """Reported once, where the parameter stands, however often the block is called."""
    found = program(body("b(c=4); b(c=4)" if "(c" in blocks else "b(4)", blocks=blocks)).diagnostics
    assert [each.code for each in found] == ["E103"]
    assert found[0].span.start < blocks.index("{")


def test_a_nets_parameters_hide_nothing() -> None:
    assert codes("let n = 3\nnet N(n=4) { input 3x8x8; conv 1x1 x n }") == ["E103"]
    assert codes("net N(n=4, n=5) { input 3x8x8; conv 1x1 x n }") == ["E103"]


def test_two_blocks_or_nets_of_one_name_are_an_error() -> None:
    assert codes("block b { relu }\nblock b { tanh }\nnet N { input 3x8x8; b }") == ["E103"]
    assert codes("net N { input 3x8x8; relu }\nnet N { input 3x8x8; relu }") == ["E103"]


def test_a_nets_parameters_come_from_outside() -> None:
    text = "net N(classes=10, width=2 * classes) { input 8; fc width -> fc classes }"
    assert program(text).nets[0].report.outputs[0].type.shape == (10,)
    assert program(text, classes="4").nets[0].graph.layers()[0].outputs[0].type.shape == (8,)
    assert codes(text, clases="4") == ["E301"]
    assert codes("net N(classes) { input 8; fc classes }") == ["E302"]
    assert codes("net N(classes) { input 8; fc classes }", classes="3 + 4") == []
