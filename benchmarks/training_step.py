"""What a step of training costs with the generated ResNet-18, and with one that is written by hand.

Both modules hold the same weights and learn from the same batch, by SGD with momentum. They take turns in an order that
is drawn anew in every round; each runs once unmeasured, and then a few times, of which the median counts. Ratios are
those within a round, of processor time on one thread, so that what else the machine does disturbs both sides; the
median over the rounds is what is told. Limit: 1.03.

    python benchmarks/training_step.py              and writes the table into docs/benchmarks.md
    python benchmarks/training_step.py --rounds 5 --dry     writes nothing
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.inference import PAGE, processor, with_section  # noqa: E402 - the checkout is found first

BATCH = 8
STEPS = 3
LIMIT = 1.03
GENERATED, BY_HAND = "generated", "by hand"

TEXT = """
Made by `python benchmarks/training_step.py` in {rounds} rounds, on one thread of {processor}, with PyTorch {torch}: a
step of SGD with momentum on {batch} pictures. Times are medians of processor time in milliseconds, the ratio is the
median of those within a round.

| net | generated | by hand | generated / by hand |
|---|---|---|---|
| ResNet18 | {generated:.0f} | {by_hand:.0f} | {ratio:.3f} (limit {limit}) |
"""


def contestants() -> dict[str, Callable[[], float]]:
    """Both modules, each as a function that takes a step and returns the loss before it."""
    import torch

    import netdsl
    from benchmarks.handwritten_resnet18 import ResNet18

    torch.manual_seed(0)
    generated = netdsl.load(ROOT / "specs" / "resnet.net")["ResNet18"].module()
    by_hand = ResNet18()
    by_hand.load_state_dict(generated.state_dict())
    pictures, labels = torch.randn(BATCH, 3, 224, 224), torch.randint(0, 1000, (BATCH,))
    modules = {GENERATED: generated, BY_HAND: by_hand}
    return {name: step(module, pictures, labels) for name, module in modules.items()}


def step(module: Any, pictures: Any, labels: Any) -> Callable[[], float]:
    """A step of training as a function."""
    import torch

    optimiser = torch.optim.SGD(module.train().parameters(), 0.01, momentum=0.9)

    def run() -> float:
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(module(pictures), labels)
        loss.backward()
        optimiser.step()
        return loss.item()

    return run


def timed(run: Callable[[], float]) -> float:
    """Milliseconds of processor time of a step in its middle case, behind one that is not measured."""
    run()
    taken = []
    for _ in range(STEPS):
        start = time.process_time()
        run()
        taken.append(time.process_time() - start)
    return 1000 * statistics.median(taken)


def measured(rounds: int) -> dict[str, list[float]]:
    """The times of both, one for each round."""
    order = random.Random(0)  # noqa: S311 - an order is no secret
    steps = contestants()
    losses = [run() for run in steps.values()]
    if abs(losses[0] - losses[1]) > 1e-4 * losses[1]:
        raise SystemExit(f"the modules do not compute the same: {losses}")
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name in order.sample(list(steps), len(steps)):
            times[name].append(timed(steps[name]))
    return times


def main() -> int:
    """Measure, write the table, and say by the exit code whether the limit holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="how often both take their turn")
    parser.add_argument("--dry", action="store_true", help="print the table, and leave the page as it is")
    arguments = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    times = measured(arguments.rounds)
    ratio = statistics.median(a / b for a, b in zip(times[GENERATED], times[BY_HAND], strict=True))
    text = TEXT.format(
        rounds=arguments.rounds,
        processor=processor(),
        torch=version("torch").partition("+")[0],
        batch=BATCH,
        generated=statistics.median(times[GENERATED]),
        by_hand=statistics.median(times[BY_HAND]),
        ratio=ratio,
        limit=LIMIT,
    )
    sys.stdout.write(text)
    if not arguments.dry:
        page = with_section(PAGE.read_text(encoding="utf-8"), "A step of training", text)
        PAGE.write_text(page, encoding="utf-8", newline="\n")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
