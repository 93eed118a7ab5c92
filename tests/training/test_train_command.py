"""`netdsl train`: writes the folder, runs its program with the further flags, and spares what was changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.training.programs import lenet, metrics

CHECKOUT = Path(__file__).resolve().parents[2]


def netdsl(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as a user gives it in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "netdsl", *arguments],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "OMP_NUM_THREADS": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def test_it_trains_with_the_flags_of_the_program_and_spares_what_was_changed(tmp_path: Path) -> None:
    (tmp_path / "digits.net").write_text(lenet(), encoding="utf-8")
    done = netdsl(tmp_path, "train", "digits.net", "--limit", "64", "--epochs", "1")

    assert done.returncode == 0, done.stderr
    output = tmp_path / "Digits-training" / "output"
    assert [each["epoch"] for each in metrics(output)] == [1]
    assert "--limit 64 --epochs 1" in (output / "command.txt").read_text(encoding="utf-8")
    changed = tmp_path / "Digits-training" / "recipe.py"
    changed.write_text(changed.read_text(encoding="utf-8").replace("EPOCHS = 2", "EPOCHS = 3"), encoding="utf-8")
    again = netdsl(tmp_path, "train", "digits.net")
    assert again.returncode != 0
    assert "recipe.py was changed: run `python " in again.stderr
    assert "EPOCHS = 3" in changed.read_text(encoding="utf-8")
