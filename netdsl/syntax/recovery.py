"""The parser's stack after a mistake: what is dropped, and where reading goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from netdsl.syntax.tokens import SEPARATOR, Layout, Lexeme

_ITEMS = ("NET", "BLOCK", "USE")
_TOP = (*_ITEMS, "LET", "DEFAULT")
_LINE_STARTS = frozenset("WORD LBRACE INPUT OUTPUT TRAINING LET SHARE DEFAULT BUDGET TRAIN FOR".split())


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Dropped:
    """A statement that was taken off the stack.

    Attributes:
        start: the offset in the text behind what stays.
        open_braces: how many of its braces were open.
        header: whether nothing of it had been read yet.
    """

    start: int
    open_braces: int
    nothing_read: bool


class Stack:
    """Lark's stacks of states and values."""

    def __init__(self, state: Any) -> None:
        self._state = state

    def choices(self) -> frozenset[str]:
        """The types of lexemes that the parser has a move for."""
        states = self._state.state_stack
        moves = self._state.parse_conf.states[states[-1]] if states else ()
        return frozenset(move for move in moves if not move.islower())  # Rules have small letters.

    def feed(self, lexeme: Lexeme) -> None:
        """Move on by a lexeme."""
        self._state.feed_token(lexeme)

    def pop(self) -> Any:
        """Take the last lexeme or rule back."""
        self._state.state_stack.pop()
        return self._state.value_stack.pop() if self._state.value_stack else None

    @property
    def at_top(self) -> bool:
        """Whether no body is open."""
        return not any(getattr(value, "type", None) == "LBRACE" for value in self._state.value_stack)

    @property
    def in_branch(self) -> bool:
        """Whether the innermost open braces are those of a merge, in which `|` may follow."""
        for value in reversed(self._state.value_stack):
            if getattr(value, "type", None) in ("BAR", "LBRACE"):
                return bool(value.type == "BAR")
        return False

    @property
    def last_word(self) -> str | None:
        """The last word that has not become part of something."""
        for value in reversed(self._state.value_stack):
            if getattr(value, "type", None) == "WORD":
                return str(value.text)
        return None

    def drop_statement(self) -> Dropped | None:
        """Go back to where a statement may begin; None where there is no such place."""
        braces = 0
        read = False
        while self._state.state_stack and (braces < 0 or "BROKEN" not in self.choices()):
            kind = getattr(self.pop(), "type", "")
            braces += {"LBRACE": 1, "RBRACE": -1}.get(kind, 0)
            read = True
        if not self._state.state_stack:
            return None
        below = self._state.value_stack[-1] if self._state.value_stack else None
        return Dropped(below.span.end if isinstance(below, Lexeme) else 0, braces, not read)


class Rest:
    """The lexemes that are still to be read, and the ways to pass over some."""

    def __init__(self, layout: Layout, lexemes: Iterator[Lexeme]) -> None:
        self._layout = layout
        self._lexemes = lexemes
        self._waiting: list[Lexeme] = []

    def next(self) -> Lexeme:
        """The next lexeme; behind the last one it is that one again."""
        return self._waiting.pop() if self._waiting else next(self._lexemes)

    def pass_statement(self, lexeme: Lexeme, open_braces: int, *, in_branch: bool) -> Lexeme:
        """The lexeme that ends the statement, or closes the body around it.

        Args:
            lexeme: where the statement cannot be read.
            open_braces: how many of its braces are open there.
            in_branch: whether `|` ends it too.
        """
        round_brackets = self._round_brackets()
        first = True
        while True:
            self._layout.leave_round_brackets()
            ends_line = lexeme.type == SEPARATOR and (round_brackets <= 0 or "\n" in lexeme.text or "\r" in lexeme.text)
            if lexeme.type == "$END" or (ends_line and open_braces == 0):
                return lexeme
            if open_braces == 0 and not first and lexeme.starts_line and lexeme.type in _LINE_STARTS:
                self._waiting.append(lexeme)
                return Lexeme(SEPARATOR, "\n", lexeme.span)
            if open_braces == 0 and (lexeme.type == "RBRACE" or (lexeme.type == "BAR" and in_branch)):
                return lexeme
            open_braces += {"LBRACE": 1, "RBRACE": -1}.get(lexeme.type, 0)
            round_brackets += {"LPAR": 1, "CALL": 1, "RPAR": -1}.get(lexeme.type, 0)
            first = False
            lexeme = self.next()

    def pass_to_item(self, lexeme: Lexeme) -> tuple[Lexeme, int]:
        """The end of the line before the next net or block, and how many braces too many are closed up to there."""
        open_braces, least = 0, 0
        while lexeme.type != "$END":
            self._layout.leave_round_brackets()
            if lexeme.starts_line and lexeme.type in _TOP and lexeme.span.location[1] == 1:
                self._layout.open_brackets.clear()
                self._waiting.append(lexeme)
                return Lexeme(SEPARATOR, "\n", lexeme.span), -least
            open_braces += {"LBRACE": 1, "RBRACE": -1}.get(lexeme.type, 0)
            least = min(least, open_braces)
            lexeme = self.next()
        return lexeme, -least

    def pass_line(self, lexeme: Lexeme) -> Lexeme:
        """The first lexeme of the next line, or the end of this one."""
        while lexeme.type not in (SEPARATOR, "$END"):
            lexeme = self.next()
            self._layout.leave_round_brackets()
            if lexeme.starts_line:
                return lexeme
        return lexeme

    def _round_brackets(self) -> int:
        kinds = [bracket.type for bracket in reversed(self._layout.open_brackets)]
        return kinds.index("LBRACE") if "LBRACE" in kinds else len(kinds)
