"""Several processes by torchrun: copies of the model, or the model sharded over them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.training.programs import (
    Runner,
    checkpoint,
    command,
    environment,
    lenet,
    metrics,
    same,
    torchrun,
    wait_for,
    write,
)

EPOCHS = 3
FLAGS = ("--limit", "800", "--epochs", str(EPOCHS))

# Each process has means of its own here, of the examples that it is shown.
NORMED = """
net Normed {
    input digit: 1x8x8
    conv 3x3 x8 -> bn -> relu -> global_avgpool -> flatten
    fc 10
    train {
        loss cross_entropy
        optimizer sgd lr=0.05 momentum=0.9
        ema 0.9
        batch 32
        epochs 2
    }
}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that draws no random numbers in training."""
    return write(lenet(), tmp_path_factory.mktemp("processes") / "program")


@pytest.fixture(scope="module")
def alone(runner: Runner, folder: Path) -> Path:
    """A run of one process with 32 examples in an update."""
    assert runner.train(folder, *FLAGS, "-b", "32", "--output", str(folder / "alone")) == (0, "")
    return folder / "alone"


def agrees(one: Path, two: Path) -> bool:
    """Whether two runs have the same curves, but for the order in which numbers are added."""
    pairs = list(zip(metrics(one), metrics(two), strict=True))
    assert len(pairs) == EPOCHS
    return all(
        first["train_loss"] == pytest.approx(second["train_loss"], rel=1e-4)
        and first["eval_loss"] == pytest.approx(second["eval_loss"], rel=1e-3)
        and first["eval_top1"] == pytest.approx(second["eval_top1"], abs=0.01)
        for first, second in pairs
    )


def test_two_processes_learn_as_one_with_twice_the_batch(folder: Path, alone: Path) -> None:
    done = torchrun(folder, *FLAGS, "-b", "16", "--output", str(folder / "two"), processes=2)

    assert done.returncode == 0, done.stderr
    assert agrees(alone, folder / "two")


def test_a_sharded_model_is_stopped_goes_on_and_learns_the_same(folder: Path, alone: Path) -> None:
    output = folder / "sharded"
    parts = ("-b", "8", "--grad-accum-steps", "2", "--fsdp", "--log-interval", "1", "--recovery-interval", "2")
    flags = (*FLAGS, *parts, "--output", str(output))
    process = subprocess.Popen(
        command(folder, *flags, processes=2),
        env=environment(),
        cwd=folder.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(output / "last.pt", 0, lambda: process.poll() is None)
    process.terminate()
    said = process.communicate(timeout=120)[1]
    assert process.returncode != 0
    assert "train.py: stopped by SIGTERM" in said
    assert checkpoint(output)["epoch"] < EPOCHS, "it was stopped too late"
    done = torchrun(folder, *flags, "--resume", processes=2)

    assert done.returncode == 0, done.stderr
    assert agrees(alone, output)


def test_sharded_means_and_averages_go_on_with_the_same_bits(tmp_path: Path) -> None:
    program, output = write(NORMED, tmp_path / "program"), tmp_path / "whole"
    flags = ("--fsdp", "--limit", "320", "--recovery-interval", "2")
    process = subprocess.Popen(
        command(program, *flags, "--output", str(output), processes=2),
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(output / "last.pt", 0, lambda: process.poll() is None)
    shutil.copy(output / "last.pt", tmp_path / "early.pt")
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 0, said
    done = torchrun(program, *flags, "--resume", str(tmp_path / "early.pt"), processes=2)

    assert done.returncode == 0, done.stderr
    whole, resumed = checkpoint(output), checkpoint(program / "output")
    for part in ("model", "optimizer", "average", "best"):
        assert same(whole[part], resumed[part]), part
    assert metrics(output) == metrics(program / "output")
