"""Slips at one place of a line, and signs of other languages: the text around it to what is meant."""

from __future__ import annotations

import re

from netdsl.syntax.habits import Habit

_LONGEST_LINE = 400
_HERE = "\0"


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


def _parameters(match: re.Match[str]) -> str:
    names = re.findall(r"\w+(?:\s*=\s*\w+)?", match["names"])
    return f"parameters stand in parentheses: `block {match['block']}({', '.join(names)}) {{ … }}`"


def _name(match: re.Match[str]) -> str:
    name = re.sub(r"[^A-Za-z0-9_]", "_", match["name"].replace(_HERE, ""))
    return f"a name is made of letters, digits and `_`: `{name}`"


def _shape(match: re.Match[str]) -> str:
    numbers = re.findall(r"[0-9]+", match["size"].partition(":")[2] or match["size"])
    return f"a shape is one word with the letter x: `{'x'.join(numbers)}`"


def _upper(match: re.Match[str]) -> str:
    size = match["size"].replace(_HERE, "")
    return f"sizes that are left open have upper-case names: `{size.upper().replace('X', 'x')}`"


_MERGES = {"+": "add", "-": "sub"}
_PLACES = tuple(
    (name, re.compile(pattern.replace("HERE", _HERE)), advice)
    for name, pattern, advice in (
        ("colon", r"^\s*(?:net|block)\b[^{]*HERE:\s*(?:#|$)", "a body stands in braces: `{ … }`"),
        ("colon", r"^\s*(?:if|for|else)\b[^{]*HERE:", "a body stands in braces: `{ … }`"),
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
        ("shape", r"^\s*input\b(?P<size>.*[0-9]\s*HERE\s*[x*\u00d7,]\s*[0-9].*)", _shape),
        (
            "size",
            r"(?<![0-9x])(?P<one>[0-9]+)\s*HERE,\s*(?P<two>[0-9]+)\b",
            lambda match: f"a size is one word: `{match['one']}x{match['two']}`",
        ),
        (
            "size",
            r"(?P<one>[0-9]+)\s*(?:HERE[\u00d7\u2715\u2716\u2a2f]|\*)\s*(?P<two>[0-9]+)(?:\s*HEREx|\b)",
            lambda match: f"a size is one word with the letter x: `{match['one']}x{match['two']}`",
        ),
        ("channels", r"[0-9]x[0-9]+\s*HERE,\s*(?P<n>[0-9]+)", lambda match: f"channels have an x: `x{match['n']}`"),
        ("inputs", r"^\s*input\b.*HERE,", "every input has a line of its own"),
        ("list", r"=\s*HERE\{", "a list stands in square brackets: `[16, 32]`"),
        (
            "let",
            r"^\s*let\s+(?P<name>\w+)\s*HERE:?\s*(?P<value>[\w.]+)",
            lambda match: f"a name gets its value by `=`: `let {match['name']} = {match['value']}`",
        ),
        ("shape", r"HERE:\s*(?:[0-9]+x|\()", "a shape is asserted by two colons: `:: 64x56x56`"),
        (
            "value",
            r"^\s*\w+\s.*?\b(?P<name>[A-Za-z_]\w*)\s*HERE:\s*(?P<value>[\w.]+)",
            lambda match: f"a parameter has its value behind `=`: `{match['name']}={match['value']}`",
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
        ("quotes", r"HERE'(?:same|true|false)'", "words of the language have no quotes"),
        ("quotes", r"HERE['\u2018\u2019\u201b`\u00b4]", 'text stands between double quotes: `"layer1"`'),
        ("quotes", r"HERE[\u201c\u201d\u201e\u00ab\u00bb]", 'text stands between straight double quotes: `"layer1"`'),
        ("quotes", r"HERE\"", 'text begins and ends on one line, with double quotes: `"layer1"`'),
        ("minus", r"HERE[\u2212\u2013\u2014\u2010]", "a minus is the character `-`"),
        ("comment", r"HERE/\*|/HERE\*", "comments begin with `#`, on each of their lines"),
        ("wrap", r"HERE\\", "a line goes on where it ends with `->`, `,` or an operator, or inside of parentheses"),
    )
)
