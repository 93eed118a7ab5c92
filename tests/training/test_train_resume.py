"""A run that is killed and resumed ends where an undisturbed one ends, bit for bit."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.training.programs import checkpoint, command, environment, lenet, metrics, same, train, wait_for, write

RECIPE = """
        loss cross_entropy label_smoothing=0.1
        optimizer adamw lr=0.002
        schedule one_cycle
        ema 0.99
        batch 16
        epochs 6
        augment mixup 0.2
"""
FLAGS = ("--recovery-interval", "5", "--limit", "640", "--log-interval", "10")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that draws random numbers in training: dropout and mixed examples."""
    return write(lenet(RECIPE, more=" -> dropout 0.5"), tmp_path_factory.mktemp("resume") / "program")


def interrupt(folder: Path, output: Path, number: int, wait: float, *, resume: bool) -> tuple[int, str]:
    """Start or resume a run and send it a signal some time behind its next checkpoint."""
    last = output / "last.pt"
    before = last.stat().st_mtime_ns if last.exists() else 0
    flags = [*FLAGS, "--output", str(output), *(["--resume"] if resume else [])]
    process = subprocess.Popen(
        command(folder, *flags),
        env=environment(),
        cwd=folder.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(last, before, process)
    time.sleep(wait)
    process.send_signal(number)
    return process.wait(60), process.communicate()[1]


def test_killed_three_times_and_resumed_it_ends_with_the_same_bits(folder: Path, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    undisturbed = train(folder, *FLAGS, "--output", str(whole))
    assert undisturbed.returncode == 0, undisturbed.stderr

    generator = random.Random(7)  # noqa: S311 - moments, no secrets
    for turn in range(3):
        code, _ = interrupt(folder, broken, signal.SIGKILL, generator.uniform(0, 0.2), resume=turn > 0)
        assert code == -signal.SIGKILL
        assert checkpoint(broken)["epoch"] < 6, "it was killed too late"
    resumed = train(folder, *FLAGS, "--output", str(broken), "--resume")

    assert resumed.returncode == 0, resumed.stderr
    one, other = checkpoint(whole), checkpoint(broken)
    for part in ("model", "optimizer", "schedule", "average", "ranks", "best", "epoch", "update"):
        assert same(one[part], other[part]), part
    assert metrics(whole) == metrics(broken)
    assert (whole / "best.safetensors").read_bytes() == (broken / "best.safetensors").read_bytes()


def test_a_signal_ends_a_run_behind_a_checkpoint_and_without_a_traceback(folder: Path, tmp_path: Path) -> None:
    code, said = interrupt(folder, tmp_path, signal.SIGINT, 0.05, resume=False)

    state = checkpoint(tmp_path)
    assert code == 128 + signal.SIGINT
    place = f"epoch {state['epoch'] + 1}, update {state['update']}"
    assert said == (
        f"train.py: stopped by SIGINT; {tmp_path / 'last.pt'} has the state of {place}: `--resume` goes on from there\n"
    )
