"""Text to pieces: every word of a spec in order, with the rule it stands in and the comments before it.

The pieces come from a tree that keeps every word, parentheses and digits included, so that what is printed
later means what was read: only the space between pieces can change, and commas behind the last item.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from typing import Any, TypeAlias

from lark import Tree

from netdsl.source import Source, Span
from netdsl.syntax.tables import load_concrete_parser
from netdsl.syntax.tokens import Layout, Lexeme

OPENERS = frozenset(("LPAR", "CALL", "LSQB", "INDEX"))
CLOSERS = frozenset(("RPAR", "RSQB"))
_Node: TypeAlias = "Tree[Lexeme] | Lexeme"
_CONTAINERS = frozenset(("file", "body", "branch", "train"))
_TRAILING_COMMA_ALLOWED = frozenset(("long_call", "call_value", "list", "tuple"))
_RULES_IN_CONTEXT = {("output_item", "flow"): "output_flow", ("channels", "number"): "channels_digits"}


class Place(Enum):
    """What begins with a piece."""

    STATEMENT = "statement"
    BRANCH = "branch"
    INSIDE = "nothing"


class Position(Enum):
    """Where a comment stands: behind code, on its own line, or under a comment that it continues."""

    TRAILING = "trailing"
    OWN_LINE = "own line"
    UNDER = "under"


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment; `blank` tells that an empty line stands above it."""

    text: str
    position: Position
    blank: bool


@dataclass(eq=False, slots=True)
class Piece:
    """One word with its rule; `new_row` tells that it is the first on its row, `blank` that an empty row is above.

    `padding` is the number of spaces that a table wants before it.
    """

    type: str
    text: str
    rule: str
    place: Place
    new_row: bool = False
    blank: bool = False
    remarks: list[Remark] = field(default_factory=list)
    padding: int = 0


def pieces_of(source: Source) -> list[Piece]:
    """The pieces of a text without mistakes; the last one is `$END`, which has no text."""
    layout = Layout(source)
    tree, end = _concrete_tree(source, layout)
    remarks = _Remarks(source, layout.comments)
    pieces = []
    for lexeme, rule, place in [*_leaves(tree), (end, "file", Place.STATEMENT)]:
        breaks, blank = _gap(source.text, lexeme.span.start)
        piece = Piece(lexeme.type, lexeme.text, rule, place, breaks, blank)
        if lexeme.type != "COMMA":
            piece.remarks = remarks.before(lexeme.span.start)
        pieces.append(piece)
    _move_arrows_down(pieces)
    return pieces


def _concrete_tree(source: Source, layout: Layout) -> tuple[Tree[Lexeme], Lexeme]:
    parser = load_concrete_parser()
    state: Any = parser.parse_interactive(start="file").parser_state
    for lexeme in layout.lexemes(parser.lex(source.text)):
        result = state.feed_token(lexeme, lexeme.type == "$END")
    return result, lexeme


# ---- the tree's leaves -----------------------------------------------------------------------


def _leaves(tree: Tree[Lexeme]) -> Iterator[tuple[Lexeme, str, Place]]:
    """The words of the tree in order; a loop, since a sum of 10,000 terms is 10,000 trees deep."""
    stack: list[tuple[_Node, str, Place]] = [(tree, "file", Place.INSIDE)]
    while stack:
        node, rule, place = stack.pop()
        if isinstance(node, Lexeme):
            yield node, rule, place
        else:
            stack.extend(reversed(list(_visits(node, rule, place))))


def _visits(tree: Tree[Lexeme], rule: str, place: Place) -> Iterator[tuple[_Node, str, Place]]:
    children = _with_commas(tree)
    previous: str | None = None
    for index, child in enumerate(children):
        is_leaf = isinstance(child, Lexeme)
        name = rule if isinstance(child, Lexeme) else _rule(tree.data, child, previous)
        previous = None if is_leaf else name
        if not is_leaf and tree.data in _CONTAINERS:
            yield child, name, Place.STATEMENT
        elif name == "branch":
            yield child, name, Place.BRANCH
        else:
            yield child, name, place if index == 0 else Place.INSIDE


