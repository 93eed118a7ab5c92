"""Text to lexemes: Lark's tokens with their spans and values, and only those line ends that end a statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lark import Token

from netdsl.source import Source, Span

SEPARATOR = "_SEPARATOR"
_OPERATORS = "STAR SLASH FLOOR_DIVIDE PERCENT PLUS MINUS POWER COMPARE AND OR NOT".split()
_NO_SEPARATOR_AFTER = frozenset(("ARROW", "COMMA", "BAR", "LBRACE", "EQUAL", "ASSERT", "COLON", *_OPERATORS))
_NO_SEPARATOR_BEFORE = frozenset("ARROW BAR RPAR RSQB RBRACE ELSE AS ASSERT STAR $END".split())
_TOUCHABLE = frozenset(("WORD", "RPAR", "RSQB"))
_TOUCHING = {"LPAR": "CALL", "LSQB": "INDEX"}
_ROUND = frozenset(("LPAR", "LSQB", "CALL", "INDEX"))
_LONGEST_LINE = 400


@dataclass(eq=False, repr=False, slots=True)
class Lexeme:
    """One token.

    Attributes:
        starts_line: whether it is the first on its line.
        value: of a string, the AST of its parts.
        opener: of a closing bracket, the one that it closes.
    """

    type: str
    text: str
    span: Span
    starts_line: bool = False
    value: object = None
    opener: Lexeme | None = None


class KeepTokens:
    """Makes Lark's lexer hand over comments and unknown characters too; stateless, shared by all threads."""

    always_accept = ("COMMENT", "UNEXPECTED")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens as they are."""
        return stream


class Layout:
    """Turns Lark's tokens into the lexemes of the grammar (see the head of grammar/netdsl.lark).

    Attributes:
        comments: the comments that were passed over.
        open_brackets: what is open at the moment.
        suspect: the brace that seems to be the unclosed one, where the indentation shows that the next `}` is not its.
    """

    def __init__(self, source: Source, offset: int = 0) -> None:
        self.source = source
        self.offset = offset
        self.comments: list[Lexeme] = []
        self.open_brackets: list[Lexeme] = []
        self.suspect: Lexeme | None = None

    def lexemes(self, tokens: Iterable[Token]) -> Iterator[Lexeme]:
        """Yield the lexemes, the last of them `$END`."""
        previous: Lexeme | None = None
        separator: Lexeme | None = None
        new_line = False
        for lexeme in self._with_end(tokens):
            if lexeme.type == "COMMENT":
                self.comments.append(lexeme)
                continue
            if lexeme.type == SEPARATOR:
                separator = separator or lexeme
                new_line = new_line or "\n" in lexeme.text or "\r" in lexeme.text
                continue
            if separator is not None:
                lexeme.starts_line = new_line
                if self._ends_statement(previous, lexeme):
                    yield separator
                separator = None
                new_line = False
            elif previous is not None and lexeme.span.start == previous.span.end and previous.type in _TOUCHABLE:
                lexeme.type = _TOUCHING.get(lexeme.type, lexeme.type)
            self._follow_brackets(lexeme)
            yield lexeme
            previous = lexeme

    def leave_round_brackets(self) -> None:
        """Forget round and square brackets that are open, so that line ends count again after a mistake."""
        while self.open_brackets and self.open_brackets[-1].type != "LBRACE":
            self.open_brackets.pop()

    def _with_end(self, tokens: Iterable[Token]) -> Iterator[Lexeme]:
        end = self.offset
        for token in tokens:
            start = self.offset + (token.start_pos or 0)
            end = start + len(token)
            yield Lexeme(token.type, str(token), Span(self.source, start, end))
        yield Lexeme("$END", "", Span(self.source, end, end))

    def _ends_statement(self, previous: Lexeme | None, lexeme: Lexeme) -> bool:
        if previous is None or previous.type in _NO_SEPARATOR_AFTER or lexeme.type in _NO_SEPARATOR_BEFORE:
            return False
        return not self.open_brackets or self.open_brackets[-1].type == "LBRACE"

    def _follow_brackets(self, lexeme: Lexeme) -> None:
        kind = lexeme.type
        if kind == "LBRACE" or kind in _ROUND:
            self.open_brackets.append(lexeme)
        elif kind in ("RPAR", "RSQB"):
            if self.open_brackets and self.open_brackets[-1].type != "LBRACE":
                lexeme.opener = self.open_brackets.pop()
        elif kind == "RBRACE":
            self.leave_round_brackets()
            if self.open_brackets:
                lexeme.opener = self.open_brackets.pop()
                self._compare_indentation(lexeme, lexeme.opener)

    def _compare_indentation(self, closing: Lexeme, opening: Lexeme) -> None:
        if self.suspect is None and closing.starts_line and _indentation(closing) < _indentation(opening):
            self.suspect = opening


def _indentation(lexeme: Lexeme) -> int:
    """How far in the lexeme's line begins; of a long line, its last piece stands for it."""
    text, start = lexeme.span.source.text, lexeme.span.start
    earliest = max(start - _LONGEST_LINE, 0)
    line = text[max(text.rfind("\n", earliest, start), text.rfind("\r", earliest, start), earliest - 1) + 1 : start + 1]
    return len(line) - len(line.lstrip())
