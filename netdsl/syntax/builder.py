"""Grammar rules to AST nodes: one method per rule of grammar/netdsl.lark, called by the parser as it reduces."""

from __future__ import annotations

from typing import Any

from netdsl.source import Span
from netdsl.syntax import ast
from netdsl.syntax.literals import number, size_parts
from netdsl.syntax.node import with_span
from netdsl.syntax.tokens import Lexeme

Children = list[Any]
_Role = ast.Role


def _span(children: Children) -> Span:
    present = [child for child in children if child is not None]
    first: Span = present[0].span
    return first.to(present[-1].span)


def _word(lexeme: Lexeme) -> ast.Word:
    return ast.Word(lexeme.text, lexeme.span)


def _of(kind: type, children: Children) -> tuple[Any, ...]:
    return tuple(child for child in children if isinstance(child, kind))


def _nodes(children: Children) -> tuple[Any, ...]:
    """The children without tokens and without what was left out."""
    return tuple(child for child in children if child is not None and not isinstance(child, Lexeme))


def _words(children: Children) -> tuple[ast.Word, ...]:
    return tuple(_word(child) for child in children if isinstance(child, Lexeme) and child.type == "WORD")


class TreeBuilder:
    """The parser's callbacks. Holds no state, so that one parser serves any number of threads."""

    # ---- files and declarations --------------------------------------------------------------

    def file(self, children: Children) -> tuple[ast.Item, ...]:
        return _nodes(children)

    def use(self, children: Children) -> ast.Use:
        path = children[-1]
        return ast.Use(_words(children[:-1]), path.value or _word(path), _span(children))

    def net(self, children: Children) -> ast.Net:
        _, name, parameters, body = children
        return ast.Net(_word(name), parameters or (), body, _span(children))

    def block(self, children: Children) -> ast.Block:
        _, name, parameters, body = children
        return ast.Block(_word(name), parameters or (), body, _span(children))

    def parameters(self, children: Children) -> tuple[ast.Parameter, ...]:
        return _of(ast.Parameter, children)

    def parameter(self, children: Children) -> ast.Parameter:
        return ast.Parameter(_word(children[0]), children[2], _span(children))

    def body(self, children: Children) -> ast.Body:
        return ast.Body(_nodes(children), _span(children))

    def broken(self, children: Children) -> ast.Broken:
        return ast.Broken(children[0].span)

    def input(self, children: Children) -> ast.Input:
        _, name, _, shape = children
        return ast.Input(_word(name) if name else None, shape, _span(children))

    def let(self, children: Children) -> ast.Let:
        return ast.Let(_word(children[1]), children[3], _span(children))

    def share(self, children: Children) -> ast.Share:
        return ast.Share(_word(children[1]), children[2], _span(children))

    def default(self, children: Children) -> ast.Default:
        return ast.Default(_word(children[1]), _of(ast.Argument, children), _span(children))

    def budget(self, children: Children) -> ast.Budget:
        return ast.Budget(_nodes(children), _span(children))

    def train(self, children: Children) -> ast.Train:
        return ast.Train(_of(ast.RecipeLine, children), _span(children))

    def recipe_line(self, children: Children) -> ast.RecipeLine:
        return ast.RecipeLine(_word(children[0]), _of(ast.Argument, children), _of(ast.Call, children), _span(children))

    def output(self, children: Children) -> ast.Output:
        return ast.Output(_of(ast.OutputItem, children), children[0] is not None, _span(children))

    def output_item(self, children: Children) -> ast.OutputItem:
        return ast.OutputItem(_word(children[0]), children[2], _span(children))

    # ---- flows -------------------------------------------------------------------------------

    def flow(self, children: Children) -> ast.Flow:
        return ast.Flow(_of(ast.Step, children), _span(children))

    def step(self, children: Children) -> ast.Step:
        label, _, core, *suffixes = children
        return ast.Step(label, core, tuple(suffixes), _span(children))

    def label(self, children: Children) -> ast.Word | ast.String:
        label = children[0]
        return label.value or _word(label)

    def repeat(self, children: Children) -> ast.Repeat:
        return ast.Repeat(children[1], _span(children))

    def shape_assertion(self, children: Children) -> ast.ShapeAssertion:
        return ast.ShapeAssertion(children[1], _span(children))

    def naming(self, children: Children) -> ast.Naming:
        return ast.Naming(_words(children), _span(children))

    def call(self, children: Children) -> ast.Call:
        return self._call(children, short=True)

    def long_call(self, children: Children) -> ast.Call:
        return self._call(children, short=False)

    def _call(self, children: Children, short: bool) -> ast.Call:
        branches = children[-1] if isinstance(children[-1], _Branches) else None
        return ast.Call(
            _word(children[0]),
            _of(ast.Argument, children),
            short,
            branches.branches if branches else None,
            _span(children),
        )

    def keyword_start(self, children: Children) -> ast.Start:
        return ast.Start(self.name(children), children[0].span)

    def indexed_start(self, children: Children) -> ast.Start:
        name = self.name(children[:1])
        return ast.Start(ast.Index(name, _nodes(children[1:]), _span(children)), _span(children))

    def group(self, children: Children) -> ast.Group:
        return ast.Group(children[0], children[0].span)

    def branches(self, children: Children) -> _Branches:
        return _Branches(_of(ast.Branch, children), _span(children))

    def branch(self, children: Children) -> ast.Branch:
        return ast.Branch(_nodes(children), _span(children))

    def choice(self, children: Children) -> ast.Choice:
        _, condition, body, _, otherwise = children
        return ast.Choice(condition, body, otherwise, _span(children))

    def loop(self, children: Children) -> ast.Loop:
        return ast.Loop(_words(children), children[-2], children[-1], _span(children))

    def tap(self, children: Children) -> ast.Tap:
        return ast.Tap(_word(children[1]), _span(children))

    # ---- arguments ---------------------------------------------------------------------------

    def positional(self, children: Children) -> ast.Argument:
        return ast.Argument(_Role.POSITIONAL, None, children[0], children[0].span)

    def stride(self, children: Children) -> ast.Argument:
        return ast.Argument(_Role.STRIDE, None, children[1], _span(children))

    def channels_number(self, children: Children) -> ast.Argument:
        lexeme = children[0]
        value = ast.Number(number(lexeme.text[1:]), lexeme.span)
        return ast.Argument(_Role.CHANNELS, None, value, lexeme.span)

    def channels(self, children: Children) -> ast.Argument:
        return ast.Argument(_Role.CHANNELS, None, children[1], _span(children))

    def same_padding(self, children: Children) -> ast.Argument:
        return ast.Argument(_Role.SAME, None, ast.Same(children[0].span), children[0].span)

    def keyword(self, children: Children) -> ast.Argument:
        return ast.Argument(_Role.KEYWORD, _word(children[0]), children[2], _span(children))

    # ---- expressions -------------------------------------------------------------------------

    def number(self, children: Children) -> ast.Number:
        return ast.Number(number(children[0].text), children[0].span)

    def size(self, children: Children) -> ast.Size:
        return ast.Size(size_parts(children[0].text), children[0].span)

    def string(self, children: Children) -> ast.String:
        return children[0].value  # type: ignore[no-any-return]

    def name(self, children: Children) -> ast.Name:
        return ast.Name(children[0].text, children[0].span)

    def boolean(self, children: Children) -> ast.Boolean:
        return ast.Boolean(children[0].type == "TRUE", children[0].span)

    def same(self, children: Children) -> ast.Same:
        return ast.Same(children[0].span)

    def parenthesised(self, children: Children) -> ast.Expression:
        return with_span(children[1], _span(children))  # type: ignore[no-any-return]

    def tuple(self, children: Children) -> ast.Tuple:
        return ast.Tuple(_nodes(children), _span(children))

    def list(self, children: Children) -> ast.ListDisplay:
        return ast.ListDisplay(_nodes(children), _span(children))

    def unary(self, children: Children) -> ast.Unary:
        return ast.Unary(children[0].text, children[1], _span(children))

    def binary(self, children: Children) -> ast.Binary:
        left, operator, right = children
        return ast.Binary(operator.text, left, right, _span(children))

    def conditional(self, children: Children) -> ast.Conditional:
        when_true, _, condition, _, when_false = children
        return ast.Conditional(condition, when_true, when_false, _span(children))

    def attribute(self, children: Children) -> ast.Attribute:
        return ast.Attribute(children[0], _word(children[2]), _span(children))

    def slice(self, children: Children) -> ast.Slice:
        start, _, stop = children
        return ast.Slice(start, stop, _span(children))

    def index(self, children: Children) -> ast.Index:
        return ast.Index(children[0], _nodes(children[1:]), _span(children))

    def call_value(self, children: Children) -> ast.CallValue:
        return ast.CallValue(children[0], _of(ast.Argument, children), _span(children))


class _Branches:
    """The braces of a merge, on their way into its call."""

    def __init__(self, branches: tuple[ast.Branch, ...], span: Span) -> None:
        self.branches = branches
        self.span = span
