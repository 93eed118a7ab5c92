"""Schedules: the learning rate's way through the epochs, with a warm-up before it."""

from __future__ import annotations

from typing import ClassVar

from netdsl.diagnostics import parameters, training
from netdsl.ops.contract import Misfit, parameter
from netdsl.training.contract import SCHEDULERS, RecipeWord, Setup, TorchSource, call, recipe_word

LOSS = "loss"
ACCURACY = "accuracy"
_WARMUP = "epochs in which the learning rate rises to its full value"
_FACTOR = "what the learning rate is multiplied with"


class Schedule(RecipeWord):
    """A schedule; the slots of its source are `{optimizer}` and `{epochs}`, for `one_cycle` `{lr}` and `{steps}` too.

    In epoch e of a warm-up of w epochs, counted from 0, the learning rate is (e + 1) / (w + 1) of the full one
    (Goyal et al. 2017, section 2.2), which the generated program sees to. The source is what comes behind the warm-up,
    and `{epochs}` are those that are left there.

    Attributes:
        by_step: whether `step()` is called behind every step of the optimiser, and not behind every epoch. `{steps}`
            is how many of them an epoch has.
        watched: what is given to `step(…)`: `loss` or `accuracy` on the held-out examples; None where nothing is.
    """

    line = "schedule"
    by_step: ClassVar[bool] = False
    warmup: int | None

    @property
    def watched(self) -> str | None:
        return None

    def check(self, setup: Setup) -> Misfit | None:
        if self.warmup and self.warmup >= setup.epochs:
            return Misfit(training.WarmupTooLong(self.warmup, setup.epochs), "warmup")
        return None


@recipe_word
class Constant(Schedule):
    """The same learning rate in every epoch behind the warm-up."""

    word = "constant"
    example = "schedule constant warmup=5"
    warmup: int = parameter(0, doc=_WARMUP, minimum=0)

    def torch(self, **instead: str) -> TorchSource:
        return TorchSource("lr_scheduler.ConstantLR({optimizer}, factor=1.0)", (SCHEDULERS,))


@recipe_word
class Step(Schedule):
    """`lr factor^floor(epoch / every)`; PyTorch `StepLR`."""

    word = "step"
    example = "schedule step every=30 factor=0.1"
    every: int = parameter(doc="epochs from one step to the next", minimum=1)
    factor: float = parameter(0.1, doc=_FACTOR, above=0, maximum=1)
    warmup: int = parameter(0, doc=_WARMUP, minimum=0)

    def check(self, setup: Setup) -> Misfit | None:
        first = self.every + self.warmup
        if first >= setup.epochs:
            return Misfit(training.BeyondTraining("schedule step", first, setup.epochs), "every")
        return super().check(setup)

    def torch(self, **instead: str) -> TorchSource:
        gamma = self.told("factor", instead, unless=0.1)
        return TorchSource(
            call("lr_scheduler.StepLR", "{optimizer}", step_size=self.told("every", instead), gamma=gamma),
            (SCHEDULERS,),
        )


@recipe_word
class MultiStep(Schedule):
    """`lr factor^(milestones passed)`; the milestones are epochs of the training, warm-up included. `MultiStepLR`."""

    word = "multistep"
    example = "schedule multistep [30, 60] factor=0.1"
    epochs: tuple[int, ...] = parameter(doc="epochs behind which the learning rate changes", minimum=1)
    factor: float = parameter(0.1, doc=_FACTOR, above=0, maximum=1)
    warmup: int = parameter(0, doc=_WARMUP, minimum=0)

    def check(self, setup: Setup) -> Misfit | None:
        if not self.epochs:
            fact = parameters.WrongKindOfValue(self.word, "epochs", "empty", "one epoch or several: `[30, 60]`")
            return Misfit(fact, "epochs")
        if max(self.epochs) >= setup.epochs:
            return Misfit(training.BeyondTraining("schedule multistep", max(self.epochs), setup.epochs), "epochs")
        if min(self.epochs) <= self.warmup:
            return Misfit(training.WarmupTooLong(self.warmup, min(self.epochs), "the first milestone"), "warmup")
        return super().check(setup)

    def torch(self, **instead: str) -> TorchSource:
        milestones = instead.get("epochs") or repr([epoch - self.warmup for epoch in sorted(self.epochs)])
        gamma = self.told("factor", instead, unless=0.1)
        return TorchSource(
            call("lr_scheduler.MultiStepLR", "{optimizer}", milestones=milestones, gamma=gamma), (SCHEDULERS,)
        )


