"""A run that is killed and resumed ends where an undisturbed one ends, bit for bit."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from tests.training.programs import Runner, checkpoint, lenet, metrics, same, write

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


def test_killed_three_times_and_resumed_it_ends_with_the_same_bits(
    runner: Runner, folder: Path, tmp_path: Path
) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert runner.train(folder, *FLAGS, "--output", str(whole)) == (0, "")

    generator = random.Random(7)  # noqa: S311 - moments, no secrets
    for turn in range(3):
        run = runner.start(folder, *FLAGS, "--output", str(broken), *(["--resume"] if turn else []))
        code, _ = run.interrupt(broken / "last.pt", signal.SIGKILL, generator.uniform(0, 0.2))
        assert code == -signal.SIGKILL
        assert checkpoint(broken)["epoch"] < 6, "it was killed too late"
    assert runner.train(folder, *FLAGS, "--output", str(broken), "--resume") == (0, "")

    one, other = checkpoint(whole), checkpoint(broken)
    for part in ("model", "optimizer", "schedule", "average", "ranks", "best", "epoch", "update"):
        assert same(one[part], other[part]), part
    assert metrics(whole) == metrics(broken)
    assert (whole / "best.safetensors").read_bytes() == (broken / "best.safetensors").read_bytes()


def test_a_signal_ends_a_run_behind_a_checkpoint_and_without_a_traceback(
    runner: Runner, folder: Path, tmp_path: Path
) -> None:
    run = runner.start(folder, *FLAGS, "--output", str(tmp_path))
    code, said = run.interrupt(tmp_path / "last.pt", signal.SIGINT, 0.05)

    state = checkpoint(tmp_path)
    assert code == 128 + signal.SIGINT
    place = f"epoch {state['epoch'] + 1}, update {state['update']}"
    assert said == (
        f"train.py: stopped by SIGINT; {tmp_path / 'last.pt'} has the state of {place}: `--resume` goes on from there\n"
    )


def test_one_cycle_refuses_a_second_rise(runner: Runner, folder: Path, tmp_path: Path) -> None:
    code, said = runner.train(folder, "--warmup-epochs", "2", "--output", str(tmp_path))

    assert code == 2
    assert said.endswith("--warmup-epochs: this recipe's schedule has a rise of its own\n")
