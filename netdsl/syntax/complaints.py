"""What to say about a token that the grammar has no place for: found token and parser state to a fact and its place."""

from __future__ import annotations

from collections.abc import Sequence

from netdsl.diagnostics import syntax as facts
from netdsl.diagnostics.core import Fact
from netdsl.source import Span
from netdsl.syntax.tokens import SEPARATOR, Lexeme

_CLOSING = {"LPAR": ")", "CALL": ")", "LSQB": "]", "INDEX": "]", "LBRACE": "}"}
_OPERATORS = frozenset("PLUS MINUS STAR FLOOR_DIVIDE PERCENT POWER COMPARE AND OR".split())
_DECLARATIONS = frozenset("INPUT LET SHARE DEFAULT BUDGET TRAIN OUTPUT TRAINING".split())


def complaint(
    found: Lexeme, previous: Lexeme | None, expected: frozenset[str], open_brackets: Sequence[Lexeme]
) -> tuple[Fact, Span]:
    """The fact for a lexeme that cannot stand behind `previous`, where any of `expected` could, and its place."""
    if found.type == "UNEXPECTED":
        return facts.UnknownCharacter(found.text), found.span
    opener = open_brackets[-1] if found.type == "$END" and open_brackets else _unclosed(found, open_brackets)
    if opener is not None:
        return facts.UnclosedBracket(opener.text, _CLOSING[opener.type]), opener.span
    fact = facts.UnexpectedToken(_named(found), _behind(previous), _advice(found, previous, expected))
    return fact, found.span


def _unclosed(found: Lexeme, open_brackets: Sequence[Lexeme]) -> Lexeme | None:
    """The round or square bracket that a new line or a brace shows to be unclosed."""
    if not open_brackets or open_brackets[-1].type == "LBRACE":
        return None
    return open_brackets[-1] if found.starts_line or found.type in ("RBRACE", "LBRACE", "$END") else None


def _named(lexeme: Lexeme) -> str:
    if lexeme.type == "$END":
        return "the end of the file"
    if lexeme.type == SEPARATOR:
        return "the end of the line" if lexeme.text[0] in "\r\n" else "`;`"
    return f"`{lexeme.text}`"


def _behind(previous: Lexeme | None) -> str:
    if previous is None or previous.type == SEPARATOR:
        return ""
    return f", behind `{previous.text}`"


def _advice(found: Lexeme, previous: Lexeme | None, expected: frozenset[str]) -> str | None:
    kind = found.type
    before = previous.type if previous is not None else SEPARATOR
    if kind in ("X", "CHANNELS"):
        return f"`{found.text}` means channels, as in `conv 3x3 x64`, and is nobody's name"
    if kind in _OPERATORS and "ARROW" in expected:
        return "arithmetic in the short form stands in parentheses: `x (4 * width)`, `pad=(kernel // 2)`"
    if kind == "EQUAL" and "COMPARE" in expected:
        return "two values are compared with `==`"
    if kind in (SEPARATOR, "$END"):
        return _unfinished(before)
    if kind == "RBRACE" and "RBRACE" not in expected:
        return "there is nothing to close here" if before == "RBRACE" else _unfinished(before)
    if kind in _DECLARATIONS and before != SEPARATOR:
        return f"`{found.text}` begins a statement of its own: put it on a new line"
    if "ARROW" in expected and kind in ("WORD", "LBRACE", "IF", "FOR", "TAP"):
        return f"missing `->` before `{found.text}`?"
    if expected == {"COLON"}:
        return "a label is followed by `:`"
    if "NET" in expected and "LBRACE" not in expected:
        return "a file holds `net`, `block`, `use`, `default` and `let`; layers stand inside a net or block"
    return None


def _unfinished(before: str) -> str | None:
    match before:
        case "WORD" | "RPAR":
            return "a body in braces belongs here: `{ … }`"
        case "ARROW":
            return "something must follow `->`"
        case _:
            return None
