"""How the time of a check grows with the net's length: straight nets of 1,000 and 10,000 layers.

    python benchmarks/check_linear.py

Each size is a process of its own, `netdsl check` on a file with one layer a line, its report printed as JSON; the
sizes take turns. Prints the median CPU seconds, and how many times longer the tenfold net takes; the exit code is 1 if
that is more than twelve times.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

CHECKOUT = Path(__file__).resolve().parents[1]
LENGTHS = (1_000, 10_000)
TURNS = 5
MOST = 12.0


def straight_net(length: int) -> str:
    """A net of so many layers: convolutions, normalisations and activations in turn, with a dense end."""
    layers = ["conv 3x3 x16 pad=1", "bn", "relu", "conv 1x1 x16", "sigmoid"]
    body = [layers[position % len(layers)] for position in range(length - 2)]
    lines = ["input picture: 3x32x32", *body, "global_avgpool", "fc 10"]
    return "net Straight {\n" + "".join(f"    {line}\n" for line in lines) + "}\n"


def cpu_seconds(spec: Path) -> float:
    """User and system time of a check, start and output included."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(CHECKOUT)
    command = [sys.executable, "-m", "netdsl", "check", str(spec), "--output-format", "json"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    """Measure, print, and say by the exit code whether the time grows with the length."""
    with tempfile.TemporaryDirectory() as folder:
        specs = {length: Path(folder, f"straight{length}.net") for length in LENGTHS}
        for length, spec in specs.items():
            spec.write_text(straight_net(length), encoding="utf-8")
        turns = [[cpu_seconds(spec) for spec in specs.values()] for _ in range(TURNS)]
    times = [median(column) for column in zip(*turns, strict=True)]
    for length, seconds in zip(LENGTHS, times, strict=True):
        sys.stdout.write(f"{length:>6,} layers {seconds:7.2f} s\n")
    ratio = times[1] / times[0]
    sys.stdout.write(f"ratio {ratio:.1f}, limit {MOST:g}\n")
    return int(ratio > MOST)


if __name__ == "__main__":
    sys.exit(main())
