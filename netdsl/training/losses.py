"""Losses: how wrong an output is, as one number."""

from __future__ import annotations

from typing import ClassVar

from netdsl.diagnostics import training
from netdsl.diagnostics.core import Fact
from netdsl.ops.contract import parameter
from netdsl.training.contract import FUNCTIONAL, RecipeWord, TorchSource, call, recipe_word
from netdsl.types.tensors import FLOAT32, TensorType

LABEL = "label"
EXAMPLE = "example"


class Loss(RecipeWord):
    """A loss; the slots of its source are `{output}` and `{target}`.

    Attributes:
        takes_classes: whether `{target}` holds classes as whole numbers, one for each place of the output. Otherwise
            it holds numbers in the output's shape.
        includes: the activation that the loss itself applies to the output.
    """

    line = "loss"
    takes_classes: ClassVar[bool] = False
    includes: ClassVar[str | None] = None

    @property
    def compares_with(self) -> str:
        """What the output is compared with: the example's `label`, or the `example` itself."""
        return str(getattr(self, "target", LABEL))

    def fault(self, output: str, given: TensorType, inputs: tuple[TensorType, ...]) -> Fact | None:
        """Why the loss cannot be that of an output of this type, if so."""
        if given.element != FLOAT32:
            return training.LossDoesNotFit(self.word, output, str(given), "whole numbers have no gradient")
        if self.compares_with == EXAMPLE and given.shape not in {taken.shape for taken in inputs}:
            shapes = ", ".join(map(str, inputs))
            return training.LossDoesNotFit(self.word, output, str(given), f"no input has its shape: {shapes}")
        return None


@recipe_word
class CrossEntropy(Loss):
    """`-log softmax(output)[class]`: one of several classes. The output has no softmax; PyTorch `cross_entropy`.

    Label smoothing gives a part of the probability to all classes alike (Szegedy et al. 2016, section 7).
    """

    word = "cross_entropy"
    example = "loss cross_entropy label_smoothing=0.1"
    takes_classes = True
    includes = "softmax"
    label_smoothing: float = parameter(0.0, doc="part of the probability that all classes share", minimum=0, below=1)

    def fault(self, output: str, given: TensorType, inputs: tuple[TensorType, ...]) -> Fact | None:
        if given.channels == 1:
            reason = "the probability of a single class is always 1"
            return training.LossDoesNotFit(self.word, output, str(given), reason, "`bce` is the loss of yes and no")
        if given.rank and all(size == 1 for size in given.spatial):
            reason = "a class for each example needs a vector"
            return training.LossDoesNotFit(self.word, output, str(given), reason, "`flatten` makes a vector of it")
        return super().fault(output, given, inputs)

    def torch(self, **instead: str) -> TorchSource:
        smoothing = self.told("label_smoothing", instead, unless=0.0)
        return TorchSource(call("F.cross_entropy", "{output}", "{target}", label_smoothing=smoothing), (FUNCTIONAL,))


@recipe_word
class MeanSquared(Loss):
    """The mean of `(output - target)^2`; PyTorch `mse_loss`."""

    word = "mse"
    example = "loss mse target=example"
    target: str = parameter(LABEL, doc="what the output is compared with", choices=(LABEL, EXAMPLE))

    def torch(self, **instead: str) -> TorchSource:
        return TorchSource("F.mse_loss({output}, {target})", (FUNCTIONAL,))


@recipe_word
class MeanAbsolute(Loss):
    """The mean of `|output - target|`; PyTorch `l1_loss`."""

    word = "l1"
    example = "loss l1 target=example"
    target: str = parameter(LABEL, doc="what the output is compared with", choices=(LABEL, EXAMPLE))

    def torch(self, **instead: str) -> TorchSource:
        return TorchSource("F.l1_loss({output}, {target})", (FUNCTIONAL,))


@recipe_word
class BinaryCrossEntropy(Loss):
    """The mean of `-target log p - (1 - target) log(1 - p)` with `p = sigmoid(output)`: yes or no, for each number.

    The output has no sigmoid; PyTorch `binary_cross_entropy_with_logits`.
    """

    word = "bce"
    example = "loss bce"
    includes = "sigmoid"
    target: str = parameter(LABEL, doc="what the output is compared with", choices=(LABEL, EXAMPLE))

    def torch(self, **instead: str) -> TorchSource:
        return TorchSource("F.binary_cross_entropy_with_logits({output}, {target})", (FUNCTIONAL,))
