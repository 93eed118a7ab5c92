"""`frozen`, `init` and `bias_init`: options of every layer with weights."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

import netdsl
from netdsl.ops.contract import Weight
from netdsl.weights.initializers import Constant, Normal

SPEC = """
net Small(start=he) {{
    input image: 3x8x8
    {body}
}}
"""


def weights(body: str) -> Mapping[str, Weight]:
    return netdsl.parse(SPEC.format(body=body))["Small"].weights()


def test_init_is_for_the_weights_and_biases_begin_at_0() -> None:
    found = weights("conv 3x3 x4 init=normal(0.01)")
    assert found["conv1.weight"].initializer == Normal(0.0, 0.01)
    assert found["conv1.bias"].initializer == Constant(0.0)


def test_biases_can_begin_elsewhere() -> None:
    assert weights("conv 3x3 x4 init=he bias_init=1")["conv1.bias"].initializer == Constant(1.0)
    found = weights("conv 3x3 x4 bias_init=1")
    assert found["conv1.bias"].initializer == Constant(1.0)
    assert found["conv1.weight"].initializer != Constant(1.0)


def test_a_start_is_a_value_that_blocks_hand_on() -> None:
    assert weights("conv 3x3 x4 init=start")["conv1.weight"].initializer == Normal(0.0, (2 / 27) ** 0.5)


def test_defaults_say_it_for_all_layers_of_a_kind_and_a_call_for_itself() -> None:
    found = weights("default conv init=zeros; conv 3x3 x4; conv 3x3 x4 init=ones; fc 2 axis=channels")
    assert [found[f"conv{number}.weight"].initializer for number in (1, 2)] == [Constant(0.0), Constant(1.0)]
    assert found["fc1.weight"].initializer not in (Constant(0.0), Constant(1.0))


def test_a_normalisation_begins_at_0_and_its_statistics_stay() -> None:
    found = weights("bn init=zeros")
    assert found["bn1.weight"].initializer == Constant(0.0)
    assert found["bn1.running_var"].initializer == Constant(1.0)


def test_what_is_frozen_counts_and_is_not_trainable() -> None:
    net = netdsl.parse(SPEC.format(body="conv 3x3 x4 frozen=true; bn frozen=true; conv 1x1 x2"))["Small"]
    assert net.report.totals.params == 3 * 4 * 9 + 4 + 8 + 4 * 2 + 2
    assert net.report.totals.trainable == 4 * 2 + 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("conv 3x3 x4 frozen=1", "E304"),
        ("conv 3x3 x4 init=3x3", "E304"),
        ("conv 3x3 x4 init=normal(0)", "E311"),
        ("conv 3x3 x4 init=normal", "E304"),
        ("conv 3x3 x4 init=hee", "E102"),
        ("relu frozen=true", "E301"),
        ("maxpool 2 init=he", "E301"),
        ("bn init=bilinear", "E313"),
    ],
)
def test_what_no_layer_can_do_is_refused(body: str, code: str) -> None:
    program = netdsl.parse(SPEC.format(body=body))
    assert [found.fact.code for found in program.diagnostics if found.fact.is_error] == [code]


def test_drawn_weights_begin_as_the_spec_says() -> None:
    model = netdsl.parse(SPEC.format(body="conv 3x3 x4 init=0.5"))["Small"].onnx()
    (weight,) = (each for each in model.graph.initializer if each.name == "conv1.weight")
    assert np.all(np.frombuffer(weight.raw_data, "<f4") == 0.5)
