"""Programs for the tests of the syntax: random texts, the same text in another layout, and an AST's shape."""

from __future__ import annotations

import re
from random import Random

from netdsl.diagnostics.core import Diagnostics
from netdsl.source import Source
from netdsl.syntax import ast
from netdsl.syntax.parser import parse
from netdsl.syntax.tables import load_parser
from netdsl.syntax.tokens import _NO_SEPARATOR_AFTER, _NO_SEPARATOR_BEFORE, SEPARATOR, Layout


def read(text: str) -> tuple[ast.File, list[str]]:
    """A text's AST and the codes of its diagnostics."""
    diagnostics = Diagnostics()
    file = parse(Source("spec.net", text), diagnostics)
    return file, [diagnostic.code for diagnostic in diagnostics]


def shape(value: object) -> object:
    """A node as nested tuples, without its spans."""
    if isinstance(value, tuple):
        return tuple(shape(item) for item in value)
    fields = getattr(value, "__match_args__", None)
    if fields is None:
        return value
    inside = (shape(getattr(value, name)) for name in fields if name not in ("span", "source", "comments"))
    return (type(value).__name__, *inside)


# ---- texts -----------------------------------------------------------------------------------

# The alternatives of each rule; the first ones are short, and are all that is left deep inside.
RULES: dict[str, list[str]] = {
    "program": ["<item>", "<item>\n<item>", "<item>\n\n<item>; <item>"],
    "item": [
        "net Small <body>",
        "block unit(width, n=<expression>) <body>",
        "let rows = <expression>",
        "default conv <short>",
        'use a, b from "other.net"',
        "use se from std",
    ],
    "body": ["{ <flow> }", "{ }", "{<statements>}", "{\n<statements>\n}"],
    "statements": ["<flow>", "<statement>", "<statement>; <statement>", "<statement>\n\n<statement>\n<statement>"],
    "statement": [
        "<flow>",
        "input <atom>",
        "input image: <atom>",
        "let <name> = <expression>",
        "share tower <body>",
        "default conv <short>",
        "budget <expression>, <expression>",
        "output <name>, <name> = <flow>",
        "training output <name>",
        "train { loss <short>; augment crop <short> -> flip <short> }",
    ],
    "flow": ["<step>", "<step> -> <step>", "<step> -> <step> -> <step>"],
    "step": ["<core>", "<label>: <core>", "<core> as <name>, <name>", "<core> :: <atom>", "<core> :: <atom> as <name>"],
    "label": ["conv1", "input", "<string>"],
    "core": [
        "<name>",
        "<name> <short>",
        "<name>(<arguments>)",
        "<name>(\n<arguments>,\n)",
        "tap skips",
        "skips[-1]",
        "in",
        "<body>",
        "<body> * <atom>",
        "concat <branches>",
        "add(<arguments>) <branches>",
        "if <expression> <body>",
        "if <expression> <body> else <body>",
        "if <expression> <body> else if <expression> <body> else <body>",
        "for i, j in <expression> <body>",
    ],
    "branches": ["{}", "{ | }", "{ | <statements> | }", "{\n| <statements>\n| <statements>}"],
    "short": ["<atom>", "", "<size>/<atom>", "<name> x64 <keyword>", "/<atom> x <atom>", "same <keyword> <keyword>"],
    "keyword": ["<name>=<atom>", "pad=same", "x 64"],
    "size": ["3x3", "2", "k", "(1, k)"],
    "arguments": ["<expression>", "<name>=<expression>", "<expression>, <name>=<expression>, <expression>"],
    "expression": ["<logic>", "<logic> if <logic> else <expression>"],
    "logic": ["<comparison>", "<comparison> and <comparison> or not <comparison>"],
    "comparison": ["<sum>", "<sum> <= <sum>"],
    "sum": ["<product>", "<product> + <product>", "<product> - <product> - <product>"],
    "product": ["<factor>", "<factor> * <factor>", "<factor> / <factor> // <factor> % <factor>"],
    "factor": ["<value>", "-<factor>", "<value>^<factor>"],
    "atom": ["<value>", "-<value>"],
    "value": [
        "<name>",
        "<number>",
        "3xHxW",
        "true",
        "here",
        "<string>",
        "(<expression>)",
        "(<expression>,)",
        "(<expression>, <expression>)",
        "(16*H, <number> * T,)",
        "[]",
        "[<value>, <value>,]",
        "[\n(<value>, <value>),\n(<value>, <value>)\n]",
        "<name>.channels",
        "<name>[<subscript>, <subscript>]",
        "<name>()",
        "<name>(<arguments>)",
    ],
    "subscript": ["<expression>", ":", "<expression>:", "<expression>:<expression>"],
    "string": ['"a # b"', '"layer{i + 1}"', '""', '"{n}.{ m }"'],
    "number": ["64", "1", "0.5", "61M", "1_000", "5e-4"],
    "name": ["a", "width", "kernel", "relu", "T2", "H"],
}
PLACEHOLDER = re.compile(r"<(\w+)>")


class Writer:
    """Writes random programs; `ink` is the number of choices that are left before only first alternatives remain."""

    def __init__(self, random: Random, ink: int = 80) -> None:
        self.random = random
        self.ink = ink

    def write(self, rule: str = "program") -> str:
        self.ink -= 1
        alternatives = RULES[rule] if self.ink > 0 else RULES[rule][:1]
        return PLACEHOLDER.sub(lambda match: self.write(match.group(1)), self.random.choice(alternatives))


# ---- layouts ---------------------------------------------------------------------------------


class Scrambler:
    """Writes a text's tokens anew, with other space, line ends and comments between them."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.comments = 0

    def scramble(self, text: str) -> str:
        source = Source("spec.net", text)
        layout = Layout(source)
        written = [self.random.choice(["", "\n\n", self.comment()])]
        previous = None
        inside = False
        for lexeme in layout.lexemes(load_parser().lex(text)):
            if previous is None or SEPARATOR in (previous.type, lexeme.type) or lexeme.type in ("CALL", "INDEX"):
                gap = ""
            elif inside or previous.type in _NO_SEPARATOR_AFTER or lexeme.type in _NO_SEPARATOR_BEFORE:
                gap = self.gap(previous.span.end == lexeme.span.start)
            else:
                gap = self.random.choice(["" if previous.span.end == lexeme.span.start else " ", " ", "\t "])
            written += [gap, self.separator() if lexeme.type == SEPARATOR else lexeme.text]
            previous = lexeme
            inside = bool(layout.open_brackets) and layout.open_brackets[-1].type != "LBRACE"
        return "".join([*written, self.random.choice(["", "\n", "\n\n\n", self.comment()])])

    def comment(self) -> str:
        self.comments += 1
        return f"{self.random.choice(['', ' ', chr(10), '        '])}# {self.comments}{self.line_end()}"

    def line_end(self) -> str:
        return self.random.choice(["\n", "\n", "\r\n", "\n    ", "\n\n\n", "\n \n"])

    def gap(self, may_touch: bool) -> str:
        choices = ["" if may_touch else " "] * 3 + [" ", "   "] * 3
        return self.random.choice([*choices, self.line_end(), self.comment(), f"{self.comment()}{self.comment()}"])

    def separator(self) -> str:
        choices = [";", "; ", " ;\n", "\n", "\n", "\n\n", "\n\n\n\n", "\r\n\r\n", self.comment(), f";{self.comment()}"]
        return self.random.choice([*choices, f"{self.comment()}{self.comment()}"])
