"""Sizes that are left open: where they come from, what they are worth, and what needs to know them."""

from __future__ import annotations

import pytest

from netdsl.compiler import check
from netdsl.source import Source
from tests.graph.nets import body, codes, messages, net, outputs, program, shapes

UNET = """
block double(c) {{ {{ conv 3x3 x c same -> relu }} * 2 }}
block up(c, skip) {{ upconv 2x2/2 x c; concat {{ | skip | }}; double(c) }}
net UNet {{
    input {shape}
    double(4) as d1
    maxpool 2x2 -> double(4) as d2
    maxpool 2x2 -> double(4) as d3
    maxpool 2x2 -> double(4)
    up(4, d3); up(4, d2); up(4, d1)
}}
"""


def test_shapes_are_expressions_in_the_symbols() -> None:
    assert shapes(body("conv 3x3 x4 -> maxpool 2x2 -> conv 3x3/2 x4 pad=1", "3xHxW")) == [
        "(4, H - 2, W - 2)", "(4, H//2 - 1, W//2 - 1)", "(4, H//4, W//4)",
    ]  # fmt: skip


def test_one_name_is_one_size() -> None:
    text = "net N { input a: 3xHxW; input b: 3xHxW; add(a, b) }"
    assert outputs(text) == {"output": "3xHxW"}
    assert codes("net N { input a: 3xHxW; input b: 3xKxW; add(a, b) }") == ["E222"]


def test_they_are_compared_by_value() -> None:
    assert codes(body("maxpool 2x2 -> maxpool 2x2 :: (3, H // 4, (W // 2) // 2)", "3xHxW")) == []
    assert codes(body("conv 3x3/2 x3 same :: (3, (H + 1) // 2, W - W // 2)", "(3, 2*H, 2*W)")) != []
    assert codes(body("conv 3x3/2 x3 same :: (3, H, W)", "(3, 2*H, 2*W)")) == []


def test_costs_are_expressions() -> None:
    totals = net(body("conv 1x1 x4\nbudget macs == 12 * H * W, params == 16", "3xHxW")).report.totals
    assert str(totals.macs) == "12*H*W"


def test_they_can_be_fixed() -> None:
    found = check(Source("open.net", body("conv 3x3 x4", "3xHxW")), sizes={"H": 10, "W": 12})
    assert found.nets[0].report.totals.macs == 108 * 8 * 10


def test_only_inputs_introduce_them() -> None:
    assert set(codes(body("conv 3x3 x4 :: 4xKxL", "3xHxW"))) == {"E102"}
    assert codes(body("let a = 3xK; conv a x4", "3xHxW")) == ["E102"]
    assert codes(body("b", "3xHxW", "block b { relu :: 3xHxW }"))[0] == "E102"


def test_small_letters_are_names_and_not_symbols() -> None:
    assert set(codes(body("relu", "(3, h, w)"))) == {"E102"}
    assert shapes("net N(n=8) { input (3, n, 2 * n); relu }") == ["3x8x16"]


def test_a_symbol_is_a_name_behind_the_input() -> None:
    assert codes(body("let H = 3; relu", "3xHxW")) == ["E103"]
    assert codes(body("if in.height == H { relu }", "3xHxW")) == []


def test_a_unet_is_proved_on_multiples() -> None:
    assert codes(UNET.format(shape="(1, 8*H, 8*W)")) == []
    assert outputs(UNET.format(shape="(1, 8*H, 8*W)")) == {"output": "(4, 8*H, 8*W)"}


def test_on_free_sizes_one_diagnostic_derives_the_condition() -> None:
    (found,) = program(UNET.format(shape="1xHxW")).diagnostics
    assert found.code == "E222"
    assert "8 divides H" in found.message
    assert "8 divides W" in found.message
    assert "input (1, 8*H, 8*W)" in str(found.help)
    assert len([note for note in found.related if " meet: " in note.message]) == 3


def test_sizes_that_never_agree_are_a_mismatch() -> None:
    assert codes(body("conv 3x3 x3 as c; add(c, image)", "3xHxW")) == ["E213"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("flatten -> fc 10", "E209"),
        ("conv 1x1 x here.height", "E304"),
        ("{ relu } * in.height", "E106"),
        ("if in.height > 3 { relu }", "E311"),
        ("if in.height == in.width { relu }", "E311"),
        ("let a = in.height / 2; relu :: (3, a, a)", "E311"),
    ],
)
def test_what_needs_a_number_says_so(text: str, code: str) -> None:
    assert codes(body(text, "3xHxW"))[:1] == [code]


def test_the_advice_for_a_dense_layer() -> None:
    assert "global_avgpool" in messages(body("flatten -> fc 10", "3xHxW"))
    assert outputs(body("global_avgpool -> flatten -> fc 10", "3xHxW")) == {"output": "10"}


def test_conditions_that_hold_for_all_sizes_are_decided() -> None:
    assert codes(body("if here.height == H and in.channels == 3 { relu } else { fc 10 }", "3xHxW")) == []


def test_channels_with_weights_are_known() -> None:
    assert codes(body("conv 1x1 x4", "(C, 8, 8)")) == ["E209"]
    assert shapes(body("relu -> maxpool 2x2", "(C, 8, 8)")) == ["Cx8x8", "Cx4x4"]


def test_what_the_windows_need_is_stated() -> None:
    needs = net(body("conv 7x7 x4", "3xHxW")).report.needs
    assert [(str(size), least) for size, least in needs] == [("H", 7), ("W", 7)]


@pytest.mark.parametrize(
    "shape", ["3x0x4", "(3, -1, 4)", "(3, 1.5, 4)", "(3, true, 4)", "float16[3x4]", "(3, H / 2, W)"]
)
def test_a_shape_is_made_of_sizes(shape: str) -> None:
    assert len(codes(body("relu", shape))) == 1


def test_element_types() -> None:
    assert outputs(body("identity", "int64[T]")) == {"output": "int64[T]"}
    assert outputs(body("identity", "float32[3x4]")) == {"output": "3x4"}
