"""What goes wrong in a training: a sentence, an exit code, and the last good state."""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path
from shutil import copytree

import pytest

from tests.training.programs import call, checkpoint, command, environment, lenet, train, write

QUICK = ("--limit", "64", "--epochs", "2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program, and a run of it in `output`."""
    folder = write(lenet(), tmp_path_factory.mktemp("failures") / "program")
    done = train(folder, *QUICK)
    assert done.returncode == 0, done.stderr
    return folder


def test_each_mistake_is_a_sentence_and_an_exit_code(folder: Path, tmp_path: Path) -> None:
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
        QUICK: (2, f"{last} is an earlier run's: --resume goes on with it, --overwrite begins anew"),
        ("--limit", "32", "--epochs", "2", "--resume"): (
            2,
            f"{last} is a run with other flags: --limit is 32 and was 64",
        ),
    }
    results = call(folder, [list(flags) for flags in cases])

    for (code, message), (found, said) in zip(cases.values(), results, strict=True):
        assert found == code, said
        assert said.startswith(f"train.py: {message}")
        assert said.count("\n") == 1, said


def test_a_full_disk_leaves_the_last_checkpoint(folder: Path, tmp_path: Path) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))  # the weights fit, the checkpoint does not

    copytree(folder / "output", tmp_path, dirs_exist_ok=True)
    before = (tmp_path / "last.pt").read_bytes()
    done = subprocess.run(
        command(folder, *QUICK, "--overwrite", "--output", str(tmp_path)),
        env=environment(),
        preexec_fn=small_files,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 1
    path = tmp_path / "last.pt"
    assert done.stderr == f"train.py: cannot write {path}: File too large; the old file is kept\n"
    assert path.read_bytes() == before
    assert checkpoint(tmp_path)["epoch"] == 2
    assert not [each.name for each in tmp_path.iterdir() if each.name.endswith(".unfinished")]
