"""Specs to generated training folders, and their programs run as a user runs them, with nothing of ours at hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

import netdsl

RECIPE = """
        loss cross_entropy
        optimizer sgd lr=0.05 momentum=0.9 weight_decay=5e-4
        schedule cosine
        batch 32
        epochs 2
"""

LENET = """
net Digits {{
    input digit: 1x16x16
    conv 5x5 x6 -> relu -> maxpool 2x2
    conv 3x3 x12 -> relu -> maxpool 2x2
    flatten -> fc 32 -> relu{more}
    fc 10
    train {{{recipe}    }}
}}
"""


def lenet(recipe: str = RECIPE, more: str = "") -> str:
    """A small net for digits with that recipe."""
    return LENET.format(recipe=recipe, more=more)


def write(spec: str, folder: Path) -> Path:
    """Write the folder that trains a spec's only net."""
    for name, text in netdsl.parse(spec, name="digits.net").only().training().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def environment() -> dict[str, str]:
    """One thread, and no path on which anything of ours could be found."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "OMP_NUM_THREADS": "1"}


def command(folder: Path, *flags: str, processes: int = 1) -> list[str]:
    """The command that trains."""
    runner = ["-m", "torch.distributed.run", "--nproc-per-node", str(processes)] if processes > 1 else []
    if processes > 1:
        runner += ["--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0"]
    return [sys.executable, "-s", *runner, str(folder / "train.py"), *flags]


def torchrun(folder: Path, *flags: str, processes: int) -> subprocess.CompletedProcess[str]:
    """Train to the end with several processes."""
    return subprocess.run(
        command(folder, *flags, processes=processes),
        env=environment(),
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def wait_for(path: Path, before: int, runs: Callable[[], bool]) -> None:
    """Wait until a file is another one than the one of that time, in nanoseconds, as long as the run does."""
    for _ in range(6000):
        if path.exists() and path.stat().st_mtime_ns != before:
            return
        if not runs():
            raise AssertionError("the run ended before it could be stopped")
        time.sleep(0.01)
    raise AssertionError("no checkpoint was written")


class Run:
    """A process that trains."""

    def __init__(self, server: subprocess.Popen[str], folder: Path, flags: tuple[str, ...], most: int) -> None:
        self.server, self.said = server, folder.parent / "said.txt"
        order = {"folder": str(folder), "flags": flags, "out": os.devnull, "err": str(self.said), "most": most}
        self._write(json.dumps(order))
        self.process = int(self._read())

    def end(self) -> tuple[int, str]:
        """The exit code, below 0 for a signal, and what was said of errors."""
        return int(self._read()), self.said.read_text(encoding="utf-8")

    def interrupt(self, path: Path, number: int, wait: float) -> tuple[int, str]:
        """Send a signal some time behind the next writing of a file, and wait for the end."""
        before = path.stat().st_mtime_ns if path.exists() else 0
        wait_for(path, before, lambda: Path(f"/proc/{self.process}").exists())
        time.sleep(wait)
        os.kill(self.process, number)
        return self.end()

    def _write(self, line: str) -> None:
        assert self.server.stdin is not None
        self.server.stdin.write(f"{line}\n")
        self.server.stdin.flush()

    def _read(self) -> str:
        assert self.server.stdout is not None
        return self.server.stdout.readline()


class Runner:
    """Trains in processes of their own, which are forked from one that has imported torch."""

    def __init__(self) -> None:
        self.server = subprocess.Popen(
            [sys.executable, "-s", str(Path(__file__).with_name("runner.py"))],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, folder: Path, *flags: str, most: int = 0) -> Run:
        """Begin to train; no file may grow beyond `most` bytes, if that is not 0."""
        return Run(self.server, folder, flags, most)

    def train(self, folder: Path, *flags: str, most: int = 0) -> tuple[int, str]:
        """Train to the end: the exit code, and what was said of errors."""
        return self.start(folder, *flags, most=most).end()

    def close(self) -> None:
        """End the process that is forked."""
        self.server.communicate(timeout=60)


def metrics(output: Path) -> list[dict[str, float]]:
    """The figures of a run, without the time that it took."""
    lines = (output / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [{name: value for name, value in json.loads(line).items() if name != "seconds"} for line in lines]


def checkpoint(output: Path) -> dict[str, Any]:
    """A run's last checkpoint."""
    state: dict[str, Any] = torch.load(output / "last.pt", weights_only=True)
    return state


def same(one: object, other: object) -> bool:
    """Whether two states are equal, bit for bit."""
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return isinstance(other, list | tuple) and len(one) == len(other) and all(map(same, one, other))
    return one == other
