"""The generated source is the one that has been read, in a formatter's style, and a linter finds nothing in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from netdsl.targets.pytorch import source
from tests.pytorch.goldens import ALL, GOLDENS, ROOT, golden_path, graph_of, written


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources of all nets as files."""
    where = tmp_path_factory.mktemp("generated")
    for path, net in ALL:
        (where / f"{path.stem}_{net}.py").write_text(source(graph_of(path, net)), encoding="utf-8")
    return where


@pytest.mark.parametrize("name", GOLDENS)
def test_source_is_the_one_that_was_read(name: str) -> None:
    assert written(name) == golden_path(name).read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [["format", "--check", "--diff"], ["check"]], ids=lambda command: command[0])
def test_formatter_and_linter_find_nothing(folder: Path, command: list[str]) -> None:
    ruff = [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(folder)]
    result = subprocess.run(ruff, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout + result.stderr


def test_type_checker_finds_nothing(folder: Path, tmp_path: Path) -> None:
    files = sorted(map(str, folder.glob("*.py")))
    options = [
        "--follow-imports=silent",
        f"--cache-dir={tmp_path}",
        f"--config-file={os.devnull}",
        "--disallow-untyped-defs",
    ]
    mypy = [sys.executable, "-m", "mypy", *options, *files]
    result = subprocess.run(mypy, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout + result.stderr


def test_order_of_hashes_changes_nothing() -> None:
    program = "from tests.pytorch.goldens import written; print(written('inception'), written('densenet121'))"

    def run(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", program]
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=environment).stdout

    assert run("1") == run("2")


def test_resnet152_is_as_long_as_resnet50() -> None:
    short, long = (len(written(name).splitlines()) for name in ("resnet50", "resnet152"))

    assert abs(short - long) <= 5
    assert max(short, long) < 140


@pytest.mark.parametrize("name", GOLDENS)
def test_source_imports_pytorch_and_nothing_of_ours(name: str) -> None:
    lines = [line for line in written(name).splitlines() if line.startswith(("import ", "from "))]

    found = {line.split()[1].split(".")[0] for line in lines}
    assert found <= {*sys.stdlib_module_names, "torch", "safetensors"}
