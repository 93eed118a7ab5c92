"""Optimisers: what a step does with the gradients."""

from __future__ import annotations

from netdsl.diagnostics import parameters
from netdsl.ops.contract import Misfit, parameter
from netdsl.training.contract import RecipeWord, Setup, TorchSource, call, recipe_word

_LR = "learning rate"
_DECAY = "weight decay"
_ALL = "whether weight decay also takes biases and the weights of normalisations"


class Optimizer(RecipeWord):
    """An optimiser; the slot of its source is `{parameters}`.

    Every one has `lr`, `weight_decay` and `decay_all`. Where `decay_all` is false, `{parameters}` must be groups, of
    which the one with the vectors (biases, weights of normalisations) has a weight decay of 0.
    """

    line = "optimizer"
    lr: float
    weight_decay: float
    decay_all: bool


@recipe_word
class StochasticGradientDescent(Optimizer):
    """`v = momentum v + g + weight_decay w; w = w - lr v`; PyTorch `SGD`.

    With Nesterov's momentum the gradient is that of the place where the momentum leads (Sutskever et al. 2013).
    """

    word = "sgd"
    example = "optimizer sgd lr=0.1 momentum=0.9"
    lr: float = parameter(doc=_LR, above=0)
    momentum: float = parameter(0.0, doc="part of the last step that is kept", minimum=0, below=1)
    nesterov: bool = parameter(False, doc="whether the momentum is Nesterov's")
    weight_decay: float = parameter(0.0, doc=_DECAY, minimum=0)
    decay_all: bool = parameter(True, doc=_ALL)

    def check(self, setup: Setup) -> Misfit | None:
        if self.nesterov and not self.momentum:
            return Misfit(parameters.OutOfRange("sgd", "momentum", "0", "greater than 0 with `nesterov`"), "nesterov")
        return None

    def torch(self, **instead: str) -> TorchSource:
        return TorchSource(
            call(
                "torch.optim.SGD",
                "{parameters}",
                lr=self.told("lr", instead),
                momentum=self.told("momentum", instead, unless=0.0),
                weight_decay=self.told("weight_decay", instead, unless=0.0),
                nesterov=self.told("nesterov", instead, unless=False),
            )
        )


@recipe_word
class Adam(Optimizer):
    """Steps of the gradient's mean over the root of its mean square (Kingma and Ba 2015); PyTorch `Adam`.

    Weight decay is added to the gradient; `adamw` takes it from the weights.
    """

    word = "adam"
    example = "optimizer adam lr=0.001"
    lr: float = parameter(doc=_LR, above=0)
    beta1: float = parameter(0.9, doc="part of the gradient's mean that is kept", minimum=0, below=1)
    beta2: float = parameter(0.999, doc="part of the mean square that is kept", minimum=0, below=1)
    eps: float = parameter(1e-8, doc="added to the root", above=0)
    weight_decay: float = parameter(0.0, doc=_DECAY, minimum=0)
    decay_all: bool = parameter(True, doc=_ALL)

    def torch(self, **instead: str) -> TorchSource:
        decay = self.told("weight_decay", instead, unless=0.0)
        return TorchSource(_adaptive("torch.optim.Adam", self, decay, instead))


@recipe_word
class DecoupledAdam(Optimizer):
    """Adam whose weight decay does not pass through the means (Loshchilov and Hutter 2019); PyTorch `AdamW`."""

    word = "adamw"
    example = "optimizer adamw lr=0.001 weight_decay=0.05"
    lr: float = parameter(doc=_LR, above=0)
    beta1: float = parameter(0.9, doc="part of the gradient's mean that is kept", minimum=0, below=1)
    beta2: float = parameter(0.999, doc="part of the mean square that is kept", minimum=0, below=1)
    eps: float = parameter(1e-8, doc="added to the root", above=0)
    weight_decay: float = parameter(0.01, doc=_DECAY, minimum=0)
    decay_all: bool = parameter(True, doc=_ALL)

    def torch(self, **instead: str) -> TorchSource:
        decay = self.told("weight_decay", instead, unless=0.01)
        return TorchSource(_adaptive("torch.optim.AdamW", self, decay, instead))


def _adaptive(callee: str, adam: Adam | DecoupledAdam, decay: str | None, instead: dict[str, str]) -> str:
    betas = f"({instead.get('beta1', adam.beta1)}, {instead.get('beta2', adam.beta2)})"
    return call(
        callee,
        "{parameters}",
        lr=adam.told("lr", instead),
        betas=None if betas == "(0.9, 0.999)" else betas,
        eps=adam.told("eps", instead, unless=1e-8),
        weight_decay=decay,
    )


@recipe_word
class RootMeanSquare(Optimizer):
    """Steps of the gradient over the root of its mean square (Tieleman and Hinton 2012); PyTorch `RMSprop`.

    `decay` is PyTorch's `alpha`. TensorFlow, with which Inception was trained, adds eps inside the root, PyTorch
    outside of it: for eps = 1 that makes sqrt(s + 1) into sqrt(s) + 1.
    """

    word = "rmsprop"
    example = "optimizer rmsprop lr=0.045 decay=0.9 eps=1.0"
    lr: float = parameter(doc=_LR, above=0)
    decay: float = parameter(0.99, doc="part of the mean square that is kept", minimum=0, below=1)
    eps: float = parameter(1e-8, doc="added to the root", above=0)
    momentum: float = parameter(0.0, doc="part of the last step that is kept", minimum=0, below=1)
    weight_decay: float = parameter(0.0, doc=_DECAY, minimum=0)
    decay_all: bool = parameter(True, doc=_ALL)

    def torch(self, **instead: str) -> TorchSource:
        alpha = self.told("decay", instead, unless=0.99)
        return TorchSource(
            call(
                "torch.optim.RMSprop",
                "{parameters}",
                lr=self.told("lr", instead),
                alpha=alpha,
                eps=self.told("eps", instead, unless=1e-8),
                weight_decay=self.told("weight_decay", instead, unless=0.0),
                momentum=self.told("momentum", instead, unless=0.0),
            )
        )
