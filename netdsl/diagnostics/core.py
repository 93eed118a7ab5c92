"""The form of a diagnostic: a fact, the place where it was found, and the places that explain it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, TypeVar, dataclass_transform

from netdsl.source import Span

Class = TypeVar("Class")


@dataclass_transform(frozen_default=True, eq_default=False)
def fact(cls: type[Class]) -> type[Class]:
    """Make a class of facts a frozen dataclass."""
    return dataclass(frozen=True, eq=False, slots=True)(cls)


class Fact:
    """What is wrong, without its place. Subclasses hold the facts in fields and the words beside them.

    The code's letter is the severity (E stops a target, W warns), its hundreds the phase: 0 syntax, 1 names,
    2 shapes, 3 parameters, 4 targets, 5 recipes.
    """

    __slots__ = ()
    code: ClassVar[str]
    slug: ClassVar[str]

    @property
    def message(self) -> str:
        """One sentence that states what is the case."""
        raise NotImplementedError

    @property
    def help(self) -> str | None:
        """Advice: what to write instead."""
        return None

    @property
    def is_error(self) -> bool:
        """Whether the fact stops the net from being compiled."""
        return self.code.startswith("E")


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Note:
    """A further place that explains a diagnostic."""

    message: str
    span: Span


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Diagnostic:
    """A fact where it was found; `related` are the places behind it, the trail through blocks last."""

    fact: Fact
    span: Span
    related: tuple[Note, ...] = ()

    @property
    def code(self) -> str:
        """For instance `E204`."""
        return self.fact.code

    @property
    def name(self) -> str:
        """For instance `window-does-not-fit`."""
        return self.fact.slug

    @property
    def severity(self) -> str:
        """`error` or `warning`."""
        return "error" if self.fact.is_error else "warning"

    @property
    def message(self) -> str:
        """One sentence that states what is the case."""
        return self.fact.message

    @property
    def help(self) -> str | None:
        """Advice, if there is any."""
        return self.fact.help

    def __str__(self) -> str:
        return f"{self.span}: {self.severity}[{self.code} {self.name}]: {self.message}"


class Refused(Exception):
    """What was asked for behind the check cannot be done.

    Attributes:
        found: the facts, each with the name of the weight that it is about, or None.
    """

    def __init__(self, *facts: Fact | tuple[str | None, Fact]) -> None:
        self.found = tuple((None, each) if isinstance(each, Fact) else each for each in facts)
        super().__init__("\n".join(found.message for _, found in self.found))


class Diagnostics:
    """Collects diagnostics; nothing is thrown. The same fact at the same place counts once."""

    def __init__(self) -> None:
        self._found: list[Diagnostic] = []
        self._seen: set[tuple[str, str, int, int, str]] = set()

    def report(self, what: Fact, span: Span, *related: Note) -> None:
        """Add a fact found at `span`."""
        key = (what.code, span.source.name, span.start, span.end, what.message)
        if key not in self._seen:
            self._seen.add(key)
            self._found.append(Diagnostic(what, span, related))

    def withdraw(self, code: str, span: Span) -> None:
        """Take back what another diagnostic says better."""
        self._found = [each for each in self._found if each.code != code or each.span is not span]

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @property
    def has_errors(self) -> bool:
        """Whether any of them is an error."""
        return any(diagnostic.fact.is_error for diagnostic in self._found)


def did_you_mean(word: str, known: list[str] | tuple[str, ...], *, numbered: bool = False) -> str | None:
    """The known word that somebody means who writes `word`: with other capitals, in other frameworks, or misspelt.

    A misspelt word has at most one wrong letter in three: one too many, too few, another one, or two exchanged.
    Where words are `numbered`, as codes and layers are, another number at the end is a slip too; among names `c3` is
    another one than `c2`.
    """
    from netdsl.diagnostics.spelling import distance
    from netdsl.diagnostics.synonyms import meanings, plain

    others = list(dict.fromkeys(name for name in known if name != word))
    for name in others:
        if plain(name) == plain(word):
            return name
    for name in meanings(word):
        if name in others:
            return name
    most = max(len(word) // 3, 1)
    stem = word.rstrip("0123456789")
    others = [name for name in others if len(name) > 1 and (numbered or name.rstrip("0123456789") != stem)]
    near = [(distance(word.lower(), name.lower(), most), name) for name in others]
    nearest = min(((letters, name) for letters, name in near if letters <= min(most, len(name) - 1)), default=None)
    return nearest[1] if nearest else None


def listing(words: list[str] | tuple[str, ...], last: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`, each in backticks."""
    quoted = [f"`{word}`" for word in words]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


def spatial_axes(rank: int) -> str:
    """`no spatial axes`, `1 spatial axis`, `2 spatial axes`."""
    return {0: "no spatial axes", 1: "1 spatial axis"}.get(rank, f"{rank} spatial axes")
