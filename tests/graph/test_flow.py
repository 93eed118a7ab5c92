"""The flow and its calls: lines and arrows, declarations, the two forms of a call, groups, repetition and choice."""

from __future__ import annotations

import pytest

from tests.graph.nets import body, codes, kinds, layers, messages, names, net, outputs, program, shapes, sources


@pytest.mark.parametrize(
    "text",
    ["relu -> tanh -> elu", "relu\ntanh\nelu", "relu; tanh; elu", "relu\n -> tanh ->\n elu", "{ relu; tanh } -> elu"],
)
def test_arrows_lines_and_semicolons_say_then(text: str) -> None:
    found = layers(body(text))
    assert {name: sources(layer) for name, layer in found.items()} == {
        "relu1": ["image"],
        "tanh1": ["relu1"],
        "elu1": ["tanh1"],
    }


@pytest.mark.parametrize(
    "declaration",
    [
        "let width = 0; budget params == width",
        "share unit { relu }; add { | unit | }",
        "default conv bias=false",
        "budget params == 0",
        "train { loss cross_entropy; optimizer sgd lr=0.1 }",
        "training output aux = conv 1x1 x3",
    ],
)
def test_declarations_leave_the_flow_alone(declaration: str) -> None:
    found = layers(body(f"relu as before\n{declaration}\ntanh -> concat([before, here])"))
    first = "relu1" if "share" not in declaration else "add1"
    assert sources(found["tanh1"]) == [first]


def test_the_last_statement_leaves_the_output() -> None:
    assert outputs(body("conv 1x1 x4 -> relu")) == {"output": "4x32x32"}
    assert outputs(body("")) == {"output": "3x32x32"}


def test_with_several_inputs_a_flow_starts_from_a_name() -> None:
    inputs = "net N { input a: 3x8x8; input b: 3x8x8;"
    assert codes(f"{inputs} relu; add(a, b) }}") == ["E107"]
    assert codes(f"{inputs} a -> relu as r; add(r, b) -> tanh }}") == []
    assert codes(f"{inputs} }}") == ["E106"]
    assert codes("net N { input 3x8x8; input 3x8x8; relu }")[0] == "E103"


def test_without_an_input_nothing_flows() -> None:
    assert codes("net N { relu }") == ["E107"]
    assert codes("net N { }") == ["E107"]


def test_an_input_without_a_name_is_called_input() -> None:
    assert [tensor.name for tensor in net("net N { input 3x8x8; relu }").report.inputs] == ["input"]


# ---- calls -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        "conv 3x3/2 x8 pad=1",
        "conv 3/2 x8 pad=1",
        "conv 3x3 pad=1 x8 /2",
        "conv 3x3 stride=2 channels=8 pad=1x1",
        "conv kernel=3x3 x8 /2 pad=(1, 1)",
        "conv (3, 3)/(2, 2) x (2 * 4) pad=(3 // 2)",
        "conv(3x3, 8, 2, 1)",
        "conv(3x3, 8, pad=1, stride=4 // 2,)",
        "conv 3x3/2 x8 same",
        "conv(3x3, 8, stride=2, pad=same)",
    ],
)
def test_both_forms_say_the_same(call: str) -> None:
    assert shapes(body(call)) == ["8x16x16"]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("conv 3x3 x8 relu", "E004"),
        ("conv 3 3 x8", "E004"),
        ("fc 10 20", "E004"),
        ("conv 3x3 x8 x9", "E308"),
        ("conv 3x3/2 x8 stride=2", "E308"),
        ("conv 3x3 x8 pad=1 same", "E308"),
        ("conv 3x3 x8 stryde=2", "E301"),
        ("relu 3", "E309"),
        ("conv(3x3, 8, 1, 0, 1, 1, true, false, 5)", "E309"),
        ("conv", "E302"),
        ("conv 3x3", "E302"),
        ("conv 3x3 x(3 / 2)", "E305"),
        ("conv 3x3 x0", "E303"),
        ("conv 3x3 x8 pad=-1", "E303"),
        ("conv 3x3 x8 bias=3", "E304"),
        ("conv 3x3x3 x8", "E202"),
        ("convv 3x3 x8", "E101"),
    ],
)
def test_arguments_are_checked(call: str, code: str) -> None:
    assert codes(body(call))[:1] == [code]


