"""Where elaboration stands: the use of a body, its scope, the naming of its layers, and the module they go into."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from netdsl.diagnostics.core import Note
from netdsl.graph.model import Module, Tensor
from netdsl.graph.scope import Scope, Value
from netdsl.syntax import ast
from netdsl.syntax.node import children


class Namer:
    """Gives the layers of one named scope their names.

    In a labelled group every member takes a number; elsewhere layers are named by kind and count, as papers do.
    `use` counts the uses of a shared body, whose layers have the same paths each time.
    """

    def __init__(self, prefix: str, *, numbered: bool, use: int = 1) -> None:
        self.prefix = prefix
        self.numbered = numbered
        self.use = use
        self.members = 0
        self.kinds: Counter[str] = Counter()

    def path(self, local_name: str) -> str:
        """The full path of a member."""
        return f"{self.prefix}{local_name}"

    def number(self) -> str:
        """The next member's number."""
        self.members += 1
        return str(self.members - 1)

    def by_kind(self, word: str) -> str:
        """`conv2`: kind and count."""
        self.kinds[word] += 1
        return f"{word}{self.kinds[word]}"


@dataclass(eq=False, repr=False, slots=True)
class Frame:
    """One use of a body: of a net, a block, or a shared body.

    Attributes:
        incoming: what `in` means.
        taps: the tap lists that belong to this use.
        reads: the words that the body's text reads, which decide to whom a tap list belongs.
        call: the note that leads back to where the body was used.
    """

    block: str
    incoming: Tensor | None
    reads: frozenset[str]
    parent: Frame | None = None
    call: Note | None = None
    taps: dict[str, list[Tensor]] = field(default_factory=dict)
    results: list[tuple[str, Tensor]] | None = None

    @property
    def trail(self) -> tuple[Note, ...]:
        """The calls that lead here, innermost first."""
        notes: list[Note] = []
        frame: Frame | None = self
        while frame is not None and len(notes) < 8:
            if frame.call is not None and not any(frame.call.span.start == note.span.start for note in notes):
                notes.append(frame.call)
            frame = frame.parent
        return tuple(notes)

    @property
    def depth(self) -> int:
        """How many uses of bodies enclose this one."""
        return 0 if self.parent is None else self.parent.depth + 1


@dataclass(eq=False, repr=False, slots=True)
class Place:
    """Everything that a step needs to know about where it stands."""

    frame: Frame
    scope: Scope
    namer: Namer
    module: Module
    level: int = 0
    here: Tensor | None = None
    """What `here` means: the tensor that the step takes."""

    def inner(self, **changes: Any) -> Place:
        """The same place with some parts exchanged, one level deeper."""
        return replace(self, level=self.level + 1, **changes)

    def special(self, word: str) -> Value | None:
        """The values of `in`, `here` and of tap lists."""
        if word == "in":
            return self.frame.incoming
        if word == "here":
            return self.here
        return list(self.frame.taps[word]) if word in self.frame.taps else None


def words_read(statements: tuple[ast.Statement, ...]) -> frozenset[str]:
    """The names that a body's text reads, blocks called from it not included."""
    found: set[str] = set()
    pending: list[Any] = list(statements)
    while pending:
        node = pending.pop()
        match node:
            case ast.Name(text=text):
                found.add(text)
            case ast.Call(target=target):
                found.add(target.text)
            case ast.OutputItem(name=name, flow=None):
                found.add(name.text)
        if not isinstance(node, ast.Tap):
            pending.extend(children(node))
    return frozenset(found)
