"""What `netdsl check` costs from its start to its end, in CPU time, beside `python -c "import lark"`.

    python benchmarks/check_start.py [SPEC]

Every command is a process of its own; the commands take turns, so that a busy machine is busy for all of them. The
result is the ratio of medians over the turns, and the exit code is 1 if a ratio is above its limit.
"""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path
from statistics import median

CHECKOUT = Path(__file__).resolve().parents[1]
TURNS = 15
START = "import sys; from netdsl.cli.main import main; sys.exit(main())"


def environment() -> dict[str, str]:
    """The environment of the commands: Python may keep its bytecode, and finds this checkout."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": str(CHECKOUT), "TERM": "xterm-256color", "COLUMNS": "120"}


def cpu_seconds(command: list[str], *, on_terminal: bool) -> float:
    """User and system time of a command that must succeed, its output thrown away."""
    reader, writer = pty.openpty() if on_terminal else os.pipe()
    process = subprocess.Popen(command, stdout=writer, env=environment(), cwd=CHECKOUT)
    os.close(writer)
    while _read(reader):
        pass
    os.close(reader)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the other end of a terminal is closed
        return b""


def main() -> int:
    """Measure, print the ratios, and say by the exit code whether they keep their limits."""
    spec = sys.argv[1] if len(sys.argv) > 1 else "specs/alexnet.net"
    check = [sys.executable, "-c", START, "check", spec]
    kinds: dict[str, tuple[list[str], bool, float | None]] = {
        "import lark": ([sys.executable, "-c", "import lark"], False, None),
        "check, piped": (check, False, 2.5),
        "check, concise": ([*check, "--output-format", "concise"], False, 2.5),
        "check, json": ([*check, "--output-format", "json"], False, 2.5),
        "check, on a terminal": (check, True, 3.5),
    }
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for turn in range(TURNS + 1):
        for name, (command, on_terminal, _) in kinds.items():
            seconds = cpu_seconds(command, on_terminal=on_terminal)
            if turn:  # the first turn writes the bytecode
                times[name].append(seconds)
    unit = median(times["import lark"])
    missed = False
    for name, (_, _, limit) in kinds.items():
        middle = median(times[name])
        bound = f"limit {limit}" if limit else "the unit"
        sys.stdout.write(f"{name:<22} {middle * 1000:7.1f} ms  {middle / unit:5.2f}  {bound}" + "\n")
        missed |= limit is not None and middle / unit > limit
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
