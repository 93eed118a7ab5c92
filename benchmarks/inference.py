"""How fast onnxruntime runs our models: against PyTorch's exporter, against PyTorch itself, and in eight bits.

All contestants of a net hold the same weights and take the same batch of one picture, on two threads of one process.
They take turns in an order that is drawn anew in every round; a contestant runs once unmeasured, and then a few times,
of which the median counts. Ratios are those within a round, so that what else the machine does disturbs both sides;
the median over the rounds is what is told. onnxruntime's threads stop spinning behind each run, since they would take
the next contestant's cores.

Limits: our graph takes at most 1.03 times as long as the exporter's (geometric mean over the nets), and ResNet-50 in
eight bits is at least 1.6 times as fast as in float32.

    python benchmarks/inference.py                  all nets, and writes the table into docs/benchmarks.md
    python benchmarks/inference.py --rounds 5 --net ResNet50 --dry      one net, and writes nothing
"""

from __future__ import annotations

import argparse
import gc
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
NETS = {
    "ResNet50": "resnet.net",
    "GoogLeNet": "googlenet.net",
    "MobileNetV2": "mobilenet.net",
    "DenseNet121": "densenet.net",
}
EIGHT_BITS = "ResNet50"
THREADS = 2
RUNS = 3
EXAMPLES = 16

EXPORT_LIMIT = 1.03
EIGHT_BITS_LIMIT = 1.6

OURS, EXPORTED, EAGER, SMALL = "ours", "exporter", "eager", "int8"


@dataclass(frozen=True)
class Figures:
    """One net's times in milliseconds by contestant, a list of one for each round."""

    net: str
    times: dict[str, list[float]]

    def median(self, contestant: str) -> float:
        """The middle of a contestant's times."""
        return statistics.median(self.times[contestant])

    def ratio(self, one: str, other: str) -> float:
        """The middle of the ratios within a round."""
        return statistics.median(a / b for a, b in zip(self.times[one], self.times[other], strict=True))


# ---- contestants -----------------------------------------------------------------------------