def _rule(parent: str, tree: Tree[Lexeme], previous: str | None) -> str:
    """The name of a rule, more exact where the formatter treats it differently by its surroundings."""
    if tree.data == "stride" and previous != "positional":
        return "lone_stride"
    if parent == "tuple" and tree.data == "binary" and _is_multiple_of_size(tree):
        return "multiple"
    return _RULES_IN_CONTEXT.get((str(parent), str(tree.data)), str(tree.data))


def _is_multiple_of_size(tree: Tree[Lexeme]) -> bool:
    """`16*H`, a part of a shape such as `(1, 16*H, 16*W)`."""
    left, operator, right = (_first_leaf(child) for child in tree.children)
    is_plain = all(isinstance(child, Lexeme) or child.data in ("number", "name") for child in tree.children)
    return is_plain and operator.type == "STAR" and left.type == "NUMBER" and right.text.isupper()


def _with_commas(tree: Tree[Lexeme]) -> list[_Node]:
    """A node's children, with a comma behind the last item just where the closing bracket is on a line of its own."""
    children: list[_Node] = [child for child in tree.children if child is not None]
    if tree.data not in _TRAILING_COMMA_ALLOWED:
        return children
    opener, closer = _find(children, OPENERS), _find(children, CLOSERS)
    first, last = children[opener + 1], children[closer - 1]
    is_broken = _row(_first_leaf(first)) != _row(_first_leaf(children[opener]))
    has_comma = isinstance(last, Lexeme) and last.type == "COMMA"
    if has_comma and not is_broken and not (tree.data == "tuple" and closer == 3):
        del children[closer - 1]
    elif is_broken and not has_comma and closer > opener + 1:
        start = _first_leaf(children[closer]).span.start
        children.insert(closer, Lexeme("COMMA", ",", Span(_first_leaf(first).span.source, start, start)))
    return children


def _find(children: list[_Node], types: frozenset[str]) -> int:
    return next(i for i, child in enumerate(children) if isinstance(child, Lexeme) and child.type in types)


def _first_leaf(node: _Node) -> Lexeme:
    while not isinstance(node, Lexeme):
        node = next(child for child in node.children if child is not None)
    return node


def _row(lexeme: Lexeme) -> int:
    return lexeme.span.row


# ---- what stands between them ----------------------------------------------------------------


def _gap(text: str, start: int) -> tuple[bool, bool]:
    """Whether the text at `start` is the first on its row, and whether an empty row is above it."""
    is_first, blank, breaks = start == 0, False, 0
    while start > 0 and text[start - 1] in " \t\f;\r\n":
        start -= 1
        if text[start] == ";":
            breaks = 0
        elif text[start] == "\n" or (text[start] == "\r" and text[start + 1 : start + 2] != "\n"):
            breaks += 1
            is_first = True
            blank = blank or breaks > 1
    return is_first or start == 0, blank


class _Remarks:
    """Hands out the comments in the order of the text."""

    def __init__(self, source: Source, comments: list[Lexeme]) -> None:
        self.source = source
        self.comments = comments
        self.next = 0

    def before(self, offset: int) -> list[Remark]:
        """The comments between the place of the last call and `offset`."""
        remarks: list[Remark] = []
        column_above: int | None = None
        while self.next < len(self.comments) and self.comments[self.next].span.start < offset:
            comment = self.comments[self.next]
            column = comment.span.location[1]
            is_first, blank = _gap(self.source.text, comment.span.start)
            position = Position.OWN_LINE if is_first else Position.TRAILING
            if is_first and not blank and column == column_above:
                position = Position.UNDER
            column_above = None if position is Position.OWN_LINE else column
            remarks.append(Remark(comment.text.rstrip(), position, blank))
            self.next += 1
        return remarks


def _move_arrows_down(pieces: list[Piece]) -> None:
    """Where a row ends with `->`, make the arrow begin the next one, behind the comments between them."""
    for arrow, piece in pairwise(pieces):
        if arrow.type != "ARROW" or not piece.new_row:
            continue
        arrow.new_row = True
        arrow.blank = arrow.blank or piece.blank
        arrow.remarks += piece.remarks
        piece.new_row = False
        piece.blank = False
        piece.remarks = []
