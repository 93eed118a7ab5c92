"""Statements in one line to the lines that a formatter would make of them, 88 columns wide.

The rules are those of Black and Ruff: what fits stays on one line; else the outermost brackets are opened, first with
all arguments on one line of their own, then with one argument on each.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

WIDTH = 88
INDENT = "    "

Lines = list[str]


def statement(text: str, level: int = 2, comment: str | None = None) -> Lines:
    """Lay out a statement; a comment that does not fit behind it on one line is left out.

    Args:
        text: an assignment, a `return` or an expression, ASCII, on one line.
        level: how deep it is indented, four columns for each.
        comment: stands behind the statement, without its `#`.
    """
    indent = INDENT * level
    if comment is not None and len(indent) + len(text) + len(comment) + 4 <= WIDTH:
        return [f"{indent}{text}  # {comment}"]
    if len(indent) + len(text) <= WIDTH:
        return [indent + text]
    node = ast.parse(text).body[0]
    value = getattr(node, "value", None)
    if value is None:
        return [indent + text]
    lines: Lines = []
    prefix = text[: value.col_offset]
    target = node.targets[0] if isinstance(node, ast.Assign) else None
    if isinstance(target, ast.Tuple) and len(indent) + len(prefix) > WIDTH:
        lines = [f"{indent}(", *(f"{indent}{INDENT}{_flat(text, name)}," for name in target.elts)]
        prefix = ") = "
    called = _receiver(value) or value
    if isinstance(called, ast.Call) and len(indent) + len(prefix) + len(_flat(text, called.func)) + 1 > WIDTH:
        inside = _Layout(text).lines(value, "", "", level + 1)
        return [*lines, f"{indent}{prefix}(", *inside, f"{indent})"]
    return lines + _Layout(text).lines(value, prefix, "", level, alone=True)


def header(name: str, parameters: Iterable[str], result: str, level: int = 1) -> Lines:
    """Lay out the head of a function."""
    given = list(parameters)
    indent = INDENT * level
    flat = f"{indent}def {name}({', '.join(given)}) -> {result}:"
    if len(flat) <= WIDTH:
        return [flat]
    body = f"{indent}{INDENT}{', '.join(given)}"
    inside = [body] if len(body) <= WIDTH else [f"{indent}{INDENT}{parameter}," for parameter in given]
    return [f"{indent}def {name}(", *inside, f"{indent}) -> {result}:"]


def _flat(text: str, node: ast.AST) -> str:
    return text[node.col_offset : node.end_col_offset]  # type: ignore[attr-defined]


def _receiver(node: ast.AST) -> ast.Call | None:
    """The call whose result's method is called: `nn.Linear(…)` of `nn.Linear(…).requires_grad_(False)`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    called = node.func.value
    return called if isinstance(called, ast.Call) and (called.args or called.keywords) else None


class _Layout:
    """Lays out the parts of one statement; `text` is ASCII, so that the tree's offsets count characters."""

    def __init__(self, text: str) -> None:
        self.text = text

    def lines(self, node: ast.AST, prefix: str, suffix: str, level: int, *, alone: bool = False) -> Lines:
        """The lines of an expression between a prefix and a suffix; `alone` where nothing encloses it."""
        indent = INDENT * level
        flat = f"{indent}{prefix}{_flat(self.text, node)}{suffix}"
        if len(flat) <= WIDTH:
            return [flat]
        match node:
            case ast.keyword(arg=str(name), value=value):
                return self.lines(value, f"{prefix}{name}=", suffix, level)
            case ast.Starred(value=value):
                return self.lines(value, f"{prefix}*", suffix, level)
            case ast.Call():
                return self._call(node, prefix, suffix, level)
            case ast.Subscript(value=value, slice=ast.Tuple(elts=members)):
                return self._opened(members, f"{prefix}{_flat(self.text, value)}[", f"]{suffix}", level, hug=True)
            case ast.List():
                return self._opened(node.elts, f"{prefix}[", f"]{suffix}", level, hug=False)
            case ast.Tuple():
                return self._opened(node.elts, f"{prefix}(", f"){suffix}", level, hug=False)
            case ast.GeneratorExp() if _flat(self.text, node).startswith("("):
                inside = self._generator(node, level + 1)
                return [f"{indent}{prefix}(", *inside, f"{indent}){suffix}"]
            case ast.BinOp() | ast.IfExp() if alone:
                inside = self._operands(node, level + 1)
                return [f"{indent}{prefix}(", *inside, f"{indent}){suffix}"]
            case ast.BinOp() | ast.IfExp() if not prefix:
                inside = self._operands(node, level)
                return [*inside[:-1], f"{inside[-1]}{suffix}"]
        return [flat]

    def _call(self, node: ast.Call, prefix: str, suffix: str, level: int) -> Lines:
        receiver = _receiver(node)
        if receiver is not None:
            method = self.text[receiver.end_col_offset : node.end_col_offset]
            return self._call(receiver, prefix, f"{method}{suffix}", level)
        head = _flat(self.text, node.func)
        arguments: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        if len(arguments) == 1 and isinstance(arguments[0], ast.GeneratorExp):
            generator = arguments[0]
            if generator.end_col_offset == node.end_col_offset:
                inside = self._generator(generator, level + 1)
                indent = INDENT * level
                return [f"{indent}{prefix}{head}(", *inside, f"{indent}){suffix}"]
        return self._opened(arguments, f"{prefix}{head}(", f"){suffix}", level, hug=True)

    def _opened(self, members: Iterable[ast.AST], start: str, end: str, level: int, *, hug: bool) -> Lines:
        """Brackets with what they hold on lines of its own; `hug` where one line may hold it all."""
        indent = INDENT * level
        given = list(members)
        body = f"{indent}{INDENT}{', '.join(_flat(self.text, member) for member in given)}"
        if hug and len(body) <= WIDTH:
            return [indent + start, body, indent + end]
        inside: Lines = []
        for argument in given:
            inside += self.lines(argument, "", ",", level + 1)
        return [indent + start, *inside, indent + end]

    def _generator(self, node: ast.GeneratorExp, level: int) -> Lines:
        """What stands between a generator's brackets."""
        inside = f"{_flat(self.text, node)[1:-1]}"
        if len(INDENT * level) + len(inside) <= WIDTH:
            return [INDENT * level + inside]
        loop = node.generators[0]
        tail = f"for {_flat(self.text, loop.target)} in {_flat(self.text, loop.iter)}"
        return [*self.lines(node.elt, "", "", level), INDENT * level + tail]

    def _operands(self, node: ast.BinOp | ast.IfExp, level: int) -> Lines:
        if isinstance(node, ast.IfExp):
            parts = (("", node.body), ("if ", node.test), ("else ", node.orelse))
            return [line for prefix, part in parts for line in self.lines(part, prefix, "", level)]
        operands: list[tuple[str, ast.expr]] = []
        sign = type(node.op)
        left: ast.expr = node
        while isinstance(left, ast.BinOp) and type(left.op) is sign:
            operands.append((f"{_SIGNS[sign]} ", left.right))
            left = left.left
        operands.append(("", left))
        return [line for prefix, part in reversed(operands) for line in self.lines(part, prefix, "", level)]


_SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "//", ast.Pow: "**"}
