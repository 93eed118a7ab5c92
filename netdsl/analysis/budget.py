"""`budget` conditions against a net's totals: a graph and its report to diagnostics."""

from __future__ import annotations

from netdsl.analysis.report import Report
from netdsl.diagnostics import parameters
from netdsl.diagnostics.core import Diagnostics
from netdsl.graph.expressions import Evaluator
from netdsl.graph.model import Graph
from netdsl.graph.scope import Scope
from netdsl.syntax import ast
from netdsl.types.sizes import OpenSize

BUDGET_NAMES = ("params", "trainable", "buffers", "macs", "flops", "activations", "bytes", "attention", "recurrence")


def check_budgets(graph: Graph, report: Report, diagnostics: Diagnostics, *, as_written: bool = True) -> None:
    """Report every condition that does not hold; a net with mistakes has no totals to compare.

    Args:
        graph: the net.
        report: its report.
        diagnostics: takes what does not hold.
        as_written: whether its parameters and sizes are those of the text. A fact that is stated with `==` is one of
            the net as it is written; a limit (`<=`) holds for every setting.
    """
    if not graph.complete:
        return
    totals = {name: getattr(report.totals, name) for name in BUDGET_NAMES}
    for condition, outside in graph.budgets:
        if not as_written and isinstance(condition, ast.Binary) and condition.operator == "==":
            continue
        scope = Scope(outside)
        for name in BUDGET_NAMES:
            scope.define(name, totals[name], condition.span, "total")
        evaluator = Evaluator(scope, diagnostics.report, _nothing_special)
        if evaluator.truth(condition) is False:
            actual = ", ".join(f"{name} is {_figure(totals[name])}" for name in _named_in(condition))
            diagnostics.report(parameters.BudgetExceeded(condition.span.text, actual), condition.span)


def _nothing_special(word: str) -> None:
    """A budget stands in no flow: `in` and `here` mean nothing."""


def _named_in(condition: ast.Expression) -> list[str]:
    """The totals that a condition speaks of."""
    words = condition.span.text.replace("(", " ").replace(")", " ").split()
    return [name for name in BUDGET_NAMES if name in words]


def _figure(total: int | OpenSize) -> str:
    return f"{total:,}" if isinstance(total, int) else str(total)
