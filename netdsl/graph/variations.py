"""A net once more, with another number for one of its parameters: what changes with it, and what does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from netdsl.diagnostics.core import Diagnostics
from netdsl.diagnostics.shapes import ShapeAssertionFails
from netdsl.source import Span
from netdsl.syntax import ast

if TYPE_CHECKING:
    from netdsl.graph.model import Graph


def varied(
    again: Callable[[Mapping[str, ast.Expression], Diagnostics], Graph],
    settings: Mapping[str, ast.Expression],
    span: Span,
    word: str,
    number: int,
) -> Graph | None:
    """The net with a number for a parameter; None where anything but an asserted shape is wrong then.

    Args:
        again: elaborates the net with settings.
        settings: what its parameters have been given.
        span: where it stands.
        word: the parameter.
        number: its other value.
    """
    diagnostics = Diagnostics()
    graph = again({**settings, word: ast.Number(number, span)}, diagnostics)
    wrong = [each for each in diagnostics if each.fact.is_error and not isinstance(each.fact, ShapeAssertionFails)]
    typed = all(layer.well_typed for layer in graph.root.layers())
    return graph if typed and graph.outputs and not wrong else None
