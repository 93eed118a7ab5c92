"""Trains the net of model.py by the recipe of recipe.py: `python train.py --help`.

Several processes: `torchrun --nproc-per-node 2 train.py`. After an interruption: the same command with `--resume`.
"""

from __future__ import annotations

import math
import shlex
import shutil
import signal
import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

import torch

import recipe
from checkpoints import (
    random_state,
    read_weights,
    set_random_state,
    write_checkpoint,
    write_weights,
)
from data import DataError, Examples, open_data
from evaluation import Score
from flags import HERE, read_flags, settings
from learner import Learner
from parallel import Processes, processes
from plan import limited, plan
from record import Progress, Record, in_words, write_confusion
from resuming import find_checkpoint
from stopping import WRONG_USE, Signals, Stop


def main() -> int:
    """Train, and say how it ended by the exit code."""
    flags = read_flags()
    try:
        with processes(flags.device) as here:
            Training(flags, here).run()
    except DataError as error:
        print(f"train.py: {error}", file=sys.stderr)
        return WRONG_USE
    except Stop as stop:
        print(f"train.py: {stop}", file=sys.stderr)
        return stop.code
    return 0


class Training:
    """The epochs of a run: how far it has come, what it tells, and the checkpoint from which it can go on."""

    def __init__(self, flags: Namespace, here: Processes) -> None:
        self.flags, self.here, self.signals = flags, here, Signals()
        self.output: Path = flags.output
        checkpoint = find_checkpoint(flags, here)
        self.data = open_data(
            flags.data,
            shape=recipe.INPUT,
            classes=recipe.CLASSES,
            seed=flags.seed,
            held_out=flags.held_out,
            damaged=flags.damaged,
            resize=recipe.PICTURE,
        )
        _refuse_other_targets(self.data.train)
        self.plan = plan(flags, here, len(self.data.train))
        self.learner = Learner(flags, here, self.plan.updates)
        self.epoch = self.update = 0
        self.totals = torch.zeros(
            3, dtype=torch.float64, device=here.device
        )  # losses, hits, examples
        self.history: list[dict[str, float]] = []
        self.best: dict[str, float] = {}
        self.saved = ""
        self.agreed_to_stop = False
        if checkpoint is not None:
            self._go_on_from(checkpoint)
        self.record = (
            Record(self.output, self.history, tensorboard=flags.tensorboard)
            if here.is_first
            else None
        )

    # ---- the run ---------------------------------------------------------------------------------

    def run(self) -> None:
        """Train from where the run stands to its end, and judge the best weights."""
        self._introduce()
        while self.epoch < self.flags.epochs and not self._is_stuck():
            start = time.monotonic()
            self._learn()
            self._close_epoch(start)
        self._finish()

    def _learn(self) -> None:
        """The updates that are left of an epoch."""
        parts = self.flags.grad_accum_steps
        stream = self.data.train.batches(
            self.plan.order(self.epoch, self.update),
            self.plan.batch_size,
            self.here.device,
            self.flags.workers,
        )
        self.learner.begin_epoch(self.epoch)
        progress = Progress(
            f"epoch {self.epoch + 1}/{self.flags.epochs}",
            total=self.plan.updates,
            done=self.update,
            examples=self.plan.examples,
            interval=self.flags.log_interval,
            silent=not self.here.is_first,
        )
        with progress:
            while self.update < self.plan.updates:
                self.totals += self.learner.update([next(stream) for _ in range(parts)])
                self.update += 1
                if progress.advance():
                    progress.show(self._figures())
                self._heed()

    def _close_epoch(self, start: float) -> None:
        """Judge the model, record the epoch, and keep the weights if they are the best so far."""
        train = self._figures()
        score = self._judge()
        rate = self.learner.learning_rate
        self.learner.end_epoch(self.epoch, score)
        self.epoch, self.update = self.epoch + 1, 0
        self.totals.zero_()
        metrics = {
            "epoch": self.epoch,
            "lr": rate,
            **train,
            **score.metrics(),
            "seconds": time.monotonic() - start,
        }
        if not self.best or score.merit > self.best["merit"]:
            self.best = {"merit": score.merit, "epoch": self.epoch}
            self._keep_weights()
        self.history.append(metrics)
        if self.record is not None:
            self.record.add(metrics)
            print(in_words(metrics), flush=True)
        if (
            self.epoch % self.flags.checkpoint_interval == 0
            or self.epoch == self.flags.epochs
        ):
            self._save()

    def _judge(self) -> Score:
        """The figures on held-out examples of the weights that would be kept."""
        held_out = self.data.held_out
        count = limited(len(held_out), self.flags)
        return self.learner.judge(held_out, count, self.plan.batch_size)

    def _keep_weights(self) -> None:
        """Write the weights that were judged best."""
        weights = self.learner.weights()
        if self.here.is_first:
            write_weights(self.output / "best.safetensors", weights)

    def _finish(self) -> None:
        """Judge the best weights, and draw what was recorded."""
        path = self.output / "best.safetensors"
        self.learner.set_weights(read_weights(path))
        score = self._judge()
        if self.record is None:
            return
        if score.confusion is not None:
            write_confusion(self.output, score.confusion, self.data.held_out.classes)
        self.record.draw_curves()
        print(f"{path}: epoch {self.best['epoch']:.0f}, {in_words(score.metrics())}")

    # ---- where it stands -------------------------------------------------------------------------

    def _is_stuck(self) -> bool:
        """Whether the figures that are watched have got no better for as many epochs as are put up with."""
        if not self.flags.patience or not self.history:
            return False
        watched = [metrics[recipe.PATIENCE_WATCHES] for metrics in self.history]
        best = watched.index(
            max(watched) if recipe.PATIENCE_WATCHES == "eval_top1" else min(watched)
        )
        return bool(len(watched) - 1 - best >= self.flags.patience)

    # ---- figures ---------------------------------------------------------------------------------

    def _figures(self) -> dict[str, float]:
        """The epoch's figures so far, over all processes, which agree here whether one was asked to stop.

        Raises:
            Stop: the loss is not finite.
        """
        asked = self.totals.new_tensor([float(self.signals.received or 0)])
        loss, right, count, signals = self.here.sum(
            torch.cat([self.totals, asked])
        ).tolist()
        if not math.isfinite(loss):
            raise Stop(
                f"the loss is not finite in epoch {self.epoch + 1}, update {self.update}; {self._kept()}"
            )
        self.agreed_to_stop = signals > 0
        if count == 0:
            return {}
        figures = {"train_loss": loss / count}
        return (
            figures
            if recipe.CLASSES is None
            else {**figures, "train_top1": right / count}
        )

    def _introduce(self) -> None:
        """Say what begins, and keep the spec and the command beside what comes of them."""
        if not self.here.is_first:
            return
        shutil.copytree(HERE / "spec", self.output / "spec", dirs_exist_ok=True)
        with (self.output / "command.txt").open("a", encoding="utf-8") as file:
            file.write(
                f"{shlex.join(sys.orig_argv)}  # {self.here.count} processes, in {Path.cwd()}\n"
            )
        name, data = type(self.learner.model).__name__, self.data
        skipped = f", {data.skipped:,} damaged ones skipped" if data.skipped else ""
        print(
            f"{name} on {self.flags.data}: {len(data.train):,} examples, {len(data.held_out):,} held out{skipped}"
        )
        print(
            f"an epoch has {self.plan.updates:,} updates of {self.plan.examples:,} examples; {self.here}",
            flush=True,
        )

    # ---- checkpoints -----------------------------------------------------------------------------

    def _heed(self) -> None:
        """Save where that is due between two epochs, and end the run where a signal asks for it."""
        received = (
            self.signals.received
            if self.here.count == 1
            else self.agreed_to_stop and signal.SIGTERM
        )
        if received:
            self._save()
            raise self.signals.stop(received, self._kept())
        interval = self.flags.recovery_interval
        if interval and self.update % interval == 0 and self.update < self.plan.updates:
            self._save()

    def _save(self) -> None:
        """Write all that the run needs to go on.

        Raises:
            Stop: a weight or the loss is not finite, or the file cannot be written.
        """
        self._figures()
        state = self.learner.state()
        own = {"random": random_state(self.here.device), "totals": self.totals.cpu()}
        of_the_ranks = self.here.gather(own)
        if not self.here.is_first:
            return
        if not all(bool(weight.isfinite().all()) for weight in state["model"].values()):
            raise Stop(
                f"weights are not finite in epoch {self.epoch + 1}, update {self.update}; {self._kept()}"
            )
        state |= {
            "epoch": self.epoch,
            "update": self.update,
            "history": self.history,
            "best": self.best,
            "ranks": of_the_ranks,
            "settings": settings(self.flags),
            "processes": self.here.count,
            "threads": torch.get_num_threads(),
        }
        write_checkpoint(self.output / "last.pt", state)
        self.saved = f"epoch {self.epoch + 1}, update {self.update}"

    def _kept(self) -> str:
        """What is left of a run that ends here, in words."""
        if not self.saved:
            return "there is no checkpoint yet"
        return f"{self.output / 'last.pt'} has the state of {self.saved}: `--resume` goes on from there"

    def _go_on_from(self, checkpoint: dict[str, Any]) -> None:
        """Take over a checkpoint's state."""
        # The order in which numbers are added depends on the threads, and so do the last bits of their sum.
        torch.set_num_threads(checkpoint["threads"])
        try:
            self.learner.set_state(checkpoint)
        except (KeyError, ValueError, RuntimeError) as error:
            raise Stop(
                f"the checkpoint is that of another model: {str(error).splitlines()[0]}"
            ) from error
        self.epoch, self.update = checkpoint["epoch"], checkpoint["update"]
        own = checkpoint["ranks"][self.here.rank]
        self.totals.copy_(own["totals"])
        self.history, self.best = checkpoint["history"], checkpoint["best"]
        self.saved = f"epoch {self.epoch + 1}, update {self.update}"
        set_random_state(own["random"], self.here.device)


def _refuse_other_targets(examples: Examples) -> None:
    """See that the targets are of the shape that the loss compares with."""
    found, wanted = tuple(examples.targets.shape[1:]), recipe.TARGET
    if wanted is None or found == wanted:
        return
    if recipe.CLASSES is None and math.prod(found) == math.prod(wanted):
        return
    raise DataError(
        f"the data have targets of shape {found}, and the loss takes {wanted}"
    )


if __name__ == "__main__":
    sys.exit(main())
