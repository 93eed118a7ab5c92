"""Statements and flows to layers: the body of the elaboration."""

from __future__ import annotations

from typing import TypeAlias

from netdsl.diagnostics import names, syntax
from netdsl.diagnostics.core import Note
from netdsl.graph.arguments import wrong_default
from netdsl.graph.broken import names_of
from netdsl.graph.builder import Builder, StopElaboration
from netdsl.graph.calls import Calls
from netdsl.graph.labels import is_reserved, is_usable
from netdsl.graph.mending import maker, wrong_shape
from netdsl.graph.model import Module, Tensor
from netdsl.graph.place import Namer, Place, words_read
from netdsl.graph.scope import SharedBody, Unknown
from netdsl.graph.shapes import input_type, shape_of
from netdsl.graph.turns import Turns
from netdsl.graph.words import describe
from netdsl.source import Span
from netdsl.syntax import ast

MAXIMUM_LEVEL = 110

Flowing: TypeAlias = "Tensor | tuple[Tensor, ...] | Dropped | None"


class Dropped:
    """What `none` leaves: a branch that is not there."""


DROPPED = Dropped()


class Flows:
    """Runs statements one after the other, each on the tensor that the last one left."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.calls = Calls(builder, self)
        self.turns = Turns(builder, self)

    # ---- statements --------------------------------------------------------------------------

    def body(self, place: Place, statements: tuple[ast.Statement, ...], current: Flowing) -> Flowing:
        """Run the statements of a body; the result is the tensor that they leave."""
        if place.level > MAXIMUM_LEVEL:
            span = statements[0].span if statements else place.module.span
            self.builder.report(place, names.CallsItself(place.frame.block, MAXIMUM_LEVEL), span)
            raise StopElaboration
        for statement in statements:
            current = self._statement(place, statement, current)
        return current

    def _statement(self, place: Place, statement: ast.Statement, current: Flowing) -> Flowing:
        match statement:
            case ast.Flow():
                return self.flow(place, statement, current)
            case ast.Input():
                return self._input(place, statement, current)
            case ast.Let():
                value = self.builder.evaluator(_at(place, current)).value(statement.value)
                self.define(place, statement.name, value, "name")
            case ast.Share():
                path = place.namer.path(statement.name.text)
                # A shared body inside another one goes on counting when the outer one is used again.
                uses = self.builder.shared_uses.get(path, 0) if place.namer.use > 1 else 0
                self.define(place, statement.name, SharedBody(statement, place.scope, path, uses), "shared body")
            case ast.Default():
                fault = wrong_default(statement.target.text, place.scope)
                if fault is not None:
                    self.builder.report(place, fault, statement.target.span)
                place.scope.defaults.setdefault(statement.target.text, []).append((statement, place.scope))
            case ast.Budget():
                self._budget(place, statement)
            case ast.Train():
                self._train(place, statement)
            case ast.Output():
                self._output(place, statement, current)
            case ast.Broken():
                place.scope.expected |= names_of(statement)
                return self.builder.unknown(statement.span)
        return current

    def _input(self, place: Place, statement: ast.Input, current: Flowing) -> Flowing:
        graph = self.builder.graph
        if place.frame.parent is not None or place.module.kind != "net":
            fact = names.WrongKindOfThing(
                "`input` declares what a net takes",
                "a layer",
                "a block takes the tensor that flows, `in`: remove the line",
            )
            self.builder.report(place, fact, statement.span)
            return current
        name = statement.name.text if statement.name else "input"
        tensor = Tensor(input_type(self.builder, place, statement), statement.span, name=name)
        if statement.name is not None:
            self.define(place, statement.name, tensor, "input")
        elif any(earlier.name == name for earlier in graph.inputs):
            self.builder.report(place, names.DefinedTwice(name), statement.span)
        graph.inputs.append(tensor)
        if len(graph.inputs) == 1:
            place.frame.incoming = tensor
            return tensor
        # With several inputs a flow starts from a name; one that is under way goes on.
        place.frame.incoming = None
        return None if current is graph.inputs[0] else current

    def _budget(self, place: Place, statement: ast.Budget) -> None:
        self.builder.graph.budgets.extend((condition, place.scope) for condition in statement.conditions)
        # The totals that a budget speaks of are known at the end only, when unused names have been told.
        for word in words_read((statement,)):
            definition = place.scope.find(word)
            if definition is not None:
                definition.used = True

    def _train(self, place: Place, statement: ast.Train) -> None:
        graph = self.builder.graph
        # A net's own recipe goes before those of the blocks that it is made of.
        if graph.recipe is None or place.frame.parent is None:
            graph.recipe, graph.recipe_scope = statement, place.scope
        for word in words_read((statement,)):
            definition = place.scope.find(word)
            if definition is not None:
                definition.used = True

    def _output(self, place: Place, statement: ast.Output, current: Flowing) -> None:
        for item in statement.items:
            tensor = self._output_tensor(place, item, current)
            if tensor is None:
                continue
            tensor.uses += 1
            self._add_output(place, statement, item.name, tensor)

    def _output_tensor(self, place: Place, item: ast.OutputItem, current: Flowing) -> Tensor | None:
        if item.flow is not None:
            return self.single(place, self.flow(place, item.flow, current), item.span)
        value = self.builder.evaluator(place).name(item.name.text, item.name.span)
        if isinstance(value, Unknown):
            return self.builder.unknown(item.span)
        if not isinstance(value, Tensor):
            fact = names.WrongKindOfThing(f"`{item.name.text}` is {describe(value)}", "a tensor")
            self.builder.report(place, fact, item.span)
            return None
        return value

    def _add_output(self, place: Place, statement: ast.Output, name: ast.Word, tensor: Tensor) -> None:
        if place.frame.parent is not None and statement.training:
            what = "a `training output` leaves the net"
            advice = "end the block with `output`, name its result, and write `training output aux = …` in the net"
            self.builder.report(place, names.WrongKindOfThing(what, "a net's own body", advice), statement.span)
            return
        if place.frame.parent is not None:
            place.frame.results = [*(place.frame.results or []), (name.text, tensor)]
            return
        graph = self.builder.graph
        if name.text in graph.outputs or name.text in graph.training_outputs:
            self.builder.report(place, names.DefinedTwice(name.text), name.span)
            return
        outputs = graph.training_outputs if statement.training else graph.outputs
        outputs[name.text] = tensor

    def define(self, place: Place, word: ast.Word, value: object, kind: str) -> None:
        """Give a name its value, unless it is taken here or outside."""
        known = place.scope.find(word.text)
        if known is not None:
            note = Note("it is defined here", known.span)
            self.builder.report(place, names.DefinedTwice(word.text), word.span, note)
            return
        definition = place.scope.define(word.text, value, word.span, kind)  # type: ignore[arg-type]
        self.builder.definitions.append((word.text, definition))

    # ---- flows -------------------------------------------------------------------------------

    def flow(self, place: Place, flow: ast.Flow, current: Flowing) -> Flowing:
        """Run a pipeline."""
        for position, step in enumerate(flow.steps):
            current = self._step(_at(place, current), step, current, first=position == 0)
        return current

    def _step(self, place: Place, step: ast.Step, current: Flowing, *, first: bool) -> Flowing:
        repeats = [suffix for suffix in step.suffixes if isinstance(suffix, ast.Repeat)]
        result = (
            self.turns.repeated(place, step, repeats[0], current) if repeats else self.core(place, step, current, first)
        )
        for suffix in step.suffixes[1:]:
            if isinstance(suffix, ast.Repeat):
                fact = syntax.MisplacedRepeat(step.core.span.text, suffix.count.span.text)
                self.builder.report(place, fact, suffix.span)
        for suffix in step.suffixes:
            if isinstance(suffix, ast.ShapeAssertion):
                self._assert_shape(place, suffix, result)
            elif isinstance(suffix, ast.Naming):
                result = self._name(place, suffix, result)
        return result

    def core(self, place: Place, step: ast.Step, current: Flowing, first: bool) -> Flowing:
        label = self.label(place, step.label)
        match step.core:
            case ast.Call():
                return self.calls.call(place, step.core, current, label, first=first)
            case ast.Start():
                self.refuse_label(place, label, step.core.span)
                return self.calls.start(place, step.core, first=first)
            case ast.Tap():
                self.refuse_label(place, label, step.core.span)
                return self._tap(place, step.core, current)
        inner = self.labelled(place, label, step.span)
        match step.core:
            case ast.Group(body=body):
                return self.body(inner, body.statements, current)
            case ast.Choice():
                return self.turns.choose(inner, step.core, current)
            case ast.Loop():
                return self.turns.loop(inner, step.core, current)

    def labelled(self, place: Place, label: str | None, span: Span, *, numbered: bool = True) -> Place:
        """The place inside a group: with a label, a module of its own whose members are numbered."""
        if label is None:
            return place.inner()
        if place.namer.numbered:
            place.namer.number()
        prefix = f"{place.namer.path(label)}." if label else place.namer.prefix
        module = Module("group", prefix, label or None, None, span, numbered=numbered)
        place.module.members.append(module)
        return place.inner(namer=Namer(prefix, numbered=numbered, use=place.namer.use), module=module)

    def label(self, place: Place, label: ast.Word | ast.String | None) -> str | None:
        """The text of a label, computed where it is quoted."""
        if label is None or isinstance(label, ast.Word):
            text = label.text if label else None
        else:
            value = self.builder.evaluator(place).value(label)
            text = value if isinstance(value, str) else None
        if text is not None and label is not None and not is_usable(text):
            self.builder.report(place, names.LabelNotUsable(text, is_reserved(text)), label.span)
            return None
        return text

    def refuse_label(self, place: Place, label: str | None, span: Span) -> None:
        """Report a label on something that makes no layer."""
        if label is not None:
            advice = "label a step that makes a layer, or a group: `name: { … }`"
            fact = names.WrongKindOfThing(f"`{span.text}` makes no layer", "no label", advice)
            self.builder.report(place, fact, span)

    def single(self, place: Place, flowing: Flowing, span: Span) -> Tensor:
        """The one tensor that flows, or an ill-typed one after a report."""
        if isinstance(flowing, Tensor):
            return flowing
        if isinstance(flowing, tuple):
            if all(tensor.type is not None for tensor in flowing):
                self.builder.report(place, names.WrongNumberOfResults(len(flowing), 0), span)
        elif flowing is None:
            inputs = tuple(tensor.name or "input" for tensor in self.builder.graph.inputs)
            self.builder.report(place, names.NoTensorHere(inputs), span)
        else:
            self.builder.report(place, names.WrongKindOfThing("`none` leaves nothing", "a tensor"), span)
        return self.builder.unknown(span)

    # ---- what follows a step -----------------------------------------------------------------

    def _assert_shape(self, place: Place, assertion: ast.ShapeAssertion, result: Flowing) -> None:
        wanted = shape_of(self.builder, place, assertion.shape)
        if isinstance(result, tuple) and wanted is not None:
            self.builder.report(place, names.WrongNumberOfResults(len(result), 0), assertion.span)
            return
        if wanted is None or not isinstance(result, Tensor) or result.type is None:
            return
        agrees = result.type.shape == wanted.shape
        if agrees or result.doubted:
            result.doubted = result.doubted and not agrees
            return
        result.doubted = True
        made = maker(result)
        if made.layer is not None:
            self.builder.diagnostics.withdraw("W201", made.layer.span)
        note = Note(f"{made.type} comes from here", made.span)
        self.builder.report(place, wrong_shape(made, wanted), assertion.shape.span, note)

    def _name(self, place: Place, naming: ast.Naming, result: Flowing) -> Flowing:
        tensors = result if isinstance(result, tuple) else (self.single(place, result, naming.span),)
        ill_typed = any(tensor.type is None for tensor in tensors)
        if len(tensors) != len(naming.names):
            if not ill_typed:
                fact = names.WrongNumberOfResults(len(tensors), len(naming.names))
                self.builder.report(place, fact, naming.span)
            tensors = tuple(self.builder.unknown(naming.span) for _ in naming.names)
        for word, tensor in zip(naming.names, tensors, strict=True):
            tensor.name = tensor.name or word.text
            self.define(place, word, tensor, "tensor")
        return tensors[0] if len(tensors) == 1 else tensors

    # ---- taps --------------------------------------------------------------------------------

    def _tap(self, place: Place, tap: ast.Tap, current: Flowing) -> Flowing:
        tensor = self.single(place, current, tap.span)
        word = tap.list_name.text
        known = place.scope.find(word)
        if known is not None:
            note = Note("it is defined here", known.span)
            self.builder.report(place, names.DefinedTwice(word), tap.list_name.span, note)
        frame = place.frame
        while word not in frame.reads and frame.parent is not None:
            frame = frame.parent
        if word not in frame.reads:
            self.builder.report(place, names.NeverUsed(f"the list `{word}`"), tap.list_name.span)
        frame.taps.setdefault(word, []).append(tensor)
        return tensor


def _at(place: Place, current: Flowing) -> Place:
    """The place with `here` as the tensor that flows."""
    place.here = current if isinstance(current, Tensor) else None
    return place
