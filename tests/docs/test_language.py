"""docs/language.md: its specs do what the page says, its grammar is the compiler's, its limits are the compiler's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lark import Lark, Token, UnexpectedInput

from netdsl import ops
from netdsl.diagnostics.core import Diagnostics
from netdsl.graph import arithmetic, builder, calls, elaborate, expressions, functions
from netdsl.source import Source
from netdsl.syntax import parser
from netdsl.types import tensors
from tests.docs.blocks import ROOT, Block, blocks_of, is_spec, page_path, spec_text, wanted_codes

TEXT = page_path("language").read_text(encoding="utf-8")
BLOCKS = blocks_of(TEXT)
SPECS = [block for block in BLOCKS if is_spec(block)]
FILES = sorted([*(ROOT / "specs").glob("*.net"), *(ROOT / "tests" / "tour").glob("*.net")])
KEYWORDS = frozenset(re.findall(r'"([a-z]+)"', "".join(block.text for block in BLOCKS if block.kind == "ebnf")))


# ---- the grammar -----------------------------------------------------------------------------


class Lines:
    """The page's rules for line ends and for brackets that touch a word, read from the page."""

    always_accept = ("END",)

    def __init__(self) -> None:
        rows = dict(
            line.split(maxsplit=1) for block in BLOCKS if block.kind == "layout" for line in block.text.splitlines()
        )
        self.behind, self.before = (frozenset(rows[word].split()) for word in ("behind", "before"))

    def process(self, tokens: Iterator[Token]) -> Iterator[Token]:
        """The tokens with `CALL` and `INDEX` told apart, and without the line ends that do not count."""
        last: Token | None = None
        end: Token | None = None
        brackets: list[str] = []
        for token in tokens:
            if token.type == "END":
                end = end or token
                continue
            if end is not None and last is not None and self._counts(last, token, brackets):
                yield end
            touches = (
                last is not None
                and (last.type == "WORD" or last.value in (")", "]"))
                and last.end_pos == token.start_pos
            )
            kind = {"(": "CALL", "[": "INDEX"}.get(token.value, token.type) if touches else token.type
            if token.value in ("(", "[", "{"):
                brackets.append(token.value)
            elif token.value in (")", "]", "}") and brackets:
                brackets.pop()
            yield Token.new_borrow_pos(kind, token.value, token)
            last, end = token, None

    def _counts(self, last: Token, token: Token, brackets: list[str]) -> bool:
        inside = bool(brackets) and brackets[-1] != "{"
        return not inside and last.value not in self.behind and token.value not in self.before


@pytest.fixture(scope="module")
def stranger() -> Lark:
    """A parser made of the page alone."""
    rules = "\n".join(block.text for block in BLOCKS if block.kind == "ebnf").replace("::=", ":")
    for word, priority in {"SIZE": 3, "CHANNELS": 3, "NUMBER": 2}.items():
        rules = re.sub(rf"^{word} ", f"{word}.{priority} ", rules, flags=re.MULTILINE)
    grammar = rules + "\n%declare CALL INDEX\n%ignore /[ \\t\\f]+/\n%ignore /#[^\\n\\r]*/\n"
    return Lark(grammar, parser="lalr", lexer="basic", start="file", postlex=Lines())


def reads(lark: Lark, text: str) -> bool:
    """Whether the page's parser reads a text."""
    try:
        lark.parse(text.rstrip("\n;"))
    except UnexpectedInput:
        return False
    return True


def compiler_reads(text: str) -> bool:
    """Whether the compiler's parser does."""
    diagnostics = Diagnostics()
    parser.parse(Source("page.net", text), diagnostics)
    return not diagnostics.has_errors


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_grammar_of_the_page_reads_every_spec(path: Path, stranger: Lark) -> None:
    assert reads(stranger, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("block", SPECS, ids=lambda block: f"line-{block.row}")
def test_the_grammar_of_the_page_reads_its_examples(block: Block, stranger: Lark) -> None:
    assert reads(stranger, spec_text(block)) == compiler_reads(spec_text(block))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_page_and_compiler_refuse_the_same_texts(path: Path, stranger: Lark) -> None:
    """Every spec with one of its tokens left out: there are always both, texts that can be read and that cannot."""
    text = path.read_text(encoding="utf-8")
    tokens = list(re.finditer(r'"[^"\n]*"|->|::|//|[A-Za-z0-9_]+|[^\sA-Za-z0-9_]', re.sub(r"#[^\n]*", "", text)))
    text = re.sub(r"#[^\n]*", "", text)
    for token in tokens[:: max(1, len(tokens) // 12)]:
        without = text[: token.start()] + " " + text[token.end() :]
        assert reads(stranger, without) == compiler_reads(without), without[
            max(0, token.start() - 60) : token.start() + 60
        ]


def test_the_page_lists_the_keywords() -> None:
    listed = TEXT.partition("are no names:")[2].partition(", and `x` with")[0]
    assert frozenset(re.findall(r"`([a-z]+)`", listed)) == KEYWORDS
    assert not KEYWORDS & set(ops.words())


# ---- limits and functions --------------------------------------------------------------------

LIMITS = {
    "characters in a file": parser.MAXIMUM_CHARACTERS,
    "characters in a name": parser._LITERAL_LIMITS["WORD"][1],
    "characters in a number": parser._LITERAL_LIMITS["NUMBER"][1],
    "characters in a size": parser._LITERAL_LIMITS["SIZE"][1],
    "brackets within brackets": parser.MAXIMUM_NESTING,
    "syntax errors that one file reports": parser.MAXIMUM_COMPLAINTS,
    "layers in a net": builder.MAXIMUM_LAYERS,
    "repetitions of a group": builder.MAXIMUM_LAYERS,
    "blocks within blocks": calls.MAXIMUM_CALLS,
    "expressions within expressions": expressions.MAXIMUM_DEPTH,
    "members of a list from `range`": functions.MAXIMUM_LIST,
    "whole numbers": arithmetic.MAXIMUM_INTEGER,
    "a tensor's size along an axis": tensors.MAXIMUM_SIZE,
    "numbers in a tensor": tensors.MAXIMUM_ELEMENTS,
    "files that one file brings in": elaborate.MAXIMUM_FILES,
    "files that bring in files": elaborate.MAXIMUM_IMPORT_DEPTH,
}


def test_the_page_states_the_limits() -> None:
    section = TEXT.partition("\n## Limits\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+?) \| ([\d,]+) \|", section, re.MULTILINE)
    assert {what: int(number.replace(",", "")) for what, number in rows} == LIMITS


def test_the_page_lists_the_functions() -> None:
    section = TEXT.partition("| function | gives |")[2].partition("\n\n")[0]
    assert frozenset(re.findall(r"`(\w+)\(", section)) == frozenset(functions.FUNCTIONS)


def test_every_construct_has_an_example() -> None:
    shown = "\n".join(spec_text(block) for block in SPECS if not wanted_codes(block))
    missing = {word for word in KEYWORDS if not re.search(rf"\b{word}\b", re.sub(r"#[^\n]*", "", shown))}
    assert not missing


def test_the_page_lists_the_standard_library() -> None:
    library = (ROOT / "specs" / "library" / "std.net").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+\([^`]*\))` \|", TEXT.partition("| block | |")[2].partition("\n\n")[0], re.MULTILINE)
    assert listed == re.findall(r"^block (\w+\(.*?\)) \{", library, re.MULTILINE)
