"""Trains the net of model.py by the recipe of recipe.py: `python train.py --help`.

Several processes: `torchrun --nproc-per-node 2 train.py`. After an interruption: the same command with `--resume`.
"""

from __future__ import annotations

import os

# Before torch is there: threads that wait for each other sleep, or they would stop each other on a busy machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import math
import shlex
import shutil
import signal
import sys
import time
from argparse import Namespace
from pathlib import Path

import recipe
from checkpoints import are_finite, read_weights, write_weights
from data import DataError, open_data
from evaluation import Score
from flags import HERE, read_flags
from learner import Learner
from parallel import Processes, processes, refuse_impossible
from plan import limited, plan, refuse_other_targets
from record import (
    Progress,
    Record,
    in_words,
    refuse_missing_tensorboard,
    write_confusion,
)
from resuming import Keeper
from standing import Standing
from stopping import FAILED, WRONG_USE, Signals, Stop, stopped_by
from tally import Tally


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
    except OSError as error:
        place = error.filename or flags.output
        print(f"train.py: {place}: {error.strerror or error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("train.py: stopped by SIGINT before the first update", file=sys.stderr)
        return stopped_by(signal.SIGINT)
    return 0


class Training:
    """The epochs of a run, what it tells of them, and what it keeps."""

    def __init__(self, flags: Namespace, here: Processes) -> None:
        self.flags, self.here = flags, here
        refuse_impossible(here, sharded=flags.fsdp, sync_bn=flags.sync_bn)
        refuse_missing_tensorboard(wanted=flags.tensorboard)
        self.output: Path = flags.output
        self.keeper = Keeper(flags, here)
        self.data = open_data(
            flags.data,
            shape=recipe.INPUT,
            classes=recipe.CLASSES,
            seed=flags.seed,
            held_out=flags.held_out,
            damaged=flags.damaged,
            resize=recipe.PICTURE,
        )
        refuse_other_targets(self.data.train)
        self.plan = plan(flags, here, len(self.data.train))
        self.learner = Learner(flags, here, self.plan.updates)
        self.standing = Standing(Tally(here.device))
        self.keeper.take_over(self.standing, self.learner)
        self.agreed_to_stop = False
        self.record: Record | None = None
        if here.is_first:
            history = self.standing.history
            self.record = Record(self.output, history, tensorboard=flags.tensorboard)
        self.signals = Signals()

    # ---- the run ---------------------------------------------------------------------------------

    def run(self) -> None:
        """Train from where the run stands to its end, and judge the best weights."""
        self._introduce()
        standing, flags = self.standing, self.flags
        while standing.epoch < flags.epochs and not standing.is_stuck(flags.patience):
            start = time.monotonic()
            self._learn()
            self._close_epoch(start)
        if standing.epoch < flags.epochs and self.here.is_first:
            print(f"no progress for {flags.patience} epochs: the run ends")
        self._finish()

    def _learn(self) -> None:
        """The updates that are left of an epoch."""
        standing, parts = self.standing, self.flags.grad_accum_steps
        stream = self.data.train.batches(
            self.plan.order(standing.epoch, standing.update),
            self.plan.batch_size,
            self.here.device,
            self.flags.workers,
        )
        self.learner.begin_epoch(standing.epoch)
        progress = Progress(
            f"epoch {standing.epoch + 1}/{self.flags.epochs}",
            total=self.plan.updates,
            done=standing.update,
            examples=self.plan.examples,
            interval=self.flags.log_interval,
            silent=not self.here.is_first,
        )
        with progress:
            while standing.update < self.plan.updates:
                batches = [next(stream) for _ in range(parts)]
                self.learner.update(batches, standing.tally)
                standing.update += 1
                if progress.advance():
                    progress.show(self._figures())
                self._heed()

    def _close_epoch(self, start: float) -> None:
        """Judge the model, record the epoch, and keep the weights if they are the best so far."""
        standing = self.standing
        train = self._figures()
        score = self._judge()
        rate = self.learner.learning_rate
        self.learner.end_epoch(standing.epoch, score)
        standing.close_epoch()
        if standing.is_best(score.loss, score.merit):
            self._keep_weights()
        metrics = {
            "epoch": standing.epoch,
            "lr": rate,
            **train,
            **score.metrics(),
            "seconds": time.monotonic() - start,
        }
        standing.history.append(metrics)
        if self.record is not None:
            self.record.add(metrics)
            print(in_words(metrics), flush=True)
        is_stuck = standing.is_stuck(self.flags.patience)
        is_last = is_stuck or standing.epoch == self.flags.epochs
        if is_last or standing.epoch % self.flags.checkpoint_interval == 0:
            self._save()

    def _judge(self) -> Score:
        """The figures on held-out examples of the weights that would be kept."""
        held_out = self.data.held_out
        count = limited(len(held_out), self.flags)
        return self.learner.judge(held_out, count, self.plan.batch_size)

    def _keep_weights(self) -> None:
        """Write the weights that were judged best."""
        weights = self.learner.weights()
        if not are_finite(weights):
            reason = f"weights are not finite behind epoch {self.standing.epoch}"
            raise Stop(f"{reason}; {self.keeper}")
        if self.here.is_first:
            write_weights(self.output / "best.safetensors", weights)

    def _finish(self) -> None:
        """Judge the best weights, and draw what was recorded."""
        path = self.output / "best.safetensors"
        if not self.standing.best:
            raise Stop("the loss on held-out examples is finite in no epoch")
        self.learner.set_weights(read_weights(path))
        score = self._judge()
        if self.record is None:
            return
        if score.confusion is not None:
            write_confusion(self.output, score.confusion, self.data.held_out.classes)
        self.record.draw_curves()
        epoch = self.standing.best["epoch"]
        print(f"{path}: epoch {epoch:.0f}, {in_words(score.metrics())}")

    # ---- between two updates ---------------------------------------------------------------------

    def _heed(self) -> None:
        """Save where that is due between two epochs, and end the run where a signal asks for it."""
        received = self.signals.received
        if self.here.count > 1:
            received = signal.SIGTERM if self.agreed_to_stop else None
        if received:
            self._save()
            raise self.signals.stop(received, str(self.keeper))
        interval, update = self.flags.recovery_interval, self.standing.update
        if interval and update % interval == 0 and update < self.plan.updates:
            self._save()

    def _save(self) -> None:
        """Write the checkpoint, unless the loss is not finite."""
        self._figures()
        self.keeper.save(self.standing, self.learner)

    def _figures(self) -> dict[str, float]:
        """The epoch's figures so far, over all processes, which agree here whether one was asked to stop.

        Raises:
            Stop: the loss is not finite.
        """
        asked = self.signals.received is not None
        figures, self.agreed_to_stop = self.standing.tally.read(self.here, asked)
        if not math.isfinite(figures.get("train_loss", 0.0)):
            raise Stop(f"the loss is not finite in {self.standing}; {self.keeper}")
        return figures

    def _introduce(self) -> None:
        """Say what begins, and keep the spec and the command beside what comes of them."""
        if not self.here.is_first:
            return
        if (HERE / "spec").is_dir():
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


if __name__ == "__main__":
    sys.exit(main())
