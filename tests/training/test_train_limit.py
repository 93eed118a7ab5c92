"""`--limit`: a part of the examples has all classes, however the data are sorted."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np

from tests.training.data_files import drawn
from tests.training.programs import command, environment, lenet, write


def test_a_part_of_sorted_examples_is_taken_from_all_classes(tmp_path: Path) -> None:
    folder = write(lenet(), tmp_path / "digits")
    file = tmp_path / "sorted.npz"
    sorted_classes = np.repeat(np.arange(10), 40)
    np.savez(file, x=drawn(400, 16, 16), y=sorted_classes)
    flags = ("--data", f"npz:{file}", "--limit", "40", "--epochs", "1", "--device", "cpu")
    done = subprocess.run(command(folder, *flags), env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = (folder / "output" / "confusion.csv").read_text(encoding="utf-8").splitlines()[1:]
    answers = [sum(int(cell) for cell in row.split(",")[1:]) for row in rows]
    assert sum(answers) == 40
    assert sum(count > 0 for count in answers) >= 8
