"""`param`: a layer that takes nothing of the flow but its batch."""

from __future__ import annotations

import pytest

import netdsl
from netdsl.analysis.receptive import receptive_fields
from tests.graph.nets import body, codes, layers, messages, names, net, program, shapes

TWO_INPUTS = "net Example {{\n    input a: 3x4\n    input b: 3x4\n{}\n}}\n"


def batches(text: str) -> dict[str, str]:
    """The sources of a net, each with the layer or input whose batch it has."""
    sources = {name: layer for name, layer in layers(text).items() if layer.is_source}
    found = {name: layer.batch for name, layer in sources.items()}
    return {name: batch.layer.name if batch.layer else str(batch.name) for name, batch in found.items() if batch}


def test_a_pipeline_and_a_branch_start_with_it() -> None:
    text = body("param 3x1x32 as row; concat(row, image, axis=height); add { | | param 3x33x32 -> relu }")
    assert names(text) == ["param1", "concat1", "param2", "relu1", "add1"]
    assert shapes(text)[1] == "3x33x32"
    assert all(layer.inputs == () for name, layer in layers(text).items() if "param" in name)


def test_it_has_the_batch_of_what_flows() -> None:
    text = body("conv 1x1 x3; add { | relu | param 3x32x32 }")
    assert batches(text) == {"param1": "conv1"}


def test_sources_in_a_row_have_one_batch() -> None:
    assert batches(body("relu as r; param 3x32x32 as p; param 3x32x32 as q; add(r, p, q)")) == {
        "param1": "relu1",
        "param2": "relu1",
    }


@pytest.mark.parametrize("first", ["param 3x4 as p", "a -> relu as r; a -> conv 1 x5 as s; param 3x4 as p"])
def test_where_nothing_needed_flows_it_has_the_batch_of_the_first_input(first: str) -> None:
    text = TWO_INPUTS.format(f"    {first}; add(a, b, p)")
    (checked,) = program(text).nets
    (source,) = [layer for layer in checked.graph.layers() if layer.is_source]
    assert source.batch is checked.graph.inputs[0]


def test_it_does_not_keep_alive_what_only_training_needs() -> None:
    text = body("conv 1x1 x3 as m; m -> conv 3x3 x3 as aux; param 3x1x1 as p; output y = m, p\ntraining output t = aux")
    found = layers(text)
    assert found["conv2"].training_only
    assert not found["param1"].training_only


def test_its_weights_have_its_own_name() -> None:
    text = body(
        "token: param 3x1x32 std=0.5 as row; g: { param 3x1x32 as other; concat(row, image, other, axis=height) }"
    )
    assert [layer.name_of(weight) for layer in layers(text).values() for weight in layer.weights] == ["token", "g.0"]
    assert net(text).report.totals.params == 2 * 96


def test_it_sees_nothing_of_the_input() -> None:
    checked = net(body("conv 3x3 x3 as y; param 3x30x30 as p; output p, y"))
    fields = receptive_fields(checked.graph)
    assert fields[id(checked.graph.outputs["p"])] is None


def test_a_shared_one_is_counted_once() -> None:
    text = body("share t { shift: param 3x32x32 as s; add(s, in) }; t; t")
    assert net(text).report.totals.params == 3 * 32 * 32
    assert batches(text) == {"t.shift": "image", "t.shift#2": "t.add1"}


def test_a_size_that_has_a_value_is_known() -> None:
    text = "net Example {\n    input words: 3xT\n    add { | | param 3xT }\n}\n"
    assert codes(text) == ["E304"]
    assert "`shape` of `param` is 3xT; it must be known sizes" in messages(text)
    fixed = netdsl.parse(text, sizes={"T": 5}).only()
    assert [str(output.type) for output in fixed.report.outputs] == ["3x5"]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("param", "E302"),
        ("param 3x0", "E303"),
        ("param 3x4 std=-1", "E303"),
        ("param (3, 0.5)", "E304"),
        ("param in.channels x3", "E301"),
        ("param 3xN", "E102"),
        ("param 100000x100000x100000", "E206"),
        ("param 3x4 { | relu }", "E106"),
        ('"": param 3', "E114"),
    ],
)
def test_what_is_wrong_is_a_diagnostic(call: str, code: str) -> None:
    assert code in codes(body(call))
