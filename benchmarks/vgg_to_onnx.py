"""How much more a compilation of VGG-16 to ONNX costs than its random numbers do.

Each run is a process of its own, measured as the operating system counts it: processor time, and memory at its peak.
Its floor is a process that draws as many numbers from the same generator, scales them, and writes them to a file.
The two take turns, so that a noisy machine disturbs both. Limits: 1.6 times the floor's time, half of the weights'
bytes. Run it on a machine with 2 GB of free disk: `python benchmarks/vgg_to_onnx.py`.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPILE = [sys.executable, "-m", "netdsl", "compile", "specs/vgg.net", "--net", "VGG_D", "--target", "onnx", "-o"]
WRITER = [sys.executable, __file__, "--child", "writer"]
FLOOR = [sys.executable, __file__, "--child", "floor"]

TIME_LIMIT = 1.6
MEMORY_LIMIT = 0.5
PIECE = 1 << 15
FLOAT = 1
CONVOLUTIONS = (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)
DENSE = ((512 * 7 * 7, 4096), (4096, 4096), (4096, 1000))


@dataclass(frozen=True)
class Cost:
    """What one process took: seconds of processor time, and MB (of 1,000,000 bytes) of memory at its peak."""

    seconds: float
    megabytes: float


def shapes() -> Iterator[tuple[tuple[int, ...], int]]:
    """The shapes of VGG-16's weights and biases (Simonyan and Zisserman 2015, net D), each with the layer's fan-in."""
    channels = 3
    for width in CONVOLUTIONS:
        fan_in = channels * 3 * 3
        yield (width, channels, 3, 3), fan_in
        yield (width,), fan_in
        channels = width
    for fan_in, width in DENSE:
        yield (width, fan_in), fan_in
        yield (width,), fan_in


def draw_and_write(path: str) -> None:
    """The floor: all the numbers, through a buffer of the size that was fastest."""
    import numpy as np

    generator = np.random.Generator(np.random.SFC64(0))
    buffer = np.empty(PIECE, np.float32)
    with Path(path).open("wb") as file:
        for shape, fan_in in shapes():
            bound = np.float32(1 / math.sqrt(fan_in))
            for start in range(0, math.prod(shape), PIECE):
                numbers = buffer[: math.prod(shape) - start]
                generator.random(out=numbers, dtype=np.float32)
                numbers *= 2 * bound
                numbers -= bound
                file.write(numbers.data)


def write_weights(path: str) -> None:
    """The writer alone: the weights of VGG-16 beside a graph without nodes."""
    from netdsl.targets.onnx.stream import Initializer, write_model
    from netdsl.weights.draw import pieces
    from netdsl.weights.initializers import pytorch_default

    initializers = []
    for number, (shape, fan_in) in enumerate(shapes()):
        count = math.prod(shape)
        draw = partial(pieces, pytorch_default(fan_in), count, f"tensor{number}", 0)
        initializers.append(Initializer(f"tensor{number}", shape, FLOAT, draw, 4 * count))
    write_model(path, b"", initializers)


def measure(command: list[str], path: Path) -> Cost:
    """Run the command with the path behind it, and remove what it wrote."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    process = subprocess.Popen([*command, str(path)], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or path.stat().st_size < weight_bytes():
        raise SystemExit(f"{' '.join(command)} failed.")
    path.unlink()
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6)


def weight_bytes() -> int:
    """The size of all weights and biases as float32."""
    return sum(4 * math.prod(shape) for shape, _ in shapes())


def compare(command: list[str], runs: int, folder: Path) -> int:
    """Print the costs and their ratios; 0 if they are within the limits, otherwise 1."""
    measure(command, folder / "warm_up.onnx")
    ours, floors = [], []
    for _ in range(runs):
        ours.append(measure(command, folder / "vgg.onnx"))
        floors.append(measure(FLOOR, folder / "floor.bin"))
    ratio = statistics.median(our.seconds / floor.seconds for our, floor in zip(ours, floors, strict=True))
    memory = max(our.megabytes for our in ours) * 1e6 / weight_bytes()
    seconds = statistics.median(our.seconds for our in ours)
    floor_seconds = statistics.median(floor.seconds for floor in floors)
    sys.stdout.write(
        f"processor time: {seconds:.2f} s, floor {floor_seconds:.2f} s, ratio {ratio:.2f} (limit {TIME_LIMIT})\n"
        f"peak memory: {max(our.megabytes for our in ours):.0f} MB, "
        f"{memory:.2f} of the weights' {weight_bytes() / 1e6:.0f} MB (limit {MEMORY_LIMIT})\n"
    )
    return int(ratio > TIME_LIMIT or memory > MEMORY_LIMIT)


def main() -> int:
    """Read the command line, and measure or be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="pairs of processes to measure")
    parser.add_argument("--writer-only", action="store_true", help="measure the writing of the weights alone")
    parser.add_argument("--folder", type=Path, help="where to write (a disk; default: the system's temporary folder)")
    parser.add_argument("--child", nargs=2, metavar=("WHAT", "PATH"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        what, path = arguments.child
        {"floor": draw_and_write, "writer": write_weights}[what](path)
        return 0
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        return compare(WRITER if arguments.writer_only else COMPILE, arguments.runs, Path(folder))


if __name__ == "__main__":
    raise SystemExit(main())
