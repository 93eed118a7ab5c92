"""Initialisations: how the weights of all layers with products begin, where a layer does not say `init=` itself."""

from __future__ import annotations

from netdsl.ops.contract import parameter
from netdsl.training.contract import NN, RecipeWord, TorchSource, call, recipe_word

_BIAS = "what the biases are"


class Initialisation(RecipeWord):
    """A start for the weights of convolutions and dense layers; the slot of its source is `{weight}`.

    Normalisations, and layers whose call has `init=`, stay as they are.
    """

    line = "init"
    bias: float

    def bias_torch(self, **instead: str) -> TorchSource:
        """The start of the biases; the slot is `{bias}`."""
        if self.told("bias", instead, unless=0.0) is None:
            return TorchSource("nn.init.zeros_({bias})", (NN,))
        return TorchSource(call("nn.init.constant_", "{bias}", self.told("bias", instead) or ""), (NN,))


@recipe_word
class He(Initialisation):
    """Normal with the variance 2 / fan, which ReLU layers keep (He et al. 2015, section 2.2); `kaiming_normal_`."""

    word = "he"
    example = "init he"
    fan: str = parameter("in", doc="inputs of a number, or outputs that it feeds", choices=("in", "out"))
    bias: float = parameter(0.0, doc=_BIAS)

    def torch(self, **instead: str) -> TorchSource:
        mode = '"fan_out"' if self.fan == "out" else None
        text = call("nn.init.kaiming_normal_", "{weight}", mode=mode, nonlinearity='"relu"')
        return TorchSource(text, (NN,))


@recipe_word
class Xavier(Initialisation):
    """Uniform with the variance 2 / (fan in + fan out) (Glorot and Bengio 2010, equation 16); `xavier_uniform_`."""

    word = "xavier"
    example = "init xavier"
    bias: float = parameter(0.0, doc=_BIAS)

    def torch(self, **instead: str) -> TorchSource:
        return TorchSource("nn.init.xavier_uniform_({weight})", (NN,))


@recipe_word
class Normal(Initialisation):
    """Normal around 0; PyTorch `normal_`, or `trunc_normal_` where what is too far out is drawn again."""

    word = "normal"
    example = "init normal 0.01"
    deviation: float = parameter(doc="standard deviation", above=0)
    truncate: float | None = parameter(None, doc="deviations from 0 within which all numbers lie", above=0)
    bias: float = parameter(0.0, doc=_BIAS)

    def torch(self, **instead: str) -> TorchSource:
        deviation = self.told("deviation", instead)
        if self.truncate is None:
            return TorchSource(call("nn.init.normal_", "{weight}", std=deviation), (NN,))
        bound = self.truncate * self.deviation
        text = call("nn.init.trunc_normal_", "{weight}", std=deviation, a=repr(-bound), b=repr(bound))
        return TorchSource(text, (NN,))


@recipe_word
class Zeros(Initialisation):
    """All zeros; a net with hidden layers learns nothing from there."""

    word = "zeros"
    example = "init zeros"
    bias: float = parameter(0.0, doc=_BIAS)

    def torch(self, **instead: str) -> TorchSource:
        return TorchSource("nn.init.zeros_({weight})", (NN,))
