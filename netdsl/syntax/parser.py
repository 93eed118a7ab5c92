"""Source to AST: drives Lark's LALR machine, reports what cannot be read, and goes on with the next statement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lark import UnexpectedToken

from netdsl.diagnostics import syntax as facts
from netdsl.diagnostics.core import Diagnostics
from netdsl.source import Source, Span
from netdsl.syntax import ast
from netdsl.syntax.complaints import complaint
from netdsl.syntax.tables import load_parser
from netdsl.syntax.tokens import SEPARATOR, Layout, Lexeme

MAXIMUM_CHARACTERS = 4_000_000
MAXIMUM_NESTING = 64
MAXIMUM_COMPLAINTS = 50
_LITERAL_LIMITS = {
    "WORD": ("name", 128),
    "NUMBER": ("number", 18),
    "CHANNELS": ("number", 19),
    "SIZE": ("size", 128),
}
_HUGE_EXPONENT = re.compile(r"[eE][+-]?[0-9]{3,}")
_PIECE = re.compile(r"\\.|[{}]|[^\\{}]+")
_ESCAPES = {"\\n": "\n", "\\t": "\t"}


def parse(source: Source, diagnostics: Diagnostics) -> ast.File:
    """Read a spec; what cannot be read is reported, and stands in the AST as `Broken`."""
    everything = Span(source, 0, len(source.text))
    if len(source.text) > MAXIMUM_CHARACTERS:
        diagnostics.report(facts.SourceTooLarge(len(source.text), MAXIMUM_CHARACTERS), Span(source, 0, 0))
        return ast.File(source, (), (), everything)
    layout = Layout(source)
    items = _Machine(layout, diagnostics).run(source.text, "file") or ()
    comments = tuple(ast.Comment(comment.text, comment.span) for comment in layout.comments)
    return ast.File(source, items, comments, everything)


def parse_expression(source: Source, diagnostics: Diagnostics) -> ast.Expression | None:
    """Read a single expression, as in `--set classes=10`; None where it cannot be read."""
    value: ast.Expression | None = _Machine(Layout(source), diagnostics).run(source.text, "expression")
    return value


class _Machine:
    """One run of the LALR machine over one text.

    After a mistake the statement in which it lies is dropped from the stack, `BROKEN` is put in its place,
    and the tokens up to the statement's end are passed over.
    """

    def __init__(self, layout: Layout, diagnostics: Diagnostics) -> None:
        self.layout = layout
        self.diagnostics = diagnostics
        self.complaints = 0
        # Lark's machine, which reads of a token its type alone: the lexemes are ours.
        self.state: Any = None

    def run(self, text: str, start: str) -> Any:
        """The value of the start rule, or None where nothing could be made of the text."""
        lark = load_parser()
        self.state = lark.parse_interactive(start=start).parser_state
        self.stream = self.layout.lexemes(lark.lex(text))
        lexeme: Lexeme | None = next(self.stream)
        previous: Lexeme | None = None
        while lexeme is not None:
            if len(self.layout.open_brackets) > MAXIMUM_NESTING:
                self.diagnostics.report(facts.NestedTooDeep(MAXIMUM_NESTING), lexeme.span)
                return None
            self._check_literal(lexeme)
            try:
                value = self.state.feed_token(lexeme, lexeme.type == "$END")
            except UnexpectedToken:
                if self.complaints == MAXIMUM_COMPLAINTS:
                    return None
                lexeme = self._recover(lexeme, previous)
                previous = None
                continue
            if lexeme.type == "$END":
                return value
            previous = lexeme
            lexeme = next(self.stream)
        return None

    # ---- recovery ----------------------------------------------------------------------------

    def _recover(self, lexeme: Lexeme, previous: Lexeme | None) -> Lexeme | None:
        """Report the mistake; returns the lexeme to go on with, None where there is nothing to go on with."""
        if lexeme.type == "$END" and self._close_open_braces(lexeme):
            return lexeme
        self.complaints += 1
        expected = frozenset(self._choices())
        self.diagnostics.report(*complaint(lexeme, previous, expected, self.layout.open_brackets))
        if lexeme.type == "RBRACE" and "RBRACE" not in expected and not self._inside_braces():
            return next(self.stream)
        if not self._drop_statement():
            return None
        broken = Lexeme("BROKEN", "", lexeme.span)
        self.state.feed_token(broken)
        return self._end_of_statement(lexeme)

    def _close_open_braces(self, end: Lexeme) -> bool:
        """At the end of the text: report the brace that is still open and close it."""
        for bracket in reversed(self.layout.open_brackets):
            if bracket.type == "LBRACE":
                self.diagnostics.report(facts.UnclosedBracket("{", "}"), bracket.span)
                self.layout.open_brackets = self.layout.open_brackets[: self.layout.open_brackets.index(bracket)]
                return self._feed_or_break(Lexeme("RBRACE", "}", end.span))
        return False

    def _feed_or_break(self, lexeme: Lexeme) -> bool:
        """Feed a closing brace, dropping the statement before it where it is not finished."""
        try:
            self.state.feed_token(lexeme)
        except UnexpectedToken:
            if not self._drop_statement():
                return False
            self.state.feed_token(Lexeme("BROKEN", "", lexeme.span))
            self.state.feed_token(lexeme)
        return True

    def _drop_statement(self) -> bool:
        """Pop the stack back to where a statement may begin."""
        stack = self.state.state_stack
        while stack and "BROKEN" not in self._choices():
            stack.pop()
            if self.state.value_stack:
                self.state.value_stack.pop()
        return bool(stack)

    def _end_of_statement(self, lexeme: Lexeme) -> Lexeme:
        """Pass over what is left of a statement; the result ends it or closes the body around it."""
        depth = 0
        first = True
        while True:
            self.layout.leave_round_brackets()
            if lexeme.type in ("$END", SEPARATOR) and (depth == 0 or lexeme.type == "$END"):
                return lexeme
            if depth == 0 and not first and lexeme.starts_line and lexeme.type in self._line_starts():
                self._push_back(lexeme)
                return Lexeme(SEPARATOR, "\n", lexeme.span)
            if lexeme.type == "LBRACE":
                depth += 1
            elif lexeme.type == "RBRACE":
                if depth == 0:
                    return lexeme
                depth -= 1
            elif lexeme.type == "BAR" and depth == 0 and "BAR" in self._choices():
                return lexeme
            first = False
            lexeme = next(self.stream)

    @staticmethod
    def _line_starts() -> tuple[str, ...]:
        """What begins a statement, so that a line after an unclosed bracket counts as a line again."""
        return ("WORD", "LBRACE", "INPUT", "OUTPUT", "TRAINING", "LET", "SHARE", "DEFAULT", "BUDGET", "TRAIN", "FOR")

    def _push_back(self, lexeme: Lexeme) -> None:
        self.stream = _chain(lexeme, self.stream)

    def _choices(self) -> dict[str, Any]:
        stack = self.state.state_stack
        return self.state.parse_conf.states[stack[-1]] if stack else {}

    def _inside_braces(self) -> bool:
        return any(getattr(value, "type", None) == "LBRACE" for value in self.state.value_stack)

    # ---- literals ----------------------------------------------------------------------------

    def _check_literal(self, lexeme: Lexeme) -> None:
        """Give strings their parts; replace literals beyond the limits by a harmless one."""
        if lexeme.type == "STRING":
            lexeme.value = self._string(lexeme)
            return
        limits = _LITERAL_LIMITS.get(lexeme.type)
        if limits is None:
            return
        kind, longest = limits
        digits = max((len(part) for part in lexeme.text.split("x")), default=0)
        length = digits if lexeme.type == "SIZE" else len(lexeme.text)
        longest_part = 18 if lexeme.type == "SIZE" else longest
        huge = lexeme.type == "NUMBER" and _HUGE_EXPONENT.search(lexeme.text)
        if length > longest_part or len(lexeme.text) > longest or huge:
            self.diagnostics.report(facts.LiteralTooLong(kind, len(lexeme.text), longest), lexeme.span)
            lexeme.text = {"WORD": "_", "NUMBER": "1", "CHANNELS": "x1", "SIZE": "1x1"}[lexeme.type]

    def _string(self, lexeme: Lexeme) -> ast.String:
        inside = lexeme.text[1:-1]
        parts: list[str | ast.Expression] = []
        opened: int | None = None
        for match in _PIECE.finditer(inside):
            piece = match.group()
            if opened is None and piece != "{":
                parts.append(_ESCAPES.get(piece, piece[1:] if piece[0] == "\\" else piece))
            elif piece == "{" and opened is None:
                opened = match.end()
            elif piece == "}" and opened is not None:
                parts.extend(self._computed(lexeme, inside[opened : match.start()], opened + 1))
                opened = None
        if opened is not None:
            self.diagnostics.report(facts.UnclosedBracket("{", "}"), lexeme.span)
        return ast.String(tuple(parts), lexeme.span)

    def _computed(self, lexeme: Lexeme, text: str, offset: int) -> list[ast.Expression]:
        """The expression between braces inside a string; spans count from the file's start."""
        layout = Layout(lexeme.span.source, lexeme.span.start + offset)
        value = _Machine(layout, self.diagnostics).run(text, "expression")
        return [] if value is None else [value]


def _chain(first: Lexeme, rest: Iterator[Lexeme]) -> Iterator[Lexeme]:
    yield first
    yield from rest
