"""The standard library of blocks: each compiles to both targets, and what it says of itself holds."""

from __future__ import annotations

import pytest

import netdsl

BODIES = {
    "conv_bn": ("conv_bn(3, 8, stride=2)", "8x8x8"),
    "depthwise": ("depthwise 5/2", "4x8x8"),
    "separable": ("separable 3 x8", "8x16x16"),
    "se": ("se 2", "4x16x16"),
    "inverted_residual": ("inverted_residual(4)", "4x16x16"),
    "inverted_residual_that_shrinks": ("inverted_residual(6, stride=2, squeeze=2)", "6x8x8"),
}


def text(body: str) -> str:
    block = body.split("(", maxsplit=1)[0].split(maxsplit=1)[0]
    return f"use {block} from std\nnet Example {{\n    input 4x16x16\n    {body}\n}}\n"


@pytest.mark.parametrize("body", BODIES, ids=str)
def test_a_block_of_the_library_compiles_to_both_targets(body: str) -> None:
    call, shape = BODIES[body]
    net = netdsl.parse(text(call)).only()
    assert [str(output.type) for output in net.report.outputs] == [shape]
    assert net.verify().agrees


def test_inverted_residual_has_its_shortcut_only_where_it_fits() -> None:
    fits = netdsl.parse(text("inverted_residual(4)")).only()
    shrinks = netdsl.parse(text("inverted_residual(4, stride=2)")).only()
    assert [layer.operation for layer in fits.report.layers].count("add") == 1
    assert [layer.operation for layer in shrinks.report.layers].count("add") == 0


def test_what_the_library_lacks_is_a_diagnostic() -> None:
    found = netdsl.parse("use sse from std\nnet Example { input 4x16x16; sse 2 }").diagnostics
    assert [diagnostic.code for diagnostic in found] == ["E112"]
