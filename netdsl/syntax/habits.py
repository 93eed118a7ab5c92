"""Habits from other languages: the line at which the parser stuck to how what is meant is written here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from netdsl.diagnostics import synonyms

_LONGEST_LINE = 400
_HERE = "\0"
_Advice = str | Callable[[re.Match[str]], str]


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


def habit_at(before: str, after: str) -> Habit | None:
    """The habit that the text around one place shows.

    Args:
        before: the line up to the token that cannot stand there.
        after: the line from that token on.
    """
    line = before[-_LONGEST_LINE:] + _HERE + after[:_LONGEST_LINE]
    for name, pattern, advice in _PLACES:
        match = pattern.search(line)
        if match:
            return Habit(name, advice if isinstance(advice, str) else advice(match), False)
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
    if "(" in value or "." in name:
        return f"the tensor flows by itself, from line to line; {_of_other_frameworks(value)}"
    if name in ("x", "out", "y"):
        return f"the tensor flows by itself, from line to line: `{value}`"
    return f"a tensor gets its name behind the layer that makes it: `{value} as {name}`"


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


_SHARED: tuple[tuple[str, str, _Advice], ...] = (
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


# ---- one place ---------------------------------------------------------------------------------


def _parameters(match: re.Match[str]) -> str:
    names = re.findall(r"\w+(?:\s*=\s*\w+)?", match["names"])
    return f"parameters stand in parentheses: `block {match['block']}({', '.join(names)}) {{ … }}`"


def _name(match: re.Match[str]) -> str:
    name = re.sub(r"[^A-Za-z0-9_]", "_", match["name"].replace(_HERE, ""))
    return f"a name is made of letters, digits and `_`: `{name}`"


def _upper(match: re.Match[str]) -> str:
    size = match["size"].replace(_HERE, "")
    return f"sizes that are left open have upper-case names: `{size.upper().replace('X', 'x')}`"


_MERGES = {"+": "add", "-": "sub"}
_PLACES = tuple(
    (name, re.compile(pattern.replace("HERE", _HERE)), advice)
    for name, pattern, advice in (
        ("colon", r"^\s*(?:net|block|if|for|else)\b[^{]*HERE:\s*(?:#|$)", "a body stands in braces: `{ … }`"),
        (
            "types",
            r"\b(?:block|net)\s+\w+\s*\([^)]*HERE:",
            "parameters have no types: `width`, or `stride=1` with a default",
        ),
        ("name", r"\b(?:net|block)\s+(?P<name>\w+HERE[-.][\w.-]*)", _name),
        (
            "name",
            r"\b(?P<kind>net|block)\s+HERE\"(?P<name>[^\"]*)\"",
            lambda match: f"its name stands without quotes: `{match['kind']} {match['name']}`",
        ),
        ("name", r"\bnet\s*HERE[{(]", "a net has a name: `net Small { … }`"),
        ("braces", r"^\s*(?:net|block)\s+\w+\s*HERE[(\[]\s*$", "a body stands in braces: `{ … }`"),
        (
            "space",
            r"\b(?P<head>(?:net|block)\s+\w+)\s+HERE(?P<rest>\([^)]*\))",
            lambda match: f"no space before parameters: `{match['head']}{match['rest']}`",
        ),
        (
            "functional",
            r"^\s*(?P<call>\w.*\))\s*HERE\((?P<tensor>\w+)\)",
            lambda match: f"a tensor's name stands in front: `{match['tensor']} -> {match['call']}`",
        ),
        ("name", r"\bblock\s*HERE[{(]", "a block has a name: `block unit(width) { … }`"),
        ("parameters", r"\bblock\s+(?P<block>\w+)\s+HERE(?P<names>[\w ,=]+)\{", _parameters),
        (
            "path",
            r"\bfrom\s+(?P<path>[\w./-]*HERE[\w./-]*)",
            lambda match: f'a path stands between quotes: `"{match["path"].replace(_HERE, "")}"`',
        ),
        (
            "sum",
            r"^\s*(?P<one>[A-Za-z_]\w*)\s*HERE(?P<sign>[-+])\s*(?P<other>[A-Za-z_]\w*)",
            lambda match: f"tensors merge by `{_MERGES[match['sign']]}({match['one']}, {match['other']})`",
        ),
        (
            "range",
            r"(?P<first>\w+)\s*\.?HERE\.+\s*(?P<last>\w+)",
            lambda match: f"`range({match['first']}, {match['last']})` counts up to the one before {match['last']}",
        ),
        (
            "arrow",
            r"HERE(?:=>|\|>|>>|>|==>|~>|--+>|-\s+>|\u2192|\u21d2|\u27f6|\u2794|\u279c|\u203a)",
            "layers are joined by `->`",
        ),
        ("and", r"HERE&", "conditions are joined by `and`"),
        ("or", r"\bif\b[^{]*HERE\|\|", "conditions are joined by `or`"),
        ("not", r"HERE!", "`not` turns a condition round"),
        ("power", r"\*\s*HERE\*", "a power is written `2^3`"),
        (
            "rate",
            r"(?P<number>[0-9]+)\s*HERE%\s*(?:$|->|#|\})",
            lambda match: f"a rate is a fraction: `{int(match['number'][:9]) / 100:g}`",
        ),
        (
            "size",
            r"(?P<one>[0-9]+)\s*HERE,\s*(?P<two>[0-9]+)\b",
            lambda match: f"a size is one word: `{match['one']}x{match['two']}`",
        ),
        (
            "size",
            r"(?P<one>[0-9]+)\s*(?:HERE[\u00d7\u2715\u2716\u2a2f]|\*)\s*(?P<two>[0-9]+)(?:\s*HEREx|\b)",
            lambda match: f"a size is one word with the letter x: `{match['one']}x{match['two']}`",
        ),
        ("open", r"(?P<size>[0-9]+HEREx[a-z]\w*)", _upper),
        ("open", r"HEREx?\s*\?", "sizes that are left open have upper-case names: `3xHxW`"),
        ("list", r"HERE,", "commas stand inside of parentheses only: layers are joined by `->`, or have a line each"),
        (
            "form",
            r"(?P<word>\w+)\((?P<inside>[^()]*)\)\s*HEREx\s?\w",
            lambda match: f"the short form has a space before the size: `{match['word']} ({match['inside']}) x…`",
        ),
        (
            "repeat",
            r"\}\s*HEREx\s?(?P<count>\w+)",
            lambda match: f"a repetition is written `{{ … }} * {match['count']}`",
        ),
        ("quotes", r"HERE['\u2018\u2019\u201b`\u00b4]", 'text stands between double quotes: `"layer1"`'),
        ("quotes", r"HERE[\u201c\u201d\u201e\u00ab\u00bb]", 'text stands between straight double quotes: `"layer1"`'),
        ("quotes", r"HERE\"", 'text begins and ends on one line, with double quotes: `"layer1"`'),
        ("minus", r"HERE[\u2212\u2013\u2014\u2010]", "a minus is the character `-`"),
        ("comment", r"HERE/\*", "comments begin with `#`, on each of their lines"),
        ("wrap", r"HERE\\", "a line goes on where it ends with `->`, `,` or an operator, or inside of parentheses"),
    )
)
