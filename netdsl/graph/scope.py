"""Names and what they mean: the values of the language, and the scopes in which they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from netdsl.graph.model import Tensor
from netdsl.ops.contract import Operation
from netdsl.source import Span
from netdsl.syntax import ast
from netdsl.types.sizes import OpenSize


class Unknown:
    """The value of a mistake that has been reported: whatever takes it stays silent."""


class SameWord:
    """The word `same`."""


UNKNOWN = Unknown()
SAME_WORD = SameWord()


@dataclass(eq=False, repr=False, slots=True)
class BlockValue:
    """A block, with the file's scope that its text is read in."""

    block: ast.Block
    scope: Scope


@dataclass(eq=False, repr=False, slots=True)
class SharedBody:
    """`share tower { … }`: the body, where it was written, and how often it was used."""

    share: ast.Share
    scope: Scope
    path: str
    uses: int = 0


@dataclass(eq=False, repr=False, slots=True)
class OperationValue:
    """A built-in operation used as a value."""

    operation: type[Operation]


@dataclass(eq=False, repr=False, slots=True)
class FunctionValue:
    """A function of expressions, such as `min` or `range`."""

    name: str


Value: TypeAlias = (
    "int | Fraction | bool | str | tuple[Value, ...] | list[Value] | OpenSize | Tensor | BlockValue | SharedBody"
    " | OperationValue | FunctionValue | SameWord | Unknown"
)


@dataclass(eq=False, repr=False, slots=True)
class Definition:
    """A name's value, where it was given, and whether anything has read it."""

    value: Value
    span: Span
    kind: str
    used: bool = False


@dataclass(eq=False, repr=False, slots=True)
class Scope:
    """Names within a file, a body, or one round of a loop.

    Attributes:
        defaults: the layers' settings in its text.
        expected: names that statements would have given that could not be read.
    """

    parent: Scope | None
    names: dict[str, Definition] = field(default_factory=dict)
    defaults: dict[str, list[tuple[ast.Default, Scope]]] = field(default_factory=dict)
    expected: frozenset[str] = frozenset()

    def expects(self, word: str) -> bool:
        """Whether an unreadable statement, here or outside, would have given a name."""
        return word in self.expected or (self.parent is not None and self.parent.expects(word))

    def define(self, word: str, value: Value, span: Span, kind: str) -> Definition:
        """Give a name its value."""
        self.names[word] = definition = Definition(value, span, kind)
        return definition

    def find(self, word: str) -> Definition | None:
        """The definition of a name, here or outside."""
        scope: Scope | None = self
        while scope is not None:
            if word in scope.names:
                return scope.names[word]
            scope = scope.parent
        return None

    def defaults_for(self, word: str) -> Iterator[tuple[ast.Default, Scope]]:
        """The `default` settings of a layer kind, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield from reversed(scope.defaults.get(word, ()))
            scope = scope.parent

    def all_names(self) -> list[str]:
        """Every name that can be seen from here."""
        names = list(self.names)
        return names + self.parent.all_names() if self.parent else names
