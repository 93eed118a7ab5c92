"""Repetition and choice, decided at compile time: `* n`, `for` and `if` to the runs of their bodies."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from netdsl.diagnostics import names, parameters, syntax
from netdsl.graph.builder import Builder
from netdsl.graph.model import Tensor
from netdsl.graph.place import Place
from netdsl.graph.scope import Scope, Unknown, Value
from netdsl.graph.words import describe
from netdsl.source import Span
from netdsl.syntax import ast

if TYPE_CHECKING:
    from netdsl.graph.flows import Flowing, Flows


class Turns:
    """Runs text several times, or one of several texts."""

    def __init__(self, builder: Builder, flows: Flows) -> None:
        self.builder = builder
        self.flows = flows

    def repeated(self, place: Place, step: ast.Step, repeat: ast.Repeat, current: Flowing) -> Flowing:
        """Run `{ … } * n`, each time with fresh weights and a scope of its own."""
        builder = self.builder
        core = step.core
        bracketed = isinstance(core, ast.Call) and (not core.short or core.branches is not None)
        if not isinstance(core, ast.Group) and not bracketed:
            fact = syntax.MisplacedRepeat(core.span.text, repeat.count.span.text)
            builder.report(place, fact, repeat.span)
            return builder.unknown(step.span)
        times = builder.evaluator(place).whole(repeat.count, "a repetition")
        if times is None:
            return builder.unknown(step.span)
        if times < 0 or times > builder.limit:
            builder.report(place, parameters.RepeatCount(times, builder.limit), repeat.count.span)
            return builder.unknown(step.span)
        label = self.flows.label(place, step.label)
        inner = self.flows.labelled(place, label, step.span)
        once = ast.Step(None, core, (), step.span)

        def turn(_: int, before: Flowing) -> Flowing:
            fresh = inner.inner(scope=Scope(inner.scope), here=before if isinstance(before, Tensor) else None)
            return self.flows.core(fresh, once, before, first=False)

        return self._turns(place, times, repeat.span, current, turn, alike=True)

    def _turns(
        self,
        place: Place,
        count: int,
        span: Span,
        current: Flowing,
        turn: Callable[[int, Flowing], Flowing],
        *,
        alike: bool,
    ) -> Flowing:
        """Run the turns of a repetition; a mistake in one would only be found again in the next.

        Args:
            place: where it stands.
            count: how many turns there are.
            span: what is blamed where there are too many.
            current: what flows into the first.
            turn: runs one, by its number.
            alike: whether every turn makes as many layers as the first (`*`), or only may (`for`).
        """
        builder = self.builder
        outside = builder.expansion
        for number in range(count):
            builder.expansion = outside.repeated(count, alike=alike) if number == 0 else outside
            before = builder.count
            current = turn(number, current)
            builder.expansion = outside
            if isinstance(current, Tensor) and current.type is None:
                break
            if number == 0:
                builder.require_room(place, (builder.count - before) * (count - 1), span, alike=alike)
        return current

    def choose(self, place: Place, choice: ast.Choice, current: Flowing) -> Flowing:
        """Run the body of `if … else` that is chosen at compile time; without one the tensor passes on."""
        chosen: ast.Body | ast.Choice | None = choice
        while isinstance(chosen, ast.Choice):
            truth = self.builder.evaluator(place).truth(chosen.condition)
            if truth is None:
                return self.builder.unknown(chosen.span)
            chosen = chosen.body if truth else chosen.otherwise
        return self.flows.body(place, chosen.statements, current) if chosen is not None else current

    def loop(self, place: Place, loop: ast.Loop, current: Flowing) -> Flowing:
        """Run the body of `for` for every member of a list."""
        members = self.builder.evaluator(place).value(loop.iterable)
        if isinstance(members, Unknown):
            return self.builder.unknown(loop.span)
        if not isinstance(members, (list, tuple)):
            fact = names.WrongKindOfThing(f"this is {describe(members)}", "a list", "`range(n)` counts from 0 to n - 1")
            self.builder.report(place, fact, loop.iterable.span)
            return self.builder.unknown(loop.span)

        def turn(number: int, before: Flowing) -> Flowing:
            inner = place.inner(scope=Scope(place.scope))
            if not self._define_members(inner, loop, members[number]):
                return self.builder.unknown(loop.span)
            return self.flows.body(inner, loop.body.statements, before)

        return self._turns(place, len(members), loop.iterable.span, current, turn, alike=False)

    def _define_members(self, place: Place, loop: ast.Loop, member: Value) -> bool:
        """Give the loop's variables their values; False where their number is another."""
        values = (member,) if len(loop.names) == 1 else member
        if not isinstance(values, (tuple, list)) or len(values) != len(loop.names):
            count = len(values) if isinstance(values, (tuple, list)) else 1
            self.builder.report(place, names.WrongNumberOfResults(count, len(loop.names), "value"), loop.iterable.span)
            return False
        for word, value in zip(loop.names, values, strict=True):
            self.flows.define(place, word, value, "loop variable")
        return True
