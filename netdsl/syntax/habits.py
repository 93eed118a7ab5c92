"""Habits from other languages: the line at which the parser stuck to how what is meant is written here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from netdsl.diagnostics import synonyms

_LONGEST_LINE = 400
Advice = str | Callable[[re.Match[str]], str]


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Habit:
    """A way of writing, and what to write instead.

    Statements in a row that are wholly written in one other language are one mistake.
    """

    name: str
    advice: str
    whole_statement: bool


def habit_of_line(line: str, *, at_top: bool) -> Habit | None:
    """The habit that a statement shows from its first word on.

    Args:
        line: the statement's first line, without the spaces around it.
        at_top: whether it stands outside of all nets and blocks.
    """
    for name, pattern, advice in _TOP_LINES if at_top else _BODY_LINES:
        match = pattern.match(line[:_LONGEST_LINE])
        if match:
            return Habit(name, advice if isinstance(advice, str) else advice(match), True)
    return None


def is_comment(after: str) -> bool:
    """Whether `//` begins a comment as in C, and no division: words follow, and not one number or name."""
    return re.match(r"//(?!\s*(?:[0-9(]|[A-Za-z_][\w.]*\s*(?:$|[-+*/%)\]}{,:])))", after) is not None


# ---- whole lines -------------------------------------------------------------------------------


def _definition(match: re.Match[str]) -> str:
    parameters = [part.strip() for part in (match["parameters"] or "").split(",")]
    kept = ", ".join(part.split(":")[0] for part in parameters if part not in ("self", "x", "in", ""))
    return f"a block is written `block {match['name']}({kept}) {{ … }}`, outside of nets and other blocks"


def _assignment(match: re.Match[str]) -> str:
    name, value = match["name"], match["value"].strip()
    if re.fullmatch(r"[0-9][0-9.]*|\[.*\]", value) and "." not in name:
        return f"a number gets its name by `let {name} = {value}`; a parameter stands behind its layer: `conv 3x3 x64`"
    if "." in name + value or re.search(r"\((?:x|y|out|self)?\)", value) or _is_foreign(value):
        return f"the tensor flows by itself, from line to line; {_of_other_frameworks(value)}"
    if name in ("x", "out", "y"):
        return f"the tensor flows by itself, from line to line: `{value}`"
    return f"a tensor gets its name behind the layer that makes it: `{value} as {name}`"


def _is_foreign(call: str) -> bool:
    """Whether a call begins with another framework's name for a layer."""
    word = call.partition("(")[0].strip()
    example = synonyms.example(word)
    return example is not None and example.split()[0] != word


def _section(match: re.Match[str]) -> str:
    example = synonyms.example(match["name"]) or "conv 3x3 x64 pad=1"
    return f"this is a section of a Darknet cfg; here a layer is one line: `{example}`"


def _model(match: re.Match[str]) -> str:
    return f"a net begins with `net`: `net {match['name']} {{ … }}`"


def _call(match: re.Match[str]) -> str:
    return _of_other_frameworks(match.string)


def _of_other_frameworks(text: str) -> str:
    """What to write for the first foreign layer that a piece of text names."""
    for word in re.findall(r"[A-Za-z_]\w*", text):
        example = synonyms.example(word)
        if example is not None and word != example.split()[0]:
            return f"`{word}` is `{example.split()[0]}` here: `{example}`"
    return "a layer is called by its name: `conv 3x3 x64 -> relu`"


_SHARED: tuple[tuple[str, str, Advice], ...] = (
    (
        "function",
        r"(?:async\s+)?(?:def|func|fn|function|fun|module|macro)\s+(?P<name>\w+)\s*(?:\((?P<parameters>[^()]*)\))?",
        _definition,
    ),
    (
        "class",
        r"class\b",
        "a net is written `net Name { … }`, and its layers follow one another: `conv 3x3 x64 -> relu`",
    ),
    (
        "import",
        r"#?(?:import|from|include|require)\b(?!\s*[:=(])",
        'blocks come from another file by `use unit, stem from "blocks.net"`',
    ),
    (
        "prototxt",
        r"layers?\s*\{",
        "this is a layer of a Caffe prototxt; here it is one line: `conv1: conv 3x3 x64 pad=1`",
    ),
    ("section", r"\[(?P<name>[a-z_]+)\]\s*$", _section),
    (
        "row",
        r"-\s*\[",
        "this is a row of a YAML file; here it is one line, with a name for later: `conv 3x3/2 x64 as p1`",
    ),
)
_BODY_LINES = tuple(
    (name, re.compile(pattern), advice)
    for name, pattern, advice in (
        *_SHARED,
        ("elif", r"\}?\s*(?:elif|elseif|elsif)\b", "it is written `else if … { … }`"),
        ("while", r"while\b", "repetitions are counted: `{ … } * 3`, or `for i in range(3) { … }`"),
        ("for", r"for\s*\(.*;", "it is written `for i in range(3) { … }`, where `i` is 0, 1 and 2"),
        ("text", r"\"\"\"|'''", "comments begin with `#`, on each of their lines"),
        ("input", r"input\s*:", "an input has a name, `input image: 3x32x32`, or none, `input 3x32x32`"),
        ("section", r"(?P<name>filters|size|batch_normalize|activation|from)\s*=", _section),
        ("assignment", r"(?P<name>[A-Za-z_][\w.]*)\s*=(?![=>])(?P<value>.+)", _assignment),
        ("call", r"[A-Za-z_]\w*\s*\.\s*[A-Za-z_].*\(", _call),
        (
            "count",
            r"(?P<count>[0-9]+)\s*[*x]?\s*(?=[A-Za-z{(])",
            lambda match: f"a repetition stands behind: `{{ … }} * {match['count']}`",
        ),
    )
)
_TOP_LINES = tuple(
    (name, re.compile(pattern), advice)
    for name, pattern, advice in (
        *_SHARED,
        ("model", r"(?:model|network|architecture|graph|Net|NET)\s+(?P<name>\w+)\s*[({:]", _model),
        (
            "block",
            r"(?P<head>\w+\s*\([^()]*\))\s*\{",
            lambda match: f"a block begins with `block`: `block {match['head']} {{ … }}`",
        ),
        ("model", r"name\s*:\s*\"(?P<name>\w+)\"", _model),
    )
)
