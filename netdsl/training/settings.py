"""Settings: the lines of a recipe that are a word and its parameters, with nothing to choose."""

from __future__ import annotations

from netdsl.diagnostics import training
from netdsl.ops.contract import Misfit, parameter
from netdsl.training.contract import NN, RecipeWord, Setup, TorchSource, call, recipe_word
from netdsl.training.schedules import ACCURACY, LOSS

FLOAT32 = "float32"
BF16 = "bf16"
FP16 = "fp16"


class Setting(RecipeWord):
    """A word that is a line by itself."""

    def __init_subclass__(cls) -> None:
        cls.line = cls.word


@recipe_word
class Batch(Setting):
    """How many examples are a step's, over all processes and all parts of an accumulation."""

    word = "batch"
    example = "batch 128"
    size: int = parameter(32, doc="examples of a step", minimum=1)


@recipe_word
class Epochs(Setting):
    """How often training goes through the data."""

    word = "epochs"
    example = "epochs 90"
    count: int = parameter(10, doc="passes through the data", minimum=1)


@recipe_word
class Clip(Setting):
    """Bounds the gradient before a step: its norm over all weights, or each of its numbers; `nn.utils.clip_grad_…_`.

    The slot of its source is `{parameters}`.
    """

    word = "clip"
    example = "clip 2.0"
    limit: float = parameter(doc="greatest norm or value", above=0)
    by: str = parameter("norm", doc="what is bounded", choices=("norm", "value"))

    def torch(self, **instead: str) -> TorchSource:
        limit = self.told("limit", instead) or ""
        return TorchSource(call(f"nn.utils.clip_grad_{self.by}_", "{parameters}", limit), (NN,))


@recipe_word
class MovingAverage(Setting):
    """Keeps a moving average of the weights, which is what is evaluated and saved."""

    word = "ema"
    example = "ema 0.999"
    decay: float = parameter(0.999, doc="part of the average that each step keeps", minimum=0, below=1)


@recipe_word
class Precision(Setting):
    """In which numbers forward and backward are calculated, weights stay float32; PyTorch `autocast`."""

    word = "precision"
    example = "precision bf16"
    form: str = parameter(FLOAT32, doc="element type of the calculation", choices=(FLOAT32, BF16, FP16))


@recipe_word
class Accumulate(Setting):
    """Calculates a step's batch in several parts, one behind the other, where memory does not hold it."""

    word = "accumulate"
    example = "accumulate 4"
    parts: int = parameter(1, doc="parts of a batch", minimum=1)

    def check(self, setup: Setup) -> Misfit | None:
        if setup.batch % self.parts:
            return Misfit(training.PartsDoNotDivide(setup.batch, self.parts), "parts")
        return None


@recipe_word
class EarlyStop(Setting):
    """Ends the training where the held-out examples have got no better for `patience` epochs."""

    word = "early_stop"
    example = "early_stop 10"
    patience: int = parameter(doc="epochs without progress that are put up with", minimum=1)
    watch: str = parameter(LOSS, doc="what is watched, on the held-out examples", choices=(LOSS, ACCURACY))


@recipe_word
class Seed(Setting):
    """Where all random numbers begin: first weights, order of the data, augmentation, dropout."""

    word = "seed"
    example = "seed 7"
    value: int = parameter(0, doc="the seed", minimum=0, maximum=2**32 - 1)
