"""Gradients of generated modules agree with finite differences in float64, for every operation with weights."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.func import functional_call

import netdsl
from netdsl.ops import operations
from netdsl.ops.contract import Operation
from netdsl.verify import random_inputs, smallest_sizes
from tests.pytorch.usable import results

NETS = {
    "attention": "input data: 4x3; attention heads=2",
    "bn": "input data: 2x3x3; conv 2x2 x2 -> bn",
    "conv": "input data: 2x5x6; conv 3x2/2 x4 pad=1 groups=2 -> tanh -> conv 2 x2 same dilation=2",
    "cross_attention": "input data: 4x2; input memory: 4x3; cross_attention(data, memory, heads=2)",
    "embed": "input data: int64[4]; embed 5 x3 -> tanh",
    "fc": "input data: 2x3; fc 3 axis=channels -> sigmoid -> flatten -> fc 2",
    "group_norm": "input data: 4x2x2; group_norm 2",
    "gru": "input data: 2x3; gru 2 layers=2",
    "instance_norm": "input data: 2x3x2; instance_norm affine=true",
    "layer_norm": "input data: 3x2x2; layer_norm",
    "lstm": "input data: 2x3; lstm 2 bidirectional=true",
    "param": "input data: 2x3; add { | | param 2x1 }",
    "positions": "input data: 2x3; positions 4",
    "prelu": "input data: 2x3x3; prelu",
    "rms_norm": "input data: 3x2x2; rms_norm",
    "rnn": "input data: 2x3; rnn 2",
    "scale": "input data: 3x2x2; scale 0.5",
    "upconv": "input data: 2x3x3; upconv 3x3/2 x2 pad=1",
    "window_attention": "input data: 4x4x4; window_attention 2x2 heads=2 shift=1x1",
    "shared": """
        share tower { fc 2 -> tanh }
        input data: 3; input other: 3; data -> tower as a; other -> tower as b; add(a, b)
        """,
    "training": """
        input data: 2x3x3; conv 1x1 x2 as early; relu -> flatten -> fc 2
        training output aux = early -> fc 1 axis=channels
        """,
}


@pytest.mark.parametrize("word", NETS)
def test_gradients_are_those_of_finite_differences(word: str) -> None:
    torch.manual_seed(0)
    net = netdsl.parse(f"net Small {{ {NETS[word]} }}").only()
    module = net.module().double().train()
    arrays = [torch.from_numpy(array) for array in random_inputs(net.graph, smallest_sizes(net.graph), 2, 0).values()]
    inputs = [each.double().requires_grad_() if each.is_floating_point() else each for each in arrays]
    weights = {name: weight.detach().requires_grad_() for name, weight in module.named_parameters()}

    def answer(*given: Tensor) -> Tensor:
        """A mixture of all that the module gives."""
        state = dict(zip(weights, given, strict=False))
        parts = torch.cat([each.flatten() for each in results(functional_call(module, state, given[len(state) :]))])
        return torch.dot(parts, torch.linspace(-1, 2, len(parts), dtype=parts.dtype))

    assert torch.autograd.gradcheck(answer, (*weights.values(), *inputs))


def test_every_operation_with_weights_is_among_them() -> None:
    words = {word for word, operation in operations().items() if operation.weights is not Operation.weights}

    assert words <= NETS.keys()
    assert all(word in NETS[word] for word in words)