def test_two_mistakes_in_one_net_are_two_errors() -> None:
    assert codes(body("conv 3x3 x8 stryde=2\nbudget parms < 3\nlet a = 1 // 0\nconv 1x1 x a")) == ["E301", "E311"]


def test_what_hangs_on_a_mistake_stays_silent() -> None:
    assert codes(body("fc 10 -> conv 3x3 x8 -> maxpool 2x2 :: 5x5x5 -> fc 3 as a; add(a, image)")) == ["E203"]


def test_sizes_that_need_axes_are_one_error() -> None:
    assert codes(body("conv 3 x8 pad=1", "784")) == ["E208"]


def test_the_rank_comes_from_the_tensor() -> None:
    assert shapes(body("conv 3 x8 -> maxpool 2", "3x32")) == ["8x30", "8x15"]
    assert shapes(body("conv 3 x8 -> maxpool 2", "3x32x32")) == ["8x30x30", "8x15x15"]
    assert shapes(body("conv 3 x8 -> maxpool 2", "3x8x32x32")) == ["8x6x30x30", "8x3x15x15"]


# ---- groups and repetition -------------------------------------------------------------------


def test_a_group_is_repeated_with_fresh_weights() -> None:
    found = layers(body("{ conv 1x1 x3 -> relu } * 3"))
    assert list(found) == [f"{kind}{i}" for i in (1, 2, 3) for kind in ("conv", "relu")]
    assert not any(layer.shares_weights for layer in found.values())


@pytest.mark.parametrize(("count", "layers_made"), [("0", 0), ("1", 1), ("(2 - 1)", 1), ("3", 3), ("len([1, 2])", 2)])
def test_the_count_is_an_expression(count: str, layers_made: int) -> None:
    assert kinds(body(f"{{ relu }} * {count}")) == ["relu"] * layers_made


@pytest.mark.parametrize("text", ["unit(3) * 2", "add { | conv 1x1 x3 | } * 2", "conv(1x1, 3) * 2", "{ relu }\n * 2"])
def test_it_follows_a_brace_or_a_bracket(text: str) -> None:
    assert codes(body(text, blocks="block unit(c) { conv 1x1 x c }")) == []


@pytest.mark.parametrize(
    "text", ["conv 1x1 x3 * 2", "relu * 2", "conv 1x1 x (3) * 2", "conv 1x1 x max(3, 2) * 2", "if true { relu } * 2"]
)
def test_elsewhere_it_is_an_error(text: str) -> None:
    assert codes(body(text)) == ["E007"]


def test_a_repetition_is_not_repeated() -> None:
    assert codes(body("{ relu } * 2 * 3")) == ["E007"]
    assert kinds(body("{ { relu } * 2 } * 3")) == ["relu"] * 6


@pytest.mark.parametrize(
    ("count", "code"), [("-1", "E306"), ("1_000_000_000", "E306"), ("1.5", "E305"), ("true", "E106"), ("n", "E102")]
)
def test_a_count_is_a_whole_number_within_the_limit(count: str, code: str) -> None:
    assert codes(body(f"{{ relu }} * {count}")) == [code]


def test_an_expansion_beyond_the_limit_is_refused_beforehand() -> None:
    assert codes(body("{ { { relu } * 1_000 } * 1_000 } * 1_000")) == ["E307"]
    assert codes(body("for i in range(1_000) { { relu; tanh } * 1_000 }")) == ["E307"]


# ---- choice ----------------------------------------------------------------------------------


def test_if_without_else_passes_the_tensor_on() -> None:
    assert kinds(body("if false { relu } -> tanh")) == ["tanh"]
    assert kinds(body("if true { relu } -> tanh")) == ["relu", "tanh"]


def test_only_the_chosen_body_is_looked_at() -> None:
    assert kinds(body("if true { relu } else if convv == 3 { convv } else { fc 10 }")) == ["relu"]
    assert kinds(body("if 1 > 2 { fc 10 } else if 2 > 1 { tanh } else { fc 10 }")) == ["tanh"]


@pytest.mark.parametrize("condition", ["1", '"yes"', "image", "relu", "[1]"])
def test_a_condition_is_a_truth_value(condition: str) -> None:
    assert codes(body(f"if {condition} {{ relu }}")) == ["E106"]


def test_for_runs_over_lists_and_sizes() -> None:
    assert shapes(body("for w in [4, 5] { conv 1x1 x w }; for w in 6x7 { conv 1x1 x w }; for w in [] { relu }")) == [
        "4x32x32", "5x32x32", "6x32x32", "7x32x32",
    ]  # fmt: skip


