"""Expressions to values, at compile time. What has no value is reported, and is `UNKNOWN` from then on."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from netdsl import ops
from netdsl.diagnostics import names, parameters
from netdsl.diagnostics.core import Fact, did_you_mean
from netdsl.graph.arithmetic import axis_by_axis, compare
from netdsl.graph.broken import where_named
from netdsl.graph.decisions import Decisions
from netdsl.graph.functions import FUNCTIONS, NoValue
from netdsl.graph.model import Tensor
from netdsl.graph.scope import (
    SAME_WORD,
    UNKNOWN,
    FunctionValue,
    OperationValue,
    Scope,
    Unknown,
    Value,
)
from netdsl.graph.words import describe, number_words, tensor_attributes
from netdsl.source import Span
from netdsl.syntax import ast
from netdsl.types.sizes import SizeTooComplex
from netdsl.weights.starts import STARTS

MAXIMUM_DEPTH = 200
_LEAVES = (ast.Number, ast.Boolean, ast.Name, ast.Size, ast.Same)
Reporter = Callable[[Fact, Span], None]
_ARITHMETIC = frozenset(("+", "-", "*", "/", "//", "%", "^"))


class Evaluator:
    """Evaluates expressions of one place of the text.

    Args:
        scope: the names that can be seen there.
        report: takes what is wrong.
        special: the tensors `in` and `here`, and the tap lists, by name.
        decisions: takes what hangs on numbers.
    """

    def __init__(
        self,
        scope: Scope,
        report: Reporter,
        special: Callable[[str], Value | None],
        decisions: Decisions | None = None,
    ) -> None:
        self.scope = scope
        self.report = report
        self.special = special
        self.decisions = decisions or Decisions()
        self.depth = 0

    def value(self, expression: ast.Expression) -> Any:
        """The value of an expression; UNKNOWN where it has none."""
        self.depth += 1
        try:
            if self.depth > MAXIMUM_DEPTH and not isinstance(expression, _LEAVES):
                return self._fail(expression, "it is nested too deep")
            return self._value(expression)
        except (SizeTooComplex, ZeroDivisionError) as reason:
            return self._fail(expression, str(reason))
        except NoValue as reason:
            return self._fail(expression, str(reason))
        finally:
            self.depth -= 1

    def _value(self, expression: ast.Expression) -> Any:  # noqa: C901, PLR0912 - one case a kind of expression
        match expression:
            case ast.Number(value=value) | ast.Boolean(value=value):
                return value
            case ast.Size():
                return self._size(expression)
            case ast.Name():
                return self.name(expression.text, expression.span)
            case ast.Same():
                return SAME_WORD
            case ast.String(parts=parts):
                return self._text(parts)
            case ast.Tuple(items=items):
                return _known(tuple(self.value(item) for item in items))
            case ast.ListDisplay(items=items):
                return _known([self.value(item) for item in items])
            case ast.Unary():
                return self._unary(expression)
            case ast.Binary():
                return self._binary(expression)
            case ast.Conditional():
                chosen = self.truth(expression.condition)
                if chosen is None:
                    return UNKNOWN
                return self.value(expression.when_true if chosen else expression.when_false)
            case ast.Attribute():
                return self._attribute(expression)
            case ast.Index():
                return self._index(expression)
            case ast.CallValue():
                return self._call(expression)

    def truth(self, condition: ast.Expression) -> bool | None:
        """Whether a condition holds; None where that cannot be said."""
        value = self.value(condition)
        if isinstance(value, Unknown):
            return None
        if not isinstance(value, bool):
            advice = f"compare it: `{condition.span.text} > 0`" if isinstance(value, (int, Fraction)) else None
            self.report(names.WrongKindOfThing(f"this is {describe(value)}", "a condition", advice), condition.span)
            return None
        return value

    def whole(self, expression: ast.Expression, what: str) -> int | None:
        """A whole number, or None where the expression is none."""
        value = self.value(expression)
        if isinstance(value, Unknown):
            return None
        if isinstance(value, Fraction):
            self.report(parameters.NotWhole(what, number_words(value)), expression.span)
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.report(names.WrongKindOfThing(f"this is {describe(value)}", "a whole number"), expression.span)
            return None
        return value

    def name(self, word: str, span: Span) -> Any:
        """The value of a name."""
        special = self.special(word)
        if special is not None:
            return special
        definition = self.scope.find(word)
        if definition is not None:
            definition.used = True
            return definition.value
        if word in FUNCTIONS:
            return FunctionValue(word)
        operation = ops.find(word)
        if operation is not None:
            return OperationValue(operation)
        if word in STARTS:
            return STARTS[word]
        if self.scope.expects(word):
            return UNKNOWN
        known = (*self.scope.all_names(), *FUNCTIONS, *STARTS, "in", "here")
        self.report(names.UnknownName(word, did_you_mean(word, known), where_named(word, span)), span)
        return UNKNOWN

    # ---- kinds of expression -----------------------------------------------------------------

    def _size(self, expression: ast.Size) -> Any:
        sizes = []
        for part in expression.parts:
            symbol = self.scope.find(part) if isinstance(part, str) else None
            if isinstance(part, str) and symbol is None:
                advice = "symbolic sizes are introduced by `input` alone"
                self.report(names.UnknownName(part, None, advice), expression.span)
                return UNKNOWN
            sizes.append(part if symbol is None else symbol.value)
        return tuple(sizes)

    def _text(self, parts: tuple[str | ast.Expression, ...]) -> Any:
        pieces = []
        for part in parts:
            value = part if isinstance(part, str) else self.value(part)
            if isinstance(value, Unknown):
                return UNKNOWN
            pieces.append(value if isinstance(value, str) else describe(value))
        return "".join(pieces)

    def _unary(self, expression: ast.Unary) -> Any:
        if expression.operator == "not":
            truth = self.truth(expression.operand)
            return UNKNOWN if truth is None else not truth
        value = self.value(expression.operand)
        if isinstance(value, Unknown):
            return UNKNOWN
        return axis_by_axis("-", 0, value)

    def _binary(self, expression: ast.Binary) -> Any:
        operator = expression.operator
        if operator in ("and", "or"):
            left = self.truth(expression.left)
            if left is None or left == (operator == "or"):
                return UNKNOWN if left is None else left
            right = self.truth(expression.right)
            return UNKNOWN if right is None else right
        left, right = self.value(expression.left), self.value(expression.right)
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return UNKNOWN
        result = axis_by_axis(operator, left, right) if operator in _ARITHMETIC else compare(operator, left, right)
        self.decisions.ask(operator, [left, right], result)
        return result

    def _attribute(self, expression: ast.Attribute) -> Any:
        owner = self.value(expression.owner)
        if isinstance(owner, Unknown):
            return UNKNOWN
        word = expression.name.text
        if not isinstance(owner, Tensor):
            self.report(names.UnknownAttribute(describe(owner), word, ()), expression.name.span)
            return UNKNOWN
        if owner.type is None:
            return UNKNOWN
        sizes = tensor_attributes(owner.type)
        if word not in sizes:
            self.report(names.UnknownAttribute(f"{owner.type}", word, tuple(sizes)), expression.name.span)
            return UNKNOWN
        return sizes[word]

    def _index(self, expression: ast.Index) -> Any:
        owner = self.value(expression.owner)
        if isinstance(owner, Unknown):
            return UNKNOWN
        if not isinstance(owner, (list, tuple)) or len(expression.subscripts) != 1:
            what = f"this is {describe(owner)}"
            self.report(names.WrongKindOfThing(what, "a list or a size with one subscript"), expression.span)
            return UNKNOWN
        subscript = expression.subscripts[0]
        if isinstance(subscript, ast.Slice):
            return self._slice(owner, subscript)
        place = self.whole(subscript, "a place in a list")
        if place is None:
            return UNKNOWN
        if not -len(owner) <= place < len(owner):
            return self._fail(expression, f"it asks for member {place} of {len(owner)}, and they are counted from 0")
        self.decisions.ask("[]", [place], None)
        return owner[place]

    def _slice(self, owner: list[Any] | tuple[Any, ...], bounds: ast.Slice) -> Any:
        start = self.whole(bounds.start, "a place in a list") if bounds.start else 0
        stop = self.whole(bounds.stop, "a place in a list") if bounds.stop else len(owner)
        self.decisions.ask("[]", [start, stop], None)
        return UNKNOWN if start is None or stop is None else owner[start:stop]

    def _call(self, expression: ast.CallValue) -> Any:
        function = self.value(expression.function)
        is_name = isinstance(expression.function, ast.Name)
        if is_name and expression.function.text in FUNCTIONS and isinstance(function, OperationValue):  # type: ignore[union-attr]
            function = FunctionValue(expression.function.text)  # type: ignore[union-attr]
        if isinstance(function, Unknown):
            return UNKNOWN
        if not isinstance(function, FunctionValue):
            what = f"this is {describe(function)}"
            advice = "layers and blocks are called in a flow, not inside an expression"
            self.report(names.WrongKindOfThing(what, "a function such as `max`", advice), expression.function.span)
            return UNKNOWN
        arguments = [self.value(argument.value) for argument in expression.arguments]
        if any(isinstance(argument, Unknown) for argument in arguments):
            return UNKNOWN
        result = FUNCTIONS[function.name](arguments)
        self.decisions.ask(function.name, arguments, result)
        return result

    def _fail(self, expression: ast.Expression, reason: str) -> Unknown:
        text = expression.span.text
        shown = text if len(text) <= 60 else text[:57] + "…"
        self.report(parameters.Undecidable(shown, reason), expression.span)
        return UNKNOWN


def _known(items: Any) -> Any:
    return UNKNOWN if any(isinstance(item, Unknown) for item in items) else items
