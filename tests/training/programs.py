"""Specs to generated training folders, and their programs run as a user runs them, with nothing of ours at hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
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


def train(folder: Path, *flags: str, processes: int = 1) -> subprocess.CompletedProcess[str]:
    """Train to the end."""
    return subprocess.run(
        command(folder, *flags, processes=processes),
        env=environment(),
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def wait_for(path: Path, before: int, process: subprocess.Popen[str]) -> None:
    """Wait until a file is another one than the one of that time, in nanoseconds."""
    for _ in range(6000):
        if process.poll() is not None:
            raise AssertionError("the run ended before it could be killed")
        if path.exists() and path.stat().st_mtime_ns != before:
            return
        time.sleep(0.01)
    raise AssertionError("no checkpoint was written")


def call(folder: Path, runs: list[list[str]]) -> list[tuple[int, str]]:
    """Exit codes and error messages of several trainings in one process, which saves the time of importing torch."""
    program = """
import contextlib, io, json, sys
sys.path.insert(0, sys.argv[1])
import train
results = []
for flags in json.loads(sys.argv[2]):
    sys.argv = ["train.py", *flags]
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        try:
            code = train.main()
        except SystemExit as end:
            code = end.code
    results.append([code, said.getvalue()])
assert not [name for name in sys.modules if name.split(".")[0] == "netdsl"]
print(json.dumps(results))
"""
    done = subprocess.run(
        [sys.executable, "-s", "-c", program, str(folder), json.dumps(runs)],
        env=environment(),
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return [(code, said) for code, said in json.loads(done.stdout.splitlines()[-1])]


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
