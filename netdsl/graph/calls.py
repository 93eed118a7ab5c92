"""Calls in a flow: operations, merges, blocks, shared bodies, and pipelines that start from a tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netdsl import ops
from netdsl.diagnostics import names, shapes, syntax
from netdsl.diagnostics.core import Note, did_you_mean
from netdsl.graph.arguments import Given, bind_block, bind_operation, inspect, settings_of, wrong_start
from netdsl.graph.broken import where_named
from netdsl.graph.builder import Builder, StopElaboration
from netdsl.graph.model import Module, Tensor
from netdsl.graph.place import Frame, Namer, Place
from netdsl.graph.scope import BlockValue, OperationValue, Scope, SharedBody, Unknown
from netdsl.graph.words import describe
from netdsl.ops.contract import Operation
from netdsl.source import Span
from netdsl.syntax import ast

if TYPE_CHECKING:
    from netdsl.graph.flows import Flowing, Flows

MAXIMUM_CALLS = 64
NONE = "none"


class Calls:
    """Runs one call of a flow."""

    def __init__(self, builder: Builder, flows: Flows) -> None:
        self.builder = builder
        self.flows = flows

    def call(self, place: Place, call: ast.Call, current: Flowing, label: str | None, *, first: bool) -> Flowing:
        """What the word means here decides what is run."""
        word = call.target.text
        definition = place.scope.find(word)
        special = place.special(word) if definition is None else None
        if definition is None and special is None:
            return self._built_in(place, call, current, label)
        value = definition.value if definition is not None else special
        if definition is not None:
            definition.used = True
        match value:
            case BlockValue():
                return self._block(place, call, value, current, label)
            case SharedBody():
                return self._shared(place, call, value, current, label)
            case OperationValue():
                return self._operation(place, call, value.operation, current, label)
            case Tensor():
                self.flows.refuse_label(place, label, call.span)
                return self._start(place, call, value, first=first)
            case Unknown():
                return self.builder.unknown(call.span)
            case _:
                self.builder.report(place, wrong_start(word, value), call.target.span)
                return self.builder.unknown(call.span)

    def start(self, place: Place, start: ast.Start, *, first: bool) -> Flowing:
        """A pipeline that starts from `in`, `here` or a member of a list."""
        value = self.builder.evaluator(place).value(start.value)
        if isinstance(value, Unknown):
            return self.builder.unknown(start.span)
        if not isinstance(value, Tensor):
            what = f"`{start.span.text}` is {describe(value)}"
            advice = "give it a name to call it by: `let unit = …`"
            self.builder.report(place, names.WrongKindOfThing(what, "a tensor", advice), start.span)
            return self.builder.unknown(start.span)
        if not first:
            self.builder.report(place, names.TensorInsidePipeline(start.span.text), start.span)
        return value

    def _start(self, place: Place, call: ast.Call, tensor: Tensor, *, first: bool) -> Tensor:
        word = call.target.text
        if not first:
            self.builder.report(place, names.TensorInsidePipeline(word), call.span)
        elif call.arguments:
            self.builder.report(place, syntax.MissingArrow(word, call.arguments[0].span.text), call.arguments[0].span)
        return tensor

    def _built_in(self, place: Place, call: ast.Call, current: Flowing, label: str | None) -> Flowing:
        from netdsl.graph.flows import DROPPED

        word = call.target.text
        if word == NONE and not call.arguments:
            self.flows.refuse_label(place, label, call.span)
            return DROPPED
        operation = ops.find(word)
        if operation is not None:
            return self._operation(place, call, operation, current, label)
        if place.scope.expects(word):
            return self.builder.unknown(call.span)
        known = (*ops.words(), *place.scope.all_names())
        advice = where_named(word, call.target.span)
        fact = names.UnknownOperation(word, did_you_mean(word, known), advice)
        self.builder.report(place, fact, call.target.span)
        return self.builder.unknown(call.span)

    # ---- operations --------------------------------------------------------------------------

    def _operation(
        self, place: Place, call: ast.Call, operation: type[Operation], current: Flowing, label: str | None
    ) -> Flowing:
        merging = operation.most_inputs is None or operation.most_inputs > 1
        if label == "":
            self.builder.report(place, names.LabelNotUsable("", False), call.span)
            label = None
        if call.branches is not None and not merging:
            count = "no" if operation.most_inputs == 0 else "one"
            fact = names.WrongKindOfThing(f"`{operation.word}` takes {count} tensor", "a merge such as `concat`")
            self.builder.report(place, fact, call.span)
            return self.builder.unknown(call.span)
        tensors = 0
        inputs: tuple[Tensor, ...]
        if not merging:
            inputs = () if operation.most_inputs == 0 else (self.flows.single(place, current, call.span),)
        elif call.branches is not None:
            gathered = self._branches(place, call, current, label)
            if gathered is None or len(gathered) == 1:
                return gathered[0] if gathered else self.builder.unknown(call.span)
            inputs = gathered
        else:
            inputs, tensors = self._named_inputs(place, call)
        if any(tensor.type is None for tensor in inputs):
            if not merging:
                inspect(operation, call, self.builder.evaluator(place))
            return self.builder.unknown(call.span)
        if merging and not self._enough(place, call, operation, inputs):
            return self.builder.unknown(call.span)
        if not self.builder.takes(place, operation, inputs, call.span):
            return self.builder.unknown(call.span)
        evaluator = self.builder.evaluator(place)
        x = inputs[0].type if inputs else None
        defaults = self._defaults(place, operation)
        bound = bind_operation(operation, call, evaluator, x, defaults, tensors)
        if bound is None:
            return self.builder.unknown(call.span)
        name = self._local_name(place, operation, label, merging)
        outputs = self.builder.add(place, bound, inputs, call.span, name)
        made = outputs[0].layer
        if made is not None and made.is_source and isinstance(current, Tensor):
            before = current.layer
            made.batch = before.batch if before is not None and before.is_source else current
        return outputs[0] if len(outputs) == 1 else outputs

    def _local_name(self, place: Place, operation: type[Operation], label: str | None, merging: bool) -> str:
        """The label, or a number in a labelled group, or kind and count; merges take no number."""
        numbered = place.namer.numbered and not merging
        number = place.namer.number() if numbered else None
        if label is not None:
            place.namer.by_kind(operation.word)
            return label
        return number if number is not None else place.namer.by_kind(operation.word)

    def _defaults(self, place: Place, operation: type[Operation]) -> dict[str, Given]:
        """What `default` statements say of an operation, the innermost first."""
        given: dict[str, Given] = {}
        for default, scope in place.scope.defaults_for(operation.word):
            call = ast.Call(default.target, default.arguments, True, None, default.span)
            found = settings_of(operation, call, self.builder.evaluator(place, scope))
            for name, argument in (found or {}).items():
                given.setdefault(name, argument)
        return given

    def _branches(self, place: Place, call: ast.Call, current: Flowing, label: str | None) -> tuple[Tensor, ...] | None:
        """The tensors that the branches leave; None after a mistake."""
        from netdsl.graph.flows import Dropped

        assert call.branches is not None
        if not call.branches:
            self.builder.report(place, syntax.MissingBars(call.target.text), call.span)
            return None
        inner = self.flows.labelled(place, label, call.span, numbered=False)
        gathered: list[Tensor] = []
        for branch in call.branches:
            result = self.flows.body(inner.inner(), branch.statements, current)
            if not isinstance(result, Dropped):
                gathered.append(self.flows.single(place, result, branch.span))
        if any(tensor.type is None for tensor in gathered):
            return None
        if not gathered:
            fact = names.WrongKindOfThing("every branch is `none`", "at least one branch")
            self.builder.report(place, fact, call.span)
        return tuple(gathered) or None

    def _named_inputs(self, place: Place, call: ast.Call) -> tuple[tuple[Tensor, ...], int]:
        """The tensors that a merge names, and how many positional arguments they are."""
        evaluator = self.builder.evaluator(place)
        tensors: list[Tensor] = []
        count = 0
        for argument in call.arguments:
            if argument.role is not ast.Role.POSITIONAL:
                break
            value = evaluator.value(argument.value)
            members: Any = value if isinstance(value, list) else [value]
            if isinstance(value, Unknown):
                return (self.builder.unknown(argument.span),), count
            if not all(isinstance(member, Tensor) for member in members):
                fact = names.WrongKindOfThing(f"this is {describe(value)}", "a tensor")
                self.builder.report(place, fact, argument.span)
                return (self.builder.unknown(argument.span),), count
            tensors.extend(members)
            count += 1
        return tuple(tensors), count

    def _enough(self, place: Place, call: ast.Call, operation: type[Operation], inputs: tuple[Tensor, ...]) -> bool:
        if operation.most_inputs is not None and len(inputs) > operation.most_inputs:
            what = f"{len(inputs)} tensors come to `{call.target.text}`"
            self.builder.report(place, names.WrongKindOfThing(what, "a pair"), call.span)
            return False
        if len(inputs) >= operation.least_inputs:
            return True
        lists = any(isinstance(a.value, ast.Name) for a in call.arguments) and len(inputs) == 1
        fact = shapes.TooFewTensors(call.target.text, len(inputs), operation.least_inputs, lists)
        self.builder.report(place, fact, call.span)
        return False

    # ---- blocks and shared bodies ------------------------------------------------------------

    def _block(self, place: Place, call: ast.Call, value: BlockValue, current: Flowing, label: str | None) -> Flowing:
        word = value.block.name.text
        if call.branches is not None:
            fact = names.WrongKindOfThing(f"`{word}` is a block", "a merge such as `concat`")
            self.builder.report(place, fact, call.span)
            return self.builder.unknown(call.span)
        if place.frame.depth >= MAXIMUM_CALLS:
            self.builder.report(place, names.CallsItself(word, MAXIMUM_CALLS), call.span)
            raise StopElaboration
        evaluator = self.builder.evaluator(place)
        bound = bind_block(value, call, evaluator, lambda scope: self.builder.evaluator(place, scope))
        if bound is None:
            return self.builder.unknown(call.span)
        scope = Scope(value.scope)
        frame = self._frame(place, word, value.block.body, current, call.span)
        for name, (argument, span) in bound.items():
            scope.define(name, argument, span, "parameter")
        inner = self._into(place, frame, scope, label, "block", word, call.span)
        inner.module.arguments = {name: argument for name, (argument, _) in bound.items()}
        inner.module.definition = value.block
        return self._run(inner, value.block.body, current, call.span)

    def _shared(self, place: Place, call: ast.Call, value: SharedBody, current: Flowing, label: str | None) -> Flowing:
        word = value.share.name.text
        if label is not None:
            advice = "a labelled group takes it: `name: { share … }`"
            fact = names.WrongKindOfThing(f"`{word}` names its layers itself, at every use", "no label", advice)
            self.builder.report(place, fact, call.span)
        if call.arguments or call.branches is not None:
            fact = names.WrongKindOfThing(f"`{word}` is a shared body and takes no arguments", "its name alone")
            self.builder.report(place, fact, call.span)
        if place.frame.depth >= MAXIMUM_CALLS:
            self.builder.report(place, names.CallsItself(word, MAXIMUM_CALLS), call.span)
            raise StopElaboration
        value.uses += 1
        self.builder.shared_uses[value.path] = value.uses
        frame = self._frame(place, word, value.share.body, current, call.span)
        prefix = f"{value.path}."
        module = Module("share", prefix, word, word, call.span)
        place.module.members.append(module)
        namer = Namer(prefix, numbered=False, use=value.uses)
        inner = place.inner(frame=frame, scope=Scope(value.scope), namer=namer, module=module)
        return self._run(inner, value.share.body, current, call.span)

    def _frame(self, place: Place, word: str, body: ast.Body, current: Flowing, span: Span) -> Frame:
        incoming = current if isinstance(current, Tensor) else None
        note = Note(f"in `{word}`, called here", span)
        return Frame(word, incoming, self.builder.words(body), place.frame, note)

    def _into(
        self, place: Place, frame: Frame, scope: Scope, label: str | None, kind: str, word: str, span: Span
    ) -> Place:
        """The place inside a block: under its label or number, or among the caller's own layers."""
        number = place.namer.number() if place.namer.numbered else None
        local_name = label if label is not None else number
        prefix = f"{place.namer.path(local_name)}." if local_name else place.namer.prefix
        transparent = not local_name and not place.namer.numbered
        namer = place.namer if transparent else Namer(prefix, numbered=False, use=place.namer.use)
        module = Module(kind, prefix, local_name or None, word, span)
        place.module.members.append(module)
        return place.inner(frame=frame, scope=scope, namer=namer, module=module)

    def _run(self, inner: Place, body: ast.Body, current: Flowing, span: Span) -> Flowing:
        result = self.flows.body(inner, body.statements, current)
        if inner.frame.results:
            tensors = tuple(tensor for _, tensor in inner.frame.results)
            result = tensors[0] if len(tensors) == 1 else tensors
        inner.module.inputs = (current,) if isinstance(current, Tensor) else ()
        inner.module.outputs = result if isinstance(result, tuple) else (result,) if isinstance(result, Tensor) else ()
        return result
