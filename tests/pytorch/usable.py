"""What a person does with a generated module: load weights, train a step, compile it, export it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from netdsl.api import Net
from netdsl.verify import random_inputs, smallest_sizes
from netdsl.weights.sources import Lively

BATCH = 2
TOLERANCE = 1e-5
RATE = 1e-3
MOST_PASSES = 4


@dataclass(frozen=True)
class Used:
    """What came of it.

    Attributes:
        arrays: how many the state dict has.
        learning: how many of them have a gradient that is not 0 everywhere.
        idle: the parameters that have none, and are not frozen.
        compiled: the largest difference of the compiled module's answers, as a part of max(1, largest answer).
        exported: that of the exported one's.
    """

    arrays: int
    learning: int
    idle: tuple[str, ...]
    compiled: float
    exported: float

    @property
    def agrees(self) -> bool:
        """Whether both answer as the module itself; NaN never does."""
        return self.compiled <= TOLERANCE and self.exported <= TOLERANCE


def use(net: Net) -> Used:
    """Do it all; raises where PyTorch refuses, or where a loss or a gradient is no number."""
    torch.manual_seed(0)
    module = net.module(weights=Lively(0))
    arrays = random_inputs(net.graph, smallest_sizes(net.graph), BATCH, seed=0)
    inputs = tuple(map(torch.from_numpy, arrays.values()))
    learning, idle = _step(module.train(), inputs)
    module.eval()
    with torch.no_grad():
        answers = results(module(*inputs))
        compiled = _difference(answers, _compiled(module)(*inputs))
        exported = _difference(answers, torch.export.export(module, inputs).module()(*inputs))
    return Used(len(module.state_dict()), learning, idle, compiled, exported)


def results(output: Any) -> tuple[Tensor, ...]:
    """What a module returns, as a tuple."""
    return output if isinstance(output, tuple) else (output,)


def _step(module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[int, tuple[str, ...]]:
    """A step of stochastic gradient descent: how many parameters have a gradient, and the names of the others.

    Stochastic depth may leave a block out for a whole batch, so that those without a gradient are given more passes.
    """
    parameters = {name: weight for name, weight in module.named_parameters() if weight.requires_grad}
    idle = tuple(parameters)
    for _ in range(MOST_PASSES):
        loss = sum((each - 1).square().mean() for each in results(module(*inputs)))
        assert isinstance(loss, Tensor)
        assert loss.isfinite(), loss
        if not parameters:
            return 0, ()
        loss.backward()
        gradients = {name: weight.grad for name, weight in parameters.items() if weight.grad is not None}
        assert all(gradient.isfinite().all() for gradient in gradients.values()), "a gradient is no number"
        idle = tuple(name for name in parameters if name not in gradients or not gradients[name].any())
        if not idle:
            break
    torch.optim.SGD(parameters.values(), RATE).step()
    return len(parameters) - len(idle), idle


def _compiled(module: nn.Module) -> Any:
    """The module as one graph, which is captured as ever and run as it is."""
    torch.compiler.reset()
    torch._dynamo.config.allow_rnn = True  # PyTorch's own switch for `nn.LSTM` and its like
    return torch.compile(module, backend="eager", fullgraph=True)


def _difference(answers: tuple[Tensor, ...], output: Any) -> float:
    pairs = list(zip(answers, results(output), strict=True))
    return max(float((one - two).abs().max()) / max(1.0, float(one.abs().max())) for one, two in pairs)
