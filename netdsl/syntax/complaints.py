"""What to say about a token that the grammar has no place for: where the parser stuck to a fact and its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from netdsl.diagnostics import syntax as facts
from netdsl.diagnostics.core import Fact, did_you_mean
from netdsl.source import Span
from netdsl.syntax.habits import Habit, habit_of_line
from netdsl.syntax.slips import habit_at
from netdsl.syntax.tokens import SEPARATOR, Lexeme

MERGES = ("concat", "add", "mul", "sub", "max")
_CLOSING = {"LPAR": ")", "CALL": ")", "LSQB": "]", "INDEX": "]", "LBRACE": "}"}
_OPERATORS = frozenset("PLUS MINUS STAR FLOOR_DIVIDE PERCENT POWER COMPARE AND OR".split())
_DECLARATIONS = frozenset("INPUT LET SHARE DEFAULT BUDGET TRAIN OUTPUT TRAINING".split())
_BLANK = re.compile(r"(?:[ \t\r\n;]|#[^\r\n]*)*")
_LONGEST_STATEMENT = 200
_VALUES = ("WORD", "NUMBER", "SIZE", "STRING")
_BRANCHES = frozenset(("BAR", "RBRACE"))
_ITEMS = ("net", "block", "use", "default", "let")


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Stuck:
    """Where the parser stuck.

    Attributes:
        found: the lexeme that cannot stand there.
        previous: the one before it.
        expected: the types of which one could.
        open_brackets: what is open, the innermost last.
        statement: where the statement begins that cannot be read.
        at_top: whether that is outside of all nets and blocks.
        callee: the last word before the place, which may be called there.
    """

    found: Lexeme
    previous: Lexeme | None
    expected: frozenset[str]
    open_brackets: Sequence[Lexeme]
    statement: int
    at_top: bool
    callee: str | None


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Complaint:
    """What is said; `habit` names the other language that the statement is written in, if it is a known one."""

    fact: Fact
    span: Span
    habit: str | None = None


def complaint(stuck: Stuck) -> Complaint:
    """The fact for a lexeme that cannot stand where it does, and the place that it is shown at."""
    found, previous = stuck.found, stuck.previous
    habit = _habit(stuck)
    if found.type == "UNEXPECTED":
        return _complaint(facts.UnknownCharacter(found.text, habit.advice if habit else None), found.span, habit)
    if stuck.expected <= _BRANCHES and habit is None and stuck.callee is not None:
        return _without_bars(stuck.callee, stuck)
    opener = _unclosed(stuck) if habit is None else None
    if opener is not None:
        return Complaint(facts.UnclosedBracket(opener.text, _CLOSING[opener.type]), opener.span)
    advice = habit.advice if habit else _advice(stuck)
    return _complaint(facts.UnexpectedToken(_named(found), _behind(previous), advice), found.span, habit)


def _complaint(fact: Fact, span: Span, habit: Habit | None) -> Complaint:
    return Complaint(fact, span, habit.name if habit and habit.whole_statement else None)


def _habit(stuck: Stuck) -> Habit | None:
    """The habit behind the mistake: of the place where it shows, or of the whole statement."""
    found, source = stuck.found, stuck.found.span.source
    if found.type == "$END" or not found.text.strip():
        return None
    row, column = found.span.location
    line = source.line(row)
    blank = _BLANK.match(source.text, stuck.statement)
    start = min(blank.end() if blank else stuck.statement, found.span.start)
    statement = source.text[start : found.span.start][:_LONGEST_STATEMENT] + line[column - 1 :]
    return habit_of_line(statement, at_top=stuck.at_top) or habit_at(line[: column - 1], line[column - 1 :])


def _without_bars(callee: str, stuck: Stuck) -> Complaint:
    """Braces behind a call whose branches have no bars, or behind one that takes none."""
    if callee in MERGES or not stuck.open_brackets:
        return Complaint(facts.MissingBars(callee), stuck.found.span)
    fact = facts.UnexpectedToken("`{`", f", behind `{callee} …`", "missing `->` before `{`?")
    return Complaint(fact, stuck.open_brackets[-1].span)


def _unclosed(stuck: Stuck) -> Lexeme | None:
    """The round or square bracket that a new line, a brace or the end shows to be unclosed."""
    found = stuck.found
    open_brackets = [bracket for bracket in stuck.open_brackets if bracket is not found]
    if not open_brackets:
        return None
    if found.type == "$END":
        return open_brackets[-1]
    if open_brackets[-1].type == "LBRACE":
        return None
    return open_brackets[-1] if found.starts_line or found.type in ("RBRACE", "LBRACE") else None


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


def _advice(stuck: Stuck) -> str | None:
    """What the grammar alone tells about the mistake."""
    return _of_words(stuck) or _of_signs(stuck)


def _of_signs(stuck: Stuck) -> str | None:
    found, expected, kind = stuck.found, stuck.expected, stuck.found.type
    before = stuck.previous.type if stuck.previous is not None else SEPARATOR
    if kind in ("RPAR", "RSQB"):
        return _closing(found)
    if kind in _OPERATORS and "ARROW" in expected:
        return "arithmetic in the short form stands in parentheses: `x (4 * width)`, `pad=(kernel // 2)`"
    if kind == "EQUAL" and "COMPARE" in expected:
        return "two values are compared with `==`"
    if before == "OUTPUT":
        return "an output has a name, `output logits`; without any, the last tensor of a net is its output"
    if kind == "BAR" and stuck.previous is not None and stuck.previous.text in MERGES:
        return f"branches stand in braces: `{stuck.previous.text} {{ | … | … }}`"
    if kind == "BAR":
        return "branches stand in the braces of a merge, `add { | … | … }`; layers are joined by `->`"
    if kind == "ARROW":
        return "one `->` is enough" if before == "ARROW" else "a layer stands before `->`"
    if kind in (SEPARATOR, "$END"):
        return _unfinished(before)
    if kind == "RBRACE" and "RBRACE" not in expected:
        return "there is nothing to close here" if before == "RBRACE" else _unfinished(before)
    if "COLON" in expected and before == "WORD":
        return f"missing `:` before `{found.text}`?"
    return None


def _of_words(stuck: Stuck) -> str | None:
    found, expected, kind = stuck.found, stuck.expected, stuck.found.type
    before = stuck.previous.type if stuck.previous is not None else SEPARATOR
    if before in ("NET", "BLOCK") and kind == "WORD":
        return "nets and blocks stand at the top of a file, not inside of one another"
    if "WORD" in expected and kind != "WORD" and found.text.isidentifier():
        return _taken_word(found)
    if kind in ("X", "CHANNELS"):
        return f"`{found.text}` means channels, as in `conv 3x3 x64`, and is nobody's name"
    if stuck.at_top and "NET" in expected and before == SEPARATOR:
        return f"`{found.text}` stands inside a net or block" if kind in _DECLARATIONS else _item(found)
    if kind in _VALUES and stuck.open_brackets and stuck.open_brackets[-1].type in ("LPAR", "CALL"):
        return f"missing `,` or `)` before `{found.text}`?"
    if "LBRACE" in expected and "ARROW" not in expected and kind == "WORD":
        return f"a body in braces belongs before `{found.text}`: `{{ … }}`"
    if kind in _DECLARATIONS and before != SEPARATOR:
        return f"`{found.text}` begins a statement of its own: put it on a new line"
    if "ARROW" in expected and kind in ("WORD", "LBRACE", "IF", "FOR", "TAP"):
        return f"missing `->` before `{found.text}`?"
    return None


def _closing(found: Lexeme) -> str:
    if found.opener is None:
        return "there is nothing to close here"
    return f"the `{found.opener.text}` before it is closed by `{_CLOSING[found.opener.type]}`"


def _taken_word(found: Lexeme) -> str:
    if found.text == "x":
        return "`x` means channels, as in `conv 3x3 x64`, and is nobody's name"
    return f"`{found.text}` is a word of the language: choose another name"


def _item(found: Lexeme) -> str:
    nearest = did_you_mean(found.text, _ITEMS)
    if nearest is not None and nearest != found.text:
        return f"did you mean `{nearest}`?"
    return "a file holds `net`, `block`, `use`, `default` and `let`; layers stand inside a net or block"


def _unfinished(before: str) -> str | None:
    match before:
        case "WORD" | "RPAR":
            return "a body in braces belongs here: `{ … }`"
        case "ARROW":
            return "something must follow `->`"
        case _:
            return None
