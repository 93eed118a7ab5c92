"""Source to AST: drives Lark's LALR machine, reports what cannot be read, and goes on with the next statement."""

from __future__ import annotations

import re
from typing import Any

from lark import UnexpectedToken

from netdsl.diagnostics import syntax as facts
from netdsl.diagnostics.core import Diagnostics
from netdsl.source import Source, Span
from netdsl.syntax import ast, complaints, habits
from netdsl.syntax.recovery import Dropped, Rest, Stack
from netdsl.syntax.tables import load_parser
from netdsl.syntax.tokens import SEPARATOR, Layout, Lexeme

MAXIMUM_CHARACTERS = 4_000_000
MAXIMUM_NESTING = 64
MAXIMUM_COMPLAINTS = 50
_COMMENT = 80
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
        self.brace: Lexeme | None = None
        self.broken_end = -1
        self.habit: str | None = None

    def run(self, text: str, start: str) -> Any:
        """The value of the start rule, or None where nothing could be made of the text."""
        lark = load_parser()
        # Lark's machine reads of a token its type alone: the lexemes are ours.
        state: Any = lark.parse_interactive(start=start).parser_state
        self.stack = Stack(state)
        self.rest = Rest(self.layout, self.layout.lexemes(lark.lex(text)))
        lexeme: Lexeme | None = self.rest.next()
        previous: Lexeme | None = None
        while lexeme is not None:
            if len(self.layout.open_brackets) > MAXIMUM_NESTING:
                self.diagnostics.report(facts.NestedTooDeep(MAXIMUM_NESTING), lexeme.span)
                return None
            self._check_literal(lexeme)
            try:
                value = state.feed_token(lexeme, lexeme.type == "$END")
            except UnexpectedToken:
                if self.complaints == MAXIMUM_COMPLAINTS:
                    return None
                lexeme = self._recover(lexeme, previous)
                previous = None
                continue
            if lexeme.type == "$END":
                return value
            self.brace = lexeme if lexeme.type == "RBRACE" else self.brace
            previous = lexeme
            lexeme = self.rest.next()
        return None

    # ---- recovery ----------------------------------------------------------------------------

    def _recover(self, lexeme: Lexeme, previous: Lexeme | None) -> Lexeme | None:
        """Report the mistake; returns the lexeme to go on with, None where there is nothing to go on with."""
        if lexeme.type == "$END" and self._close_last_brace(lexeme):
            return lexeme
        if previous is not None and self._begins_item(lexeme, previous):
            return self._close_bodies(lexeme, previous)
        self.complaints += 1
        if lexeme.type == "FLOOR_DIVIDE" and habits.is_comment(lexeme.span.source.text[lexeme.span.start :][:_COMMENT]):
            return self._pass_comment(lexeme)
        expected, callee = self.stack.choices(), self.stack.last_word
        if lexeme.type == "RBRACE" and "RBRACE" not in expected and self.stack.at_top:
            self._complain(
                complaints.Stuck(lexeme, previous, expected, self.layout.open_brackets, lexeme.span.start, True, None)
            )
            return self.rest.next()
        dropped = self.stack.drop_statement()
        if dropped is None:
            self._complain(
                complaints.Stuck(lexeme, previous, expected, self.layout.open_brackets, lexeme.span.start, False, None)
            )
            return None
        at_top = self.stack.at_top
        brackets = tuple(self.layout.open_brackets)
        stuck = complaints.Stuck(lexeme, previous, expected, brackets, dropped.start, at_top, callee)
        end = self._pass(lexeme, dropped, stuck)
        self.stack.feed(Lexeme("BROKEN", "", Span(lexeme.span.source, dropped.start, end.span.start)))
        self.broken_end = end.span.start
        return end

    def _pass(self, lexeme: Lexeme, dropped: Dropped, stuck: complaints.Stuck) -> Lexeme:
        """Complain, and pass over what is left of the statement; at the top of a file, up to the next net or block."""
        if not stuck.at_top:
            self._complain(stuck)
            return self.rest.pass_statement(lexeme, dropped.open_braces, in_branch=self.stack.in_branch)
        end, surplus = self.rest.pass_to_item(lexeme)
        if surplus and dropped.nothing_read and self.brace is not None:
            self.diagnostics.report(facts.ClosedTooEarly(), self.brace.span)
        else:
            self._complain(stuck)
        return end

    def _complain(self, stuck: complaints.Stuck) -> None:
        """Report a mistake, unless the statement just before it has been reported for the same habit."""
        what = complaints.complaint(stuck)
        text = stuck.found.span.source.text
        follows = self.broken_end >= 0 and not text[self.broken_end : stuck.statement].strip(" \t\r\n;")
        if not (follows and what.habit is not None and what.habit == self.habit):
            self.diagnostics.report(what.fact, what.span)
        self.habit = what.habit

    def _pass_comment(self, lexeme: Lexeme) -> Lexeme:
        """A comment as C has it: reading goes on with the next line, as if it had begun with `#`."""
        self.diagnostics.report(facts.UnexpectedToken("`//`", "", "comments begin with `#`"), lexeme.span)
        lexeme = self.rest.pass_line(lexeme)
        if lexeme.type == SEPARATOR and SEPARATOR not in self.stack.choices():
            lexeme = self.rest.next()
        return lexeme

    def _begins_item(self, lexeme: Lexeme, previous: Lexeme) -> bool:
        """Whether a net or block begins at the left edge while a body is still open."""
        at_edge = previous.starts_line and previous.span.location[1] == 1
        return previous.type in ("NET", "BLOCK") and at_edge and lexeme.type == "WORD" and not self.stack.at_top

    def _close_bodies(self, lexeme: Lexeme, previous: Lexeme) -> Lexeme | None:
        """Report the brace that a net or block shows to be unclosed, close all that are open, and go on with it."""
        self.stack.pop()
        while not self.stack.at_top:
            if not self._close_last_brace(previous):
                return None
        self.stack.feed(Lexeme(SEPARATOR, "\n", previous.span))
        self.stack.feed(previous)
        return lexeme

    def _close_last_brace(self, end: Lexeme) -> bool:
        """Report the brace that is still open before `end`, and close it; False where none is open."""
        brackets = [bracket for bracket in self.layout.open_brackets if bracket.type == "LBRACE"]
        if not brackets or self.stack.at_top:
            return False
        self.complaints += 1
        self.diagnostics.report(facts.UnclosedBracket("{", "}"), (self.layout.suspect or brackets[-1]).span)
        self.layout.suspect = None
        self.layout.open_brackets = brackets[:-1]
        return self._feed_or_break(Lexeme("RBRACE", "}", end.span))

    def _feed_or_break(self, lexeme: Lexeme) -> bool:
        """Feed a closing brace, dropping the statement before it where it is not finished."""
        try:
            self.stack.feed(lexeme)
        except UnexpectedToken:
            dropped = self.stack.drop_statement()
            if dropped is None:
                return False
            self.stack.feed(Lexeme("BROKEN", "", Span(lexeme.span.source, dropped.start, lexeme.span.start)))
            # Some braces hold no statements, and are dropped with the statement that they belong to.
            if dropped.open_braces == 0:
                self.stack.feed(lexeme)
        return True

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