def test_for_takes_members_apart() -> None:
    text = body("for k, w in [(1, 4), (3, 5)] { conv k x w }; for i, (a) in enumerate([6]) { relu }")
    assert codes(text)[0] == "E001"
    assert shapes(body("for k, w in [(1, 4), (3, 5)] { conv k x w }")) == ["4x32x32", "5x30x30"]
    assert codes(body("for a, b in [(1, 2, 3)] { relu }")) == ["E113"]
    assert codes(body("for a, b in [1, 2] { relu }")) == ["E113"]
    assert codes(body("for a in 3 { relu }")) == ["E106"]
    assert "range(n)" in messages(body("for a in 3 { relu }"))


# ---- outputs ---------------------------------------------------------------------------------


def test_outputs_are_named() -> None:
    text = body("relu as r; tanh as t; output r, other = t; output third = r -> maxpool 2x2")
    assert outputs(text) == {"r": "3x32x32", "other": "3x32x32", "third": "3x16x16"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("relu as r; output r; output r", "E103"),
        ("relu as r; output r; training output r = tanh", "E103"),
        ("output missing; relu", "E102"),
        ("let a = 3; relu; output a", "E106"),
    ],
)
def test_outputs_are_tensors_of_different_names(text: str, code: str) -> None:
    assert code in codes(body(text))


def test_a_training_output_is_in_no_total() -> None:
    text = body("relu as r; fc 5 axis=channels; training output aux = r -> conv 3x3 x64 -> fc 3 axis=channels")
    report = net(text).report
    assert [output.name for output in report.outputs] == ["output"]
    assert [output.name for output in report.training_outputs] == ["aux"]
    assert report.totals.params == 20
    assert {layer.name for layer in report.layers if layer.training_only} == {"conv1", "fc2"}


def test_what_inference_needs_too_is_no_training_layer() -> None:
    report = net(body("relu as r -> tanh; training output aux = r")).report
    assert [layer.name for layer in report.layers if layer.training_only] == []


# ---- assertions and budgets ------------------------------------------------------------------


def test_an_assertion_that_holds_says_nothing() -> None:
    assert codes(body("let n = 32; conv 1x1 x4 :: 4x32x32 :: (4, n, in.width) -> relu :: (here.channels, n, n)")) == []


def test_checking_goes_on_from_the_shape_that_is() -> None:
    found = program(body("conv 3x3 x4 :: 4x31x31 -> maxpool 2x2 :: 4x15x15")).diagnostics
    assert [each.code for each in found] == ["E201"]
    assert "4x30x30" in found[0].message


def test_one_wrong_size_is_one_error_and_a_second_mistake_a_second() -> None:
    assert codes(body("conv 3x3 x4 :: 4x31x31 -> relu :: 4x31x31")) == ["E201"]
    assert codes(body("conv 3x3 x4 :: 4x31x31 -> relu :: 4x30x30 -> tanh :: 4x9x9")) == ["E201", "E201"]


def test_an_assertion_about_several_tensors_is_refused() -> None:
    block = "block b { relu as a; tanh as c; output a, c }"
    assert codes(body("b :: 3x32x32 as p, q; add(p, q)", blocks=block)) == ["E113"]


def test_budgets_hold_or_fail() -> None:
    assert (
        codes(body("conv 1x1 x4\nbudget params == 16, macs == 12_288, flops == 2 * macs, activations == 4_096")) == []
    )
    assert codes(body("bn\nbudget trainable == 6 and buffers == 6, bytes == 4 * (params + buffers)")) == []
    assert codes(body("conv 1x1 x4\nbudget params < 16, macs < 1K")) == ["E310", "E310"]
    assert codes(body("conv 1x1 x4\nbudget parms < 16")) == ["E102"]
    assert codes(body("conv 1x1 x4\nbudget params")) == ["E106"]


def test_a_budget_in_a_block_is_the_nets() -> None:
    assert codes(body("b; conv 1x1 x4", blocks="block b { budget params == 16; relu }")) == []


def test_a_net_with_mistakes_has_no_budget_to_keep() -> None:
    assert codes(body("fc 3\nbudget params == 1")) == ["E203"]


def test_groups_in_one_another_keep_their_order() -> None:
    assert names(body("{ { conv 1x1 x3 -> { relu } } -> tanh } -> elu")) == ["conv1", "relu1", "tanh1", "elu1"]
