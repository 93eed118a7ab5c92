"""A command line to call, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from netdsl.cli.main import run


class Result(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


CommandLine = Callable[..., Result]

CLEAN = """\
net Digits(classes=10) {
    input image: 1x28x28
    conv1: conv 5x5 x6 pad=2 -> relu -> maxpool 2x2
    flatten
    fc classes
}
"""
WRONG = """\
block unit(width) {
    conv 3x3 x width groups=2
}

net Twice {
    input image: 3x8x8
    conv 3x3 x4
    first: unit(6) :: 6x4x4
    second: unit(5)
    relu
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a spec that is clean and one that is not."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clean.net").write_text(CLEAN, encoding="utf-8")
    (tmp_path / "wrong.net").write_text(WRONG, encoding="utf-8")
    return tmp_path


@pytest.fixture
def netdsl(folder: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """Run a command in this process."""

    def call(*arguments: str) -> Result:
        code = run(list(arguments))
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return call