@recipe_word
class Exponential(Schedule):
    """`lr factor^epoch`; PyTorch `ExponentialLR`."""

    word = "exponential"
    example = "schedule exponential factor=0.97"
    factor: float = parameter(doc=_FACTOR + " behind every epoch", above=0, maximum=1)
    warmup: int = parameter(0, doc=_WARMUP, minimum=0)

    def torch(self, **instead: str) -> TorchSource:
        gamma = self.told("factor", instead)
        return TorchSource(call("lr_scheduler.ExponentialLR", "{optimizer}", gamma=gamma), (SCHEDULERS,))


@recipe_word
class Cosine(Schedule):
    """`min_lr + (lr - min_lr) (1 + cos(pi epoch / epochs)) / 2` (Loshchilov and Hutter 2017); `CosineAnnealingLR`."""

    word = "cosine"
    example = "schedule cosine warmup=5"
    min_lr: float = parameter(0.0, doc="the learning rate at the end", minimum=0)
    warmup: int = parameter(0, doc=_WARMUP, minimum=0)

    def torch(self, **instead: str) -> TorchSource:
        lowest = self.told("min_lr", instead, unless=0.0)
        return TorchSource(
            call("lr_scheduler.CosineAnnealingLR", "{optimizer}", T_max="{epochs}", eta_min=lowest), (SCHEDULERS,)
        )


@recipe_word
class Plateau(Schedule):
    """Multiplies the learning rate where the held-out examples have got no better for `patience` epochs.

    PyTorch `ReduceLROnPlateau`.
    """

    word = "plateau"
    example = "schedule plateau factor=0.1 watch=accuracy"
    factor: float = parameter(0.1, doc=_FACTOR, above=0, below=1)
    patience: int = parameter(10, doc="epochs without progress that are put up with", minimum=0)
    watch: str = parameter(LOSS, doc="what is watched, on the held-out examples", choices=(LOSS, ACCURACY))
    min_lr: float = parameter(0.0, doc="the least learning rate", minimum=0)
    warmup: int = parameter(0, doc=_WARMUP, minimum=0)

    @property
    def watched(self) -> str | None:
        return self.watch

    def torch(self, **instead: str) -> TorchSource:
        text = call(
            "lr_scheduler.ReduceLROnPlateau",
            "{optimizer}",
            mode='"max"' if self.watch == ACCURACY else None,
            factor=self.told("factor", instead, unless=0.1),
            patience=self.told("patience", instead, unless=10),
            min_lr=self.told("min_lr", instead, unless=0.0),
        )
        return TorchSource(text, (SCHEDULERS,))


@recipe_word
class OneCycle(Schedule):
    """Up to the learning rate and down to nearly nothing, along cosines, step by step (Smith 2018); `OneCycleLR`."""

    word = "one_cycle"
    example = "schedule one_cycle warmup=3"
    by_step = True
    warmup: int | None = parameter(None, doc="epochs in which the learning rate rises: 3 of 10 by default", minimum=1)
    start: float = parameter(25.0, doc="how many times smaller it is at first", minimum=1)
    end: float = parameter(1e4, doc="how many times smaller than at first it is at the end", minimum=1)
    cycle_momentum: bool = parameter(False, doc="whether momentum falls to 0.85 and rises to 0.95 meanwhile")

    def torch(self, **instead: str) -> TorchSource:
        rising = None
        if self.warmup:
            # A run that is too short for its rise has the default's; PyTorch divides by 0 in a rise of one step.
            fits = f"1 < {self.warmup} * {{steps}} < {{epochs}} * {{steps}}"
            rising = f"{self.warmup} / {{epochs}} if {fits} else 0.3"
        text = call(
            "lr_scheduler.OneCycleLR",
            "{optimizer}",
            max_lr="{lr}",
            total_steps="{epochs} * {steps}",
            pct_start=rising,
            cycle_momentum=self.told("cycle_momentum", instead, unless=True),
            div_factor=self.told("start", instead, unless=25.0),
            final_div_factor=self.told("end", instead, unless=1e4),
        )
        return TorchSource(text, (SCHEDULERS,))


@recipe_word
class Polynomial(Schedule):
    """`lr (1 - epoch / epochs)^power`; PyTorch `PolynomialLR`."""

    word = "polynomial"
    example = "schedule polynomial power=4"
    power: float = parameter(1.0, doc="the exponent; 1 is a straight line down to 0", above=0)
    warmup: int = parameter(0, doc=_WARMUP, minimum=0)

    def torch(self, **instead: str) -> TorchSource:
        power = self.told("power", instead, unless=1.0)
        return TorchSource(
            call("lr_scheduler.PolynomialLR", "{optimizer}", total_iters="{epochs}", power=power), (SCHEDULERS,)
        )
