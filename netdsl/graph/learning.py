"""What a call says about its layer's weights, whatever the operation: how they begin, and whether they learn."""

from __future__ import annotations

from dataclasses import replace

from netdsl.diagnostics import parameters
from netdsl.diagnostics.core import Fact
from netdsl.ops.contract import Operation, Weight, operation, parameter
from netdsl.ops.parameters import Parameter, parameters_of
from netdsl.weights.initializers import Constant, WithZeroRow
from netdsl.weights.starts import Start


@operation
class Learning:
    """The options of every layer that has weights."""

    frozen: bool = parameter(False, doc="whether training leaves the weights as they are")
    init: Start | None = parameter(None, doc="how the weights begin: `he`, `xavier`, `normal(0.01)`, …")
    bias_init: float | None = parameter(None, doc="what biases are at first; 0 where `init` is given")

    @property
    def says_nothing(self) -> bool:
        """Whether the weights begin by the operation's own scheme, and learn."""
        return not self.frozen and self.init is None and self.bias_init is None

    def applied(self, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        """The arrays of a layer, as these options have them."""
        return weights if self.says_nothing else tuple(map(self._applied, weights))

    def fault(self, word: str, weights: tuple[Weight, ...]) -> Fact | None:
        """Why the arrays of an operation cannot begin as `init` says, if so."""
        if self.init is None:
            return None
        concerned = [weight for weight in weights if not weight.buffer and not is_bias(weight)]
        misfit = next((weight for weight in concerned if not self.init.fits(weight.shape)), None)
        if misfit is None:
            return None
        return parameters.StartDoesNotFit(word, str(self.init), misfit.name or "shape", misfit.shape)

    def _applied(self, weight: Weight) -> Weight:
        if weight.buffer:
            return weight
        weight = replace(weight, trainable=weight.trainable and not self.frozen)
        if is_bias(weight):
            start = self.bias_init if self.bias_init is not None else None if self.init is None else 0.0
            return weight if start is None else replace(weight, initializer=Constant(start))
        if self.init is None:
            return weight
        scheme, own = self.init.scheme(weight.shape), weight.initializer
        if isinstance(own, WithZeroRow) and not isinstance(scheme, WithZeroRow):
            scheme = WithZeroRow(weight.shape, scheme, own.row)
        return replace(weight, initializer=scheme)


def is_bias(weight: Weight) -> bool:
    """Whether an array is added, and not multiplied with; PyTorch's names tell."""
    name = weight.name.rpartition(".")[2]
    return name.startswith("bias") or name.endswith("bias")


def options_for(operation: type[Operation]) -> dict[str, Parameter]:
    """The options that an operation's calls take beside its own parameters: none where it has no weights."""
    if operation.weights is Operation.weights:
        return {}
    own = parameters_of(operation)
    return {name: option for name, option in parameters_of(Learning).items() if name not in own}


NOTHING_SAID = Learning(frozen=False, init=None, bias_init=None)
