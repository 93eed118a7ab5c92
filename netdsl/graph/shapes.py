"""Written shapes to tensor types: `3x227x227`, `(1, 16*H, 16*W)`, `int64[T]`."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from netdsl.diagnostics import names, parameters, shapes
from netdsl.graph.builder import Builder
from netdsl.graph.place import Place
from netdsl.graph.scope import Unknown
from netdsl.graph.words import describe, number_words
from netdsl.syntax import ast
from netdsl.types.sizes import OpenSize, never_at_least, symbol
from netdsl.types.tensors import ELEMENT_TYPES, FLOAT32, MAXIMUM_SIZE, TensorType

_SYMBOLIC = "sizes that are left open are introduced by `input` alone: `input image: 3xHxW`"
_BATCH = "the batch is never written, and sizes that are left open have upper-case names: `3xHxW`"
_EMPTY = dict.fromkeys(("None", "none", "null", "batch", "N", "batch_size"), _BATCH)
_SYMBOL = re.compile(r"[A-Z][A-Z0-9_]*\Z")


def input_type(builder: Builder, place: Place, statement: ast.Input) -> TensorType | None:
    """The type of an input; upper-case names in its shape become symbols."""
    for name, span in _symbols(statement.shape):
        builder.graph.symbols.add(name)
        if place.scope.find(name) is None:
            size = builder.sizes.get(name)
            definition = place.scope.define(name, symbol(name) if size is None else size, span, "size")
            definition.used = True
    return shape_of(builder, place, statement.shape)


def shape_of(builder: Builder, place: Place, expression: ast.Expression) -> TensorType | None:
    """The type that a written shape stands for; None after a mistake, which is reported."""
    element = FLOAT32
    parts: tuple[Any, ...]
    match expression:
        case ast.Index(owner=ast.Name(text=text), subscripts=subscripts) if text in ELEMENT_TYPES:
            element = text
            parts = tuple(part for subscript in subscripts for part in _parts(subscript))
        case ast.Index(owner=ast.Name(text=text, span=span)):
            builder.report(place, names.UnknownName(text, None, f"element types are {', '.join(ELEMENT_TYPES)}"), span)
            return None
        case _:
            parts = _parts(expression)
    sizes = []
    for part in parts:
        size = _size(builder, place, part, expression)
        if size is None:
            return None
        sizes.append(size)
    tensor = TensorType(tuple(sizes), element)
    return tensor if _within_limits(builder, place, tensor, expression) else None


def _parts(expression: Any) -> tuple[Any, ...]:
    match expression:
        case ast.Size(parts=parts):
            return parts
        case ast.Tuple(items=items):
            return items
        case _:
            return (expression,)


def _size(builder: Builder, place: Place, part: Any, whole: ast.Expression) -> Any:
    evaluator = builder.evaluator(place)
    if isinstance(part, int):
        return part
    word = part if isinstance(part, str) else part.text if isinstance(part, ast.Name) else None
    if word is not None and place.scope.find(word) is None and (word in _EMPTY or isinstance(part, str)):
        builder.report(place, names.UnknownName(word, None, _EMPTY.get(word, _SYMBOLIC)), whole.span)
        return None
    if part is whole and word is not None and place.scope.find(word) is None:
        advice = f"an input has a shape: `input {word}: 3x224x224`"
        builder.report(place, names.UnknownName(word, None, advice), whole.span)
        return None
    value = evaluator.name(part, whole.span) if isinstance(part, str) else evaluator.value(part)
    if isinstance(value, Unknown):
        return None
    if isinstance(value, Fraction):
        builder.report(place, parameters.NotWhole("a size", number_words(value)), whole.span)
        return None
    if isinstance(value, bool) or not isinstance(value, (int, OpenSize)):
        advice = "shapes are channels first, without the batch: `3x224x224`"
        fact = names.WrongKindOfThing(f"this is {describe(value)}", "a size", advice)
        builder.report(place, fact, whole.span)
        return None
    return value


def _within_limits(builder: Builder, place: Place, tensor: TensorType, expression: ast.Expression) -> bool:
    for size in tensor.shape:
        if never_at_least(size, 1):
            builder.report(place, shapes.SizeIsNotPositive(str(tensor)), expression.span)
            return False
        if isinstance(size, int) and size > MAXIMUM_SIZE:
            fact = shapes.TensorTooLarge(str(tensor), "size", size, MAXIMUM_SIZE)
            builder.report(place, fact, expression.span)
            return False
    return True


def _symbols(expression: Any) -> list[tuple[str, Any]]:
    """The upper-case names in a shape, with their places."""
    found: list[tuple[str, Any]] = []
    match expression:
        case ast.Size(parts=parts, span=span):
            found.extend((part, span) for part in parts if isinstance(part, str))
        case ast.Name(text=text, span=span):
            found.extend([(text, span)] if _SYMBOL.match(text) else [])
        case ast.Tuple(items=items):
            for item in items:
                found.extend(_symbols(item))
        case ast.Binary(left=left, right=right):
            found.extend([*_symbols(left), *_symbols(right)])
        case ast.Unary(operand=operand):
            found.extend(_symbols(operand))
        case ast.Index(subscripts=subscripts):
            for subscript in subscripts:
                found.extend(_symbols(subscript))
    return found