def contestants(name: str, folder: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The ways to run a net, each as a function that runs it once."""
    import numpy as np
    import torch

    import netdsl
    from netdsl.weights.sources import Lively

    net = netdsl.load(ROOT / "specs" / NETS[name])[name]
    weights = Lively(0)
    (declared,) = net.graph.inputs
    assert declared.type is not None
    shape = (1, *(int(size) for size in declared.type.shape))  # type: ignore[arg-type]
    picture = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    ours, *_ = net.write_onnx(folder / "ours.onnx", weights=weights)
    yield OURS, session(ours, picture)
    module = net.module(weights=weights).eval()
    x = torch.from_numpy(picture)
    yield EXPORTED, session(exported(module, x, folder / "exported.onnx"), picture)
    yield EAGER, eager(module, x)
    if name == EIGHT_BITS:
        examples = np.random.default_rng(1).standard_normal((EXAMPLES, *shape[1:])).astype(np.float32)
        np.savez(folder / "examples.npz", **{declared.name or "input": examples})
        path = folder / "int8.onnx"
        net.write_onnx(path, weights=weights, precision="int8", calibration=folder / "examples.npz")
        yield SMALL, session(path, picture)


def session(path: Path, picture: Any) -> Callable[[], Any]:
    """A model in onnxruntime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.log_severity_level = 3
    options.add_session_config_entry("session.force_spinning_stop", "1")
    loaded = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    feeds = {loaded.get_inputs()[0].name: picture}
    return lambda: loaded.run(None, feeds)


def exported(module: Any, x: Any, path: Path) -> Path:
    """The generated module as PyTorch's exporter writes it; what the exporter tells goes to the error stream."""
    import torch

    with redirect_stdout(sys.stderr):
        torch.onnx.export(module, (x,), path, dynamo=True, external_data=False, verbose=False)
    return path


def eager(module: Any, x: Any) -> Callable[[], Any]:
    """The generated module in PyTorch."""
    import torch

    def run() -> Any:
        with torch.inference_mode():
            return module(x)

    return run


# ---- measuring -------------------------------------------------------------------------------


def measured(name: str, rounds: int) -> Figures:
    """The times of all contestants of a net."""
    order = random.Random(name)  # noqa: S311 - an order is no secret
    with tempfile.TemporaryDirectory() as folder:
        runs = dict(contestants(name, Path(folder)))
        for run in runs.values():
            run()
        times: dict[str, list[float]] = {contestant: [] for contestant in runs}
        for _ in range(rounds):
            for contestant in order.sample(list(runs), len(runs)):
                times[contestant].append(timed(runs[contestant]))
    del runs
    gc.collect()
    return Figures(name, times)


def timed(run: Callable[[], Any]) -> float:
    """Milliseconds of a run in its middle case, behind one that is not measured."""
    run()
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return 1000 * statistics.median(taken)


# ---- the page --------------------------------------------------------------------------------


TEXT = """
Made by `python benchmarks/inference.py` in {rounds} rounds, on two threads of {processor}, with onnxruntime
{onnxruntime} and PyTorch {torch}. A batch is one picture. Times are medians in milliseconds, ratios medians of those
within a round. The exporter is `torch.onnx.export(dynamo=True)` of the generated module; eager is that module itself.

| net | ours | exporter | ours / exporter | eager | eager / ours |
|---|---|---|---|---|---|
{rows}
| geometric mean | | | {export:.3f} (limit {limit}) | | {eager:.2f} |
"""
ROW = "| {} | {:.1f} | {:.1f} | {:.3f} | {:.1f} | {:.2f} |"
SMALL_TEXT = """
{} in eight bits takes {:.1f} ms; in float32 it takes {:.2f} times as long (limit {}).
"""


def section(figures: list[Figures], rounds: int) -> str:
    """The tables, as Markdown."""
    rows = [
        ROW.format(each.net, *map(each.median, (OURS, EXPORTED)), each.ratio(OURS, EXPORTED), *eager_columns(each))
        for each in figures
    ]
    table = TEXT.format(
        rounds=rounds,
        processor=processor(),
        onnxruntime=version("onnxruntime"),
        torch=version("torch").partition("+")[0],
        rows="\n".join(rows),
        export=mean(figures, OURS, EXPORTED),
        limit=EXPORT_LIMIT,
        eager=mean(figures, EAGER, OURS),
    )
    small = [each for each in figures if SMALL in each.times]
    return table + "".join(
        SMALL_TEXT.format(each.net, each.median(SMALL), each.ratio(OURS, SMALL), EIGHT_BITS_LIMIT) for each in small
    )


def eager_columns(each: Figures) -> tuple[float, float]:
    """PyTorch's time, and how many of ours it is."""
    return each.median(EAGER), each.ratio(EAGER, OURS)


def mean(figures: list[Figures], one: str, other: str) -> float:
    """The geometric mean of a ratio over the nets."""
    return statistics.geometric_mean([each.ratio(one, other) for each in figures])


def processor() -> str:
    """The processor's name, where the system tells it."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names and names[0] else platform.machine()


def with_section(page: str, title: str, text: str) -> str:
    """The page with the text below a heading exchanged."""
    before, heading, rest = page.partition(f"## {title}\n")
    following = rest.find("\n## ")
    after = rest[following:] if following >= 0 else ""
    return f"{before}{heading}{text.rstrip()}\n{after}"


def main() -> int:
    """Measure, write the table, and say by the exit code whether the limits hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=21, help="how often all contestants take their turn")
    parser.add_argument("--net", choices=NETS, action="append", help="a net; all by default")
    parser.add_argument("--dry", action="store_true", help="print the table, and leave the page as it is")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    import torch

    torch.set_num_threads(THREADS)
    figures = [measured(name, arguments.rounds) for name in arguments.net or NETS]
    text = section(figures, arguments.rounds)
    sys.stdout.write(text)
    if not arguments.dry:
        page = with_section(PAGE.read_text(encoding="utf-8"), "Inference", text)
        PAGE.write_text(page, encoding="utf-8", newline="\n")
    slow = mean(figures, OURS, EXPORTED) > EXPORT_LIMIT
    small = [each.ratio(OURS, SMALL) for each in figures if SMALL in each.times]
    return int(slow or any(ratio < EIGHT_BITS_LIMIT for ratio in small))


if __name__ == "__main__":
    raise SystemExit(main())
