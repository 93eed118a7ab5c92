"""What a run tells: a progress bar, metrics.jsonl, TensorBoard, and pictures at the end."""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from torch import Tensor

from checkpoints import replace_file, write_text
from stopping import WRONG_USE, Stop

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


def in_words(metrics: dict[str, float]) -> str:
    """`epoch 3, train_loss 0.1234, eval_top1 98.33 %`."""
    return ", ".join(
        f"{name} {_number(name, value)}" for name, value in metrics.items()
    )


def _number(name: str, value: float) -> str:
    if name.endswith(("top1", "top5")):
        return f"{value:.2%}"
    return f"{value:.0f}" if name == "epoch" else f"{value:.4g}"


class Progress:
    """One epoch's bar on a terminal, plain lines elsewhere; silent in every process but the first."""

    def __init__(
        self,
        title: str,
        total: int,
        done: int,
        *,
        examples: int,
        interval: int,
        silent: bool,
    ) -> None:
        """Begin.

        Args:
            title: what stands before the bar.
            total: the epoch's updates.
            done: those that were made before the run was resumed.
            examples: how many examples an update takes, in all processes together.
            interval: updates between two lines.
            silent: whether nothing is shown.
        """
        self.title, self.total, self.done = title, total, done
        self.examples, self.interval, self.silent = examples, interval, silent
        self.start, self.first = time.monotonic(), done
        self.bar: Any = None
        if sys.stderr.isatty() and not silent:
            from tqdm import tqdm

            self.bar = tqdm(
                total=total,
                initial=done,
                desc=title,
                unit=" updates",
                leave=False,
                dynamic_ncols=True,
            )

    def advance(self) -> bool:
        """Count an update; whether figures are wanted after it. Those of the whole epoch are not told here."""
        self.done += 1
        if self.bar is not None:
            self.bar.update()
        return self.done % self.interval == 0 and self.done < self.total

    def show(self, metrics: dict[str, float]) -> None:
        """Show the figures so far, with the rate and the time left."""
        figures = in_words(metrics)
        rate = (self.done - self.first) / max(time.monotonic() - self.start, 1e-9)
        if self.bar is not None:
            self.bar.set_postfix_str(
                f"{figures}, {rate * self.examples:,.0f} examples/s"
            )
        elif not self.silent:
            left = (self.total - self.done) / rate if rate else 0.0
            line = f"{self.title}: {self.done}/{self.total}, {figures}, {rate * self.examples:,.0f} examples/s"
            print(f"{line}, {left:.0f} s left", flush=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()


def refuse_missing_tensorboard(*, wanted: bool) -> None:
    """See that there is what writes events, if they are wanted."""
    if wanted and find_spec("tensorboard") is None:
        reason = "tensorboard is not installed: `pip install tensorboard`"
        raise Stop(f"--tensorboard: {reason}", WRONG_USE)


class Record:
    """The figures of all epochs: one line of JSON for each in metrics.jsonl, and TensorBoard's events."""

    def __init__(
        self, folder: Path, history: list[dict[str, float]], *, tensorboard: bool
    ) -> None:
        self.folder = folder
        self.history = history
        self.events: SummaryWriter | None = None
        if tensorboard:
            from torch.utils.tensorboard import SummaryWriter

            self.events = SummaryWriter(
                str(folder / "tensorboard"), purge_step=len(history) + 1
            )
        self._write()

    def add(self, metrics: dict[str, float]) -> None:
        """An epoch's figures, which the history ends with."""
        self._write()
        if self.events is not None:
            for name, value in metrics.items():
                self.events.add_scalar(name, value, int(metrics["epoch"]))
            self.events.flush()

    def _write(self) -> None:
        """The whole file: lines of epochs that a resumed run makes again would stand there twice."""
        lines = (json.dumps(metrics) + "\n" for metrics in self.history)
        write_text(self.folder / "metrics.jsonl", "".join(lines))

    def draw_curves(self) -> None:
        """The picture curves.png: losses on the left, accuracies on the right, over the epochs."""
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot

        figure, axes = pyplot.subplots(1, 2, figsize=(10, 4), layout="constrained")
        names = [
            name for name in self.history[0] if name.endswith(("loss", "top1", "top5"))
        ]
        for name in names:
            side = axes[0] if name.endswith("loss") else axes[1]
            epochs = [metrics["epoch"] for metrics in self.history]
            side.plot(epochs, [metrics[name] for metrics in self.history], label=name)
        for side in axes:
            side.set_xlabel("epoch")
            side.grid(alpha=0.3)
            if side.has_data():
                side.legend()
        replace_file(
            self.folder / "curves.png",
            lambda handle: figure.savefig(handle, format="png", dpi=120),
        )
        pyplot.close(figure)


def write_confusion(folder: Path, confusion: Tensor, classes: tuple[str, ...]) -> None:
    """The table confusion.csv: a row for each true class, a column for each answer."""
    rows = [["", *classes]]
    rows += [
        [name, *map(str, counts)]
        for name, counts in zip(classes, confusion.tolist(), strict=True)
    ]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    write_text(folder / "confusion.csv", text.getvalue())
