"""What the generated training loop costs beside the bare forward, backward and step of the same model and batch.

    python benchmarks/training_loop.py

Both run in one process, with the same weights, optimiser and batches, and take turns of an epoch each. The loop does
all that it does in a training: it draws the order, fetches batches, sums losses and right answers, counts, and looks
for signals. The bare one finds its batches ready made. Augmentation is in neither of them: the recipes have none.
On one thread, in CPU time; the result is the median of the turns' ratios, and the exit code is 1 if it is above its
limit.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import netdsl

LIMIT = 1.10
TURNS = 25
RECIPE = "train { loss cross_entropy; optimizer sgd lr=0.001 momentum=0.9 }"
LENET = f"""net Small {{ input digit: 1x32x32
    conv 5x5 x6 -> relu -> maxpool 2x2 -> conv 5x5 x16 -> relu -> maxpool 2x2
    flatten -> fc 120 -> relu -> fc 84 -> relu -> fc 10
    {RECIPE} }}"""
CONVOLUTIONS = f"""net Small {{ input picture: 3x32x32
    {{ conv 3x3 x16 pad=1 bias=false -> bn -> relu }} * 4
    maxpool 2x2
    {{ conv 3x3 x32 pad=1 bias=false -> bn -> relu }} * 4
    global_avgpool -> flatten -> fc 10
    {RECIPE} }}"""


class Case(NamedTuple):
    """A net, the examples of an update, and those of an epoch."""

    title: str
    spec: str
    batch: int
    examples: int


CASES = (
    Case("LeNet-5", LENET, 32, 800),
    Case("LeNet-5", LENET, 64, 768),
    Case("eight convolutions", CONVOLUTIONS, 64, 128),
)


def program(case: Case, folder: Path) -> Any:
    """The generated training of a net, ready to learn from synthetic examples."""
    for name, text in netdsl.parse(case.spec).only().training().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    own = {path.stem for path in folder.iterdir()}
    for name in [name for name in sys.modules if name.partition(".")[0] in own]:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    import torch
    import train  # type: ignore[import-not-found]

    sys.path.remove(str(folder))
    given = {"data": "synthetic", "device": "cpu", "limit": case.examples, "batch-size": case.batch}
    flags = train.read_flags([word for name, value in given.items() for word in (f"--{name}", str(value))])
    return train.Training(flags, train.Processes(torch.device("cpu")))


def bare(training: Any) -> Callable[[], None]:
    """An epoch of nothing but forward, backward and step."""
    import torch.nn.functional as F  # noqa: N812 - its usual name

    learner, plan = training.learner, training.plan
    order = plan.order(0, 0)
    batches = list(training.data.train.batches(order, plan.batch_size))

    def run() -> None:
        for inputs, targets in batches:
            F.cross_entropy(learner.model(inputs), targets).backward()
            learner.optimizer.step()
            learner.optimizer.zero_grad()

    return run


def generated(training: Any) -> Callable[[], None]:
    """An epoch of the generated loop."""

    def run() -> None:
        training.standing.update = 0
        training.standing.tally.clear()
        training._learn()  # noqa: SLF001 - the part of a training that is measured

    return run


def seconds(run: Callable[[], None]) -> float:
    """How long one epoch keeps the processor busy."""
    start = time.process_time()
    run()
    return time.process_time() - start


def main() -> int:
    """Measure, print the ratios, and say by the exit code whether they keep the limit."""
    import torch

    torch.set_num_threads(1)
    missed = False
    home = Path.cwd()
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            training = program(case, Path(folder))
            pair = bare(training), generated(training)
            times: list[tuple[float, float]] = []
            for _ in range(TURNS + 1):
                with redirect_stdout(StringIO()):
                    times.append((seconds(pair[0]), seconds(pair[1])))
            os.chdir(home)
        ratio = median(loop / alone for alone, loop in times[1:])
        update = median(alone for alone, _ in times[1:]) / training.plan.updates
        name = f"{case.title}, batch {case.batch}"
        sys.stdout.write(f"{name:<32} {update * 1000:7.2f} ms an update  {ratio:5.3f}  limit {LIMIT}\n")
        missed |= ratio > LIMIT
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
