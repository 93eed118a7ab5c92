"""The model with what changes it: optimiser, schedule, average of the weights, mixed precision."""

from __future__ import annotations

import random
from argparse import Namespace
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

import recipe
from average import Average
from data import Examples
from evaluation import Score, evaluate, hits
from parallel import (
    Processes,
    agree,
    exchange,
    set_model_weights,
    set_states,
    spread,
    weights_of,
    whole_states,
)
from tally import Tally

Batch = tuple[Tensor, Tensor]


class Learner:
    """A model that learns by the recipe.

    Attributes:
        model: the model as its source has it.
        trained: the same model as the processes share it, which is what learns.
        judged: what is evaluated and kept: the average of the weights, or the model itself.
    """

    def __init__(self, flags: Namespace, here: Processes, updates: int) -> None:
        self.flags, self.here = flags, here
        _seed(flags.seed)
        model = recipe.build_model()
        if flags.sync_bn:
            model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
        self.model: nn.Module = model.to(here.device)
        if flags.channels_last:
            self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = self._averaged() if flags.model_ema else None
        if flags.torchcompile:
            self.model.compile()
        self.trained = spread(self.model, here, sharded=flags.fsdp)
        self.judged: nn.Module = (
            self.model if self.average is None else self.average.model
        )
        self.optimizer = recipe.optimizer(self.model, flags.lr, flags.weight_decay)
        self.schedule = recipe.schedule(
            self.optimizer,
            flags.lr,
            epochs=flags.epochs - flags.warmup_epochs,
            warmup=flags.warmup_epochs,
            updates=updates,
        )
        self.last_update = flags.epochs * updates - 1
        kind = here.device.type
        self.precision: AbstractContextManager[Any] = nullcontext()
        if flags.amp:
            self.precision = torch.autocast(kind, getattr(torch, flags.amp_dtype))
        self.scaler = torch.amp.GradScaler(
            kind, enabled=flags.amp and flags.amp_dtype == "float16"
        )
        self.augmentation = recipe.augmentation().to(here.device)
        self.mixing = recipe.mixing()
        self.views = recipe.views()
        _seed(flags.seed + here.rank)

    def _averaged(self) -> Average:
        decay: float = self.flags.model_ema_decay
        return Average(self.model, decay, sharded=self.flags.fsdp)

    # ---- learning --------------------------------------------------------------------------------

    def begin_epoch(self, epoch: int) -> None:
        """Make ready for an epoch; in a warm-up of w epochs, epoch e has (e + 1) / (w + 1) of the learning rate."""
        self.trained.train()
        warmup = self.flags.warmup_epochs
        if epoch <= warmup and warmup:
            for group in self.optimizer.param_groups:
                group["lr"] = self.flags.lr * (epoch + 1) / (warmup + 1)

    def update(self, batches: list[Batch], tally: Tally) -> None:
        """One step of the optimiser, on the gradients of all batches together, which the tally counts."""
        last = len(batches) - 1
        for place, (inputs, targets) in enumerate(batches):
            with exchange(self.trained, place == last):
                self._learn(inputs, targets, len(batches), tally)
        self.scaler.unscale_(self.optimizer)
        if self.flags.clip_grad:
            recipe.clip(self.model, self.flags.clip_grad)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad()
        if recipe.SCHEDULE_BY_UPDATE and self.schedule.last_epoch < self.last_update:
            self.schedule.step()
        agree(self.model, self.here)
        if self.average is not None:
            self.average.follow(self.model)

    def _learn(self, inputs: Tensor, targets: Tensor, parts: int, tally: Tally) -> None:
        """Add the gradients of a batch, augmented, which is one of so many parts."""
        inputs = self.augmentation(inputs)
        if self.mixing is not None:
            inputs, targets = self.mixing(inputs, targets)
        if self.flags.channels_last and inputs.dim() == 4:
            inputs = inputs.contiguous(memory_format=torch.channels_last)
        with self.precision:
            outputs = self.trained(inputs)
            loss = recipe.loss(outputs, inputs, targets)
        part = loss if parts == 1 else loss / parts
        self.scaler.scale(part).backward()
        tally.add_loss(loss, len(inputs))
        if recipe.CLASSES is not None:
            tally.right.add_(hits(outputs, targets))

    def judge(self, examples: Examples, count: int, batch_size: int) -> Score:
        """How good the weights are that would be kept, on the first so many examples."""
        return evaluate(
            self.judged,
            examples,
            count,
            self.here,
            batch_size=batch_size,
            workers=self.flags.workers,
            views=self.views,
        )

    def end_epoch(self, epoch: int, score: Score) -> None:
        """Let the schedule go on."""
        if recipe.SCHEDULE_BY_UPDATE or epoch < self.flags.warmup_epochs:
            return
        if isinstance(self.schedule, ReduceLROnPlateau):
            self.schedule.step(score.metrics()[recipe.SCHEDULE_WATCHES])
        else:
            self.schedule.step()

    @property
    def learning_rate(self) -> float:
        """That of the next update."""
        return float(self.optimizer.param_groups[0]["lr"])

    # ---- states ----------------------------------------------------------------------------------

    def weights(self) -> dict[str, Tensor]:
        """The weights that are judged, by their names in the model."""
        return weights_of(self.judged)

    def set_weights(self, weights: dict[str, Tensor]) -> None:
        """Take other weights, to judge them."""
        set_model_weights(self.judged, weights)

    def state(self) -> dict[str, Any]:
        """All that changes while the model learns."""
        return {
            **whole_states(self.model, self.optimizer),
            "schedule": self.schedule.state_dict(),
            "scaler": self.scaler.state_dict(),
            "average": None if self.average is None else self.average.state(),
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from a state.

        Raises:
            KeyError, ValueError, RuntimeError: it is that of another model or optimiser.
        """
        set_states(self.model, self.optimizer, state)
        self.schedule.load_state_dict(state["schedule"])
        self.scaler.load_state_dict(state["scaler"])
        if self.average is not None:
            self.average.set_state(state["average"])


def _seed(seed: int) -> None:
    torch.manual_seed(seed)
    random.seed(seed)
