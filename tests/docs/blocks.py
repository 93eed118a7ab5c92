"""A page of docs/ to its fenced blocks, and a block to what it really gives.

    net                 a whole file, which checks without diagnostics
    net NAME.net        the same, kept under that name for the rest of the page
    net body            statements of a net whose input is `image: 3x32x32`
    net wrong E204      gives that diagnostic and no other; `body` may stand behind it
    net named           like `net`; a comment behind a layer is the layer's name in reports
    console             `$ netdsl …`, and below it what the command prints
    python              runs in one namespace with the page's other Python; a `text` block behind it is what it prints

Blocks of another kind (`ebnf`, `text` elsewhere, `toml`) belong to tests of their own.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from netdsl.compiler import Program, check
from netdsl.library import FolderLibrary
from netdsl.source import Source

ROOT = Path(__file__).parents[2]
PAGES = ("language", "architecture", "contributing", "api", "data", "onnx", "conventions")
BODY = "net Example {{\n    input image: 3x32x32\n{}}}\n"
_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"# (\S+)$")


@dataclass(frozen=True)
class Block:
    """One fenced block; `start` and `end` bound its text within the page."""

    kind: str
    words: tuple[str, ...]
    text: str
    start: int
    end: int
    row: int

    @property
    def after(self) -> int:
        """The row of a block that follows behind one empty line."""
        return self.row + self.text.count("\n") + 3


def page_path(page: str) -> Path:
    """Where a page lies."""
    return ROOT / "docs" / f"{page}.md"


def blocks_of(text: str) -> list[Block]:
    """The fenced blocks of a page, in its order."""
    return [
        Block(
            found[1],
            tuple(found[2].split()),
            found[3],
            found.start(3),
            found.end(3),
            text.count("\n", 0, found.start()) + 1,
        )
        for found in _FENCE.finditer(text)
    ]


# ---- specs -----------------------------------------------------------------------------------


def is_spec(block: Block) -> bool:
    """Whether a block is text of the language."""
    return block.kind == "net"


def spec_text(block: Block) -> str:
    """The file that a block stands for."""
    return BODY.format(block.text) if "body" in block.words else block.text


def wanted_codes(block: Block) -> list[str]:
    """The diagnostics that a block must give: none unless it is `wrong`."""
    return [word for word in block.words if re.fullmatch(r"[EW]\d{3}", word)] if "wrong" in block.words else []


def checked(block: Block, folder: Path) -> Program:
    """A block's spec, checked in the folder in which the page's named files lie."""
    return check(Source(str(folder / "example.net"), spec_text(block)), library=FolderLibrary(folder))


def keep_files(blocks: list[Block], folder: Path) -> None:
    """Write the files that the page gives a name."""
    for block in blocks:
        for word in block.words:
            if is_spec(block) and word.endswith(".net"):
                (folder / word).write_text(spec_text(block), encoding="utf-8")


def names_in_comments(block: Block) -> list[str]:
    """The layers' names that stand behind the layers, in the order of the text."""
    lines = (_NAMED.search(line) for line in block.text.splitlines())
    return [found[1] for found in lines if found is not None]


# ---- commands and Python ---------------------------------------------------------------------


@dataclass
class Stage:
    """Where a page's commands and Python run: a folder with the page's files, and one namespace."""

    folder: Path
    namespace: dict[str, Any] = field(default_factory=dict)

    def console(self, text: str) -> str:
        """A console block with what its commands really print."""
        commands = [line for line in text.splitlines() if line.startswith("$ ")]
        return "".join(f"{command}\n{self._run(command)}" for command in commands)

    def _run(self, command: str) -> str:
        program, *arguments = shlex.split(command.removeprefix("$ "))
        assert program == "netdsl", command
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
        done = subprocess.run(
            [sys.executable, "-m", "netdsl", *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        return "\n".join(line.rstrip() for line in (done.stdout + done.stderr).splitlines()).strip("\n") + "\n"

    def python(self, text: str, name: str) -> str:
        """What a Python block prints."""
        printed = io.StringIO()
        with chdir(self.folder), redirect_stdout(printed):
            exec(compile(text, name, "exec"), self.namespace)  # noqa: S102 - the pages are ours
        return printed.getvalue().rstrip("\n") + "\n" if printed.getvalue() else ""


def played(page: str, text: str, folder: Path) -> Iterator[tuple[Block, str]]:
    """The blocks of a page that hold output, each with the text that it should have."""
    blocks = blocks_of(text)
    keep_files(blocks, folder)
    stage = Stage(folder)
    for place, block in enumerate(blocks):
        if block.kind == "console":
            yield block, stage.console(block.text)
        elif block.kind == "python":
            printed = stage.python(block.text, f"{page}.md:{block.row}")
            following = blocks[place + 1] if place + 1 < len(blocks) else None
            if (
                following is not None
                and following.kind == "text"
                and not text[block.end + 3 : following.start].count("#")
            ):
                yield following, printed
            else:
                assert not printed, f"{page}.md:{block.row} prints {printed!r}, and no `text` block shows it"
