"""`param` in both targets: its name, its batch, and its first numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import netdsl
from netdsl.weights.initializers import Constant, Normal

TOKENS = """
net Tokens {
    input words: 4xT
    token: param 4x1 std=0.02 as token
    concat(token, words, axis=length) -> conv 1 x4
}
"""
NAMES = """
net Names {
    input token: 4x7
    input other: 4x7
    token: param 4x7 as shift
    g: { param 4x7 as last; add(other, shift, last) }
    output shift = here, token2 = shift
}
"""
SHARED = """
block mark(width) { add { | | shift: param (width, 6) std=1 } -> conv 1 x (width + 2) }
net Shared {
    input left: 4x6
    input right: 4x6
    share tower { shift: param 4x6 std=1; add(here, in) -> conv 3 x4 pad=1 }
    left -> tower as a
    right -> tower as b
    add(a, b) -> mark1: mark(4) -> mark2: mark(6)
}
"""
TRAINING = """
net Training {
    input image: 3x5
    conv 1 x3 as kept
    kept -> conv 3 x3 as aux
    token: param 3x1 as token
    output kept, token
    training output aux
}
"""
PROGRAMS = {"tokens": TOKENS, "names": NAMES, "shared": SHARED, "training": TRAINING}


@pytest.mark.parametrize("batch", [0, 1, 3])
@pytest.mark.parametrize("program", PROGRAMS)
def test_both_targets_agree_for_every_batch(program: str, batch: int) -> None:
    assert netdsl.parse(PROGRAMS[program]).only().verify(batch=batch).agrees


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_state_dict_has_the_names_of_the_weights(program: str) -> None:
    net = netdsl.parse(PROGRAMS[program]).only()
    state = net.module().state_dict()
    assert {name: tuple(array.shape) for name, array in state.items()} == {
        name: weight.shape for name, weight in net.weights().items()
    }


def test_names_of_inputs_and_of_learned_tensors_do_not_meet_in_onnx() -> None:
    net = netdsl.parse(NAMES).only()
    model = net.onnx()
    initializers = {array.name for array in model.graph.initializer}
    assert {"token.weight", "g.0"} <= initializers
    assert not initializers & {value.name for value in (*model.graph.input, *model.graph.output)}
    assert "token" in net.weights()


def test_the_first_numbers_are_zero_or_normal() -> None:
    weights = netdsl.parse(SHARED.replace("std=1", "std=0.5", 1)).only().weights()
    assert weights["mark1.shift"].initializer == Normal(0.0, 0.5)
    assert weights["tower.shift"].initializer == Normal(0.0, 1.0)
    assert netdsl.parse(NAMES).only().weights()["token"].initializer == Constant(0.0)
    wide = netdsl.parse("net Wide { input words: 4x9; add { | | shift: param 4x9 std=3 } }").only()
    torch.manual_seed(0)
    numbers = torch.cat([wide.module().state_dict()["shift"].flatten() for _ in range(100)]).numpy()
    assert np.std(numbers) == pytest.approx(3, rel=0.05)


@pytest.mark.parametrize(
    ("options", "call"),
    [
        ("init=normal(0.5)", "nn.init.normal_(nn.Parameter(torch.zeros((1, 4, 9))), std=0.5)"),
        ("init=he", "nn.init.kaiming_normal_(nn.Parameter(torch.zeros((1, 4, 9))))"),
        ("frozen=true", "nn.Parameter(torch.zeros((1, 4, 9)), requires_grad=False)"),
        ("frozen=true init=1", "nn.init.ones_(nn.Parameter(torch.zeros((1, 4, 9)), requires_grad=False))"),
    ],
)
def test_the_options_of_weights_are_its_too(options: str, call: str) -> None:
    net = netdsl.parse(f"net Wide {{ input words: 4x9; add {{ | | s: param 4x9 {options} }} }}").only()
    assert f"self.s = {call}" in " ".join(net.pytorch().split()).replace("( nn", "(nn").replace(" )", ")")
    shift = net.module().get_parameter("s")
    assert shift.requires_grad == net.weights()["s"].trainable == ("frozen" not in options)
    assert (shift.abs().sum() > 0).item() == ("init" in options)


def test_the_source_reads_like_a_persons() -> None:
    text = netdsl.parse(TOKENS).only().pytorch()
    assert "self.token = nn.Parameter(torch.normal(0.0, 0.02, (1, 4, 1)))" in text
    assert "token = self.token.expand(words.shape[0], -1, -1)" in text
    assert "torch.cat([token, words], dim=2)" in text
