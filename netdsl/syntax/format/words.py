"""Text to words: the leaves of a tree that keeps every word of a spec, each with the rule that it stands in."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
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


def words_of(source: Source, layout: Layout) -> Iterator[tuple[Lexeme, str, Place]]:
    """The words of a text without mistakes, the last one `$END`; the layout holds the comments then.

    A loop, since a sum of 10,000 terms is 10,000 trees deep.
    """
    tree, end = _concrete_tree(source, layout)
    stack: list[tuple[_Node, str, Place]] = [(tree, "file", Place.INSIDE)]
    while stack:
        node, rule, place = stack.pop()
        if isinstance(node, Lexeme):
            yield node, rule, place
        else:
            stack.extend(reversed(list(_visits(node, rule, place))))
    yield end, "file", Place.STATEMENT


def _concrete_tree(source: Source, layout: Layout) -> tuple[Tree[Lexeme], Lexeme]:
    parser = load_concrete_parser()
    state: Any = parser.parse_interactive(start="file").parser_state
    for lexeme in layout.lexemes(parser.lex(source.text)):
        result = state.feed_token(lexeme, lexeme.type == "$END")
    return result, lexeme


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
    children = _present(tree)
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
        node = _present(node)[0]
    return node


def _present(tree: Tree[Lexeme]) -> list[_Node]:
    """The children of a node; None is in the place of what may be left out."""
    children: list[_Node | None] = [*tree.children]
    return [child for child in children if child is not None]


def _row(lexeme: Lexeme) -> int:
    return lexeme.span.row
