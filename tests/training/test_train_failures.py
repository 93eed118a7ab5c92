"""What goes wrong in a training: a sentence, an exit code, and the last good state."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest
import torch

from tests.training.programs import Runner, checkpoint, lenet, metrics, write

QUICK = ("--limit", "64", "--epochs", "2")


@pytest.fixture(scope="module")
def folder(runner: Runner, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program, and a run of it in `output`."""
    folder = write(lenet(), tmp_path_factory.mktemp("failures") / "program")
    assert runner.train(folder, *QUICK) == (0, "")
    return folder


def test_each_mistake_is_a_sentence_and_an_exit_code(runner: Runner, folder: Path, tmp_path: Path) -> None:
    last = folder / "output" / "last.pt"
    damaged = tmp_path / "damaged.pt"
    damaged.write_bytes(last.read_bytes()[:1000])
    foreign = tmp_path / "foreign.pt"
    foreign.write_bytes(b"not a checkpoint")
    new = ["--output", str(tmp_path / "new")]
    cases = {
        (*new, "--lr", "1e30", *QUICK): (1, "the loss is not finite in epoch 1, update 2; there is no checkpoint yet"),
        (*new, "--resume", str(damaged)): (1, f"cannot read {damaged}: it is damaged, or no checkpoint"),
        (*new, "--resume", str(foreign)): (1, f"cannot read {foreign}: it is damaged, or no checkpoint"),
        (*new, "--resume", "none.pt"): (1, "cannot read none.pt: No such file or directory"),
        (*new, "--device", "cuda:99"): (2, "there is no device cuda:99: "),
        (*new, "--device", "abacus"): (2, "there is no device abacus: "),
        (*new, "--data", "digits", "--limit", "1", "--grad-accum-steps", "2"): (
            2,
            "1 examples are too few for 2 parts",
        ),
        (*new, "--data", "mnist:nowhere"): (2, "nowhere is no folder"),
        (*new, "--fsdp"): (2, "--fsdp shards over the processes of torchrun: "),
        (*new, "--sync-bn", "--device", "cpu"): (2, "--sync-bn needs CUDA, and the device is cpu"),
        QUICK: (2, f"{last} is an earlier run's: --resume goes on with it, --overwrite begins anew"),
        ("--limit", "32", "--epochs", "2", "--resume"): (
            2,
            f"{last} is a run with other flags: --limit is 32 and was 64",
        ),
    }
    for flags, (code, message) in cases.items():
        found, said = runner.train(folder, *flags)
        assert found == code, said
        assert said.startswith(f"train.py: {message}")
        assert said.count("\n") == 1, said


def test_wrong_values_are_named(runner: Runner, folder: Path) -> None:
    cases = {
        ("--lr", "x"): "argument --lr: x is no number of at least 0",
        ("--lr", "0"): "argument --lr: 0 teaches nothing",
        ("--epochs", "0"): "argument --epochs: 0 is below 1",
        ("--seed", "4294967296"): "argument --seed: 4294967296 is not below 2^32",
        ("--held-out", "1"): "argument --held-out: 1 is not between 0 and 1",
        ("--limit", "-1"): "argument --limit: -1 is no whole number of at least 0",
        ("--resume", "--overwrite"): "--resume goes on with a run, and --overwrite begins it anew",
        ("--warmup-epochs", "2", "--epochs", "2"): "--warmup-epochs: 2 of 2 epochs leave none to learn in; "
        "add --warmup-epochs 0",
    }
    for flags, message in cases.items():
        assert runner.train(folder, *flags) == (2, f"usage: train.py [flags]\ntrain.py: error: {message}\n")


def test_a_full_disk_leaves_the_last_checkpoint(runner: Runner, folder: Path, tmp_path: Path) -> None:
    copytree(folder / "output", tmp_path, dirs_exist_ok=True)
    state, path = checkpoint(tmp_path), tmp_path / "last.pt"
    torch.save({**state, "epoch": 1, "history": state["history"][:1]}, path)
    before = path.read_bytes()
    weights_fit = 20_000  # and the checkpoint does not
    code, said = runner.train(folder, *QUICK, "--resume", "--output", str(tmp_path), most=weights_fit)

    assert code == 1
    assert said == f"train.py: cannot write {path}: File too large; the old file is kept\n"
    assert path.read_bytes() == before
    assert not [each.name for each in tmp_path.iterdir() if each.name.endswith(".unfinished")]


def test_what_begins_anew_leaves_nothing_of_the_earlier_run(runner: Runner, folder: Path, tmp_path: Path) -> None:
    copytree(folder / "output", tmp_path, dirs_exist_ok=True)
    code, said = runner.train(folder, *QUICK, "--overwrite", "--lr", "1e30", "--output", str(tmp_path))

    assert (code, said.count("\n")) == (1, 1)
    assert said.endswith("; there is no checkpoint yet\n")
    assert {each.name for each in tmp_path.iterdir()} == {"metrics.jsonl", "spec", "command.txt"}
    assert (tmp_path / "metrics.jsonl").read_text() == ""


def test_files_that_are_missing_or_cannot_be_written(runner: Runner, folder: Path, tmp_path: Path) -> None:
    program, output = tmp_path / "program", tmp_path / "output"
    copytree(folder, program, ignore=ignore_patterns("spec", "output"))
    (output / "command.txt").mkdir(parents=True)
    flags = ("--limit", "64", "--epochs", "1", "--output", str(output))
    assert runner.train(program, *flags) == (1, f"train.py: {output / 'command.txt'}: Is a directory\n")
    (output / "command.txt").rmdir()

    assert runner.train(program, *flags) == (0, "")
    assert not (output / "spec").exists()


def test_an_early_end_has_a_checkpoint(runner: Runner, folder: Path, tmp_path: Path) -> None:
    flags = ("--limit", "64", "--epochs", "9", "--patience", "1", "--lr", "1e-30", "--weight-decay", "0")
    assert runner.train(folder, *flags, "--checkpoint-interval", "9", "--output", str(tmp_path)) == (0, "")

    assert checkpoint(tmp_path)["epoch"] == len(metrics(tmp_path)) == 2


def test_ctrl_c_before_the_first_update(runner: Runner, folder: Path, tmp_path: Path) -> None:
    program = tmp_path / "program"
    copytree(folder, program, ignore=ignore_patterns("output"))
    with (program / "recipe.py").open("a") as file:
        file.write("\n\ndef build_model():\n    import signal\n\n    signal.raise_signal(signal.SIGINT)\n")

    assert runner.train(program) == (130, "train.py: stopped by SIGINT before the first update\n")
