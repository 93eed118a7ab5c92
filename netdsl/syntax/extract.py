"""A spec file to a text that stands on its own: one of its nets, or all, with the blocks that they need.

What `use` brings in is written out. Blocks of several files that have different `default` lines keep their meaning:
each body then states the defaults of its own file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from netdsl.source import Span
from netdsl.syntax import ast
from netdsl.syntax.node import children

Loader: TypeAlias = Callable[[str], ast.File]


@dataclass(frozen=True, eq=False)
class _Part:
    """A block or a `let` that is taken over, and the file that it stands in."""

    item: ast.Block | ast.Let | ast.Net
    file: ast.File


def standalone(file: ast.File, load: Loader, net: str | None = None) -> str:
    """The text of a file, or of one of its nets, without `use` of other files.

    Args:
        file: a file without mistakes.
        load: gives the file that a path behind `use … from` names.
        net: the one net that is wanted; all by default.

    Raises:
        KeyError: the file has no such net.
        ValueError: two of the files have different blocks under one name.
    """
    if net is None and not any(isinstance(item, ast.Use) for item in file.items):
        return file.source.text
    roots = [item for item in file.items if isinstance(item, ast.Net) and net in (None, item.name.text)]
    if not roots:
        raise KeyError(net)
    gathered = _Gathered(load)
    for root in roots:
        gathered.take_names(root, file)
    parts = [*gathered.in_order(file), *(_Part(root, file) for root in roots)]
    return _laid_out(file, gathered.standard(), parts)


class _Gathered:
    """The blocks and names that some nets need, collected from their file and from those that it uses."""

    def __init__(self, load: Loader) -> None:
        self._load = load
        self._parts: dict[str, _Part] = {}
        self._files: list[ast.File] = []
        self._standard: dict[str, list[str]] = {}
        self._read: dict[str, ast.File] = {}

    def take_names(self, item: Any, file: ast.File) -> None:
        """Take over all that a piece of a file's text names."""
        for word in set(_words(item)):
            self._take(word, file)

    def in_order(self, root: ast.File) -> list[_Part]:
        """What was taken, in the order of the files' texts; the root file's comes last."""
        files = [*(file for file in self._files if file is not root), root]
        found = sorted(self._parts.values(), key=lambda part: (files.index(part.file), part.item.span.start))
        return sorted(found, key=lambda part: not isinstance(part.item, ast.Let))

    def standard(self) -> list[str]:
        """The `use` lines for the standard library, which is everywhere."""
        return [f"use {', '.join(sorted(names))} from {library}" for library, names in self._standard.items()]

    def _take(self, word: str, file: ast.File) -> None:
        for item in file.items:
            match item:
                case ast.Block(name=name) | ast.Let(name=name) if name.text == word:
                    self._add(word, item, file)
                case ast.Use(names=names) if word in {name.text for name in names}:
                    self._follow(word, item)

    def _add(self, word: str, item: ast.Block | ast.Let, file: ast.File) -> None:
        known = self._parts.get(word)
        if known is not None:
            if known.item is not item:
                raise ValueError(f"{word} is one block in {known.file.source.name} and another in {file.source.name}")
            return
        if file not in self._files:
            self._files.append(file)
        self._parts[word] = _Part(item, file)
        self.take_names(item, file)

    def _follow(self, word: str, use: ast.Use) -> None:
        if isinstance(use.path, ast.Word):
            names = self._standard.setdefault(use.path.text, [])
            if word not in names:
                names.append(word)
            return
        path = "".join(str(part) for part in use.path.parts)
        if path not in self._read:
            self._read[path] = self._load(path)
        self._take(word, self._read[path])


def _words(node: Any) -> Iterator[str]:
    """Every name that a node's text may mean; a parameter of a block's name costs a block too many, no more."""
    if isinstance(node, (ast.Word, ast.Name)):
        yield node.text
    for child in children(node):
        yield from _words(child)


# ---- laying out --------------------------------------------------------------------------------


def _laid_out(root: ast.File, standard: list[str], parts: list[_Part]) -> str:
    defaults = {id(part.file): _defaults(part.file, parts) for part in parts}
    shared = len({tuple(lines) for lines in defaults.values()}) == 1
    text = _header(root)
    top = [*standard, *(defaults[id(root)] if shared else ())]
    pieces = [*top, *(_text(part, [] if shared else defaults[id(part.file)]) for part in parts)]
    before = ""
    for piece in pieces:
        both_short = "\n" not in before and "\n" not in piece and (before in top) == (piece in top)
        text += piece if not text else f"\n{piece}" if before and both_short else f"\n\n{piece}"
        before = piece
    return text + "\n"


def _header(file: ast.File) -> str:
    """The comment with which the file begins."""
    first = file.source.text.split("\n\n", maxsplit=1)[0]
    return first if all(line.startswith("#") for line in first.splitlines()) else ""


def _defaults(file: ast.File, parts: list[_Part]) -> list[str]:
    """The file's `default` lines that speak of something that its parts name."""
    named = {word for part in parts if part.file is file for word in _words(part.item)}
    found = [item for item in file.items if isinstance(item, ast.Default) and item.target.text in named]
    return [item.span.text for item in found]


def _text(part: _Part, defaults: list[str]) -> str:
    """The item with the comment above it, and the defaults at the start of its body."""
    span = part.item.span
    text = span.text
    if defaults and not isinstance(part.item, ast.Let):
        opening = part.item.body.span.start - span.start
        separator = "\n    " if "\n" in text else " "
        ends = "" if "\n" in text else ";"
        lines = "".join(f"{separator}{line}{ends}" for line in defaults)
        text = f"{text[: opening + 1]}{lines}{text[opening + 1 :]}"
    return _comment_above(span) + text


def _comment_above(span: Span) -> str:
    row = span.row
    while row > 1 and span.source.line(row - 1).startswith("#"):
        row -= 1
    return "".join(f"{span.source.line(each)}\n" for each in range(row, span.row))
