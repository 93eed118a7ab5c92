"""The graph under construction: adds layers, keeps the limits, and reports with the trail of calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netdsl.diagnostics import names, parameters, shapes
from netdsl.diagnostics.core import Diagnostics, Fact, Note
from netdsl.graph.agreements import Wanted, assumed, disagreement
from netdsl.graph.arguments import Bound
from netdsl.graph.expressions import Evaluator
from netdsl.graph.learning import NOTHING_SAID, Learning
from netdsl.graph.mending import at_fault, mended
from netdsl.graph.model import Graph, Layer, Requirement, Tensor
from netdsl.graph.place import Place, words_read
from netdsl.graph.scope import Definition, Scope
from netdsl.ops.contract import Misfit, Operation, Site
from netdsl.source import Span
from netdsl.syntax import ast
from netdsl.types.sizes import Size, SizeTooComplex, is_open, never_at_least
from netdsl.types.tensors import FLOAT32, MAXIMUM_ELEMENTS, MAXIMUM_SIZE, TensorType

MAXIMUM_LAYERS = 100_000


class StopElaboration(Exception):
    """Elaboration cannot go on; what stopped it has been reported. Never leaves this package."""


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Expansion:
    """How often text is repeated: by `*`, which is certain, and by `for` too, whose turns may differ."""

    certain: int = 1
    likely: int = 1

    def repeated(self, count: int, *, alike: bool) -> Expansion:
        """The same inside a repetition."""
        return Expansion(self.certain * (count if alike else 1), self.likely * count)


class Builder:
    """Collects the layers of one net.

    Attributes:
        sizes: values for the symbols of the inputs.
        wanted: the merges that fit for some of the open sizes only.
        definitions: every name that was defined, for the warning about those never used.
        groups: the paths that layers lie inside of, each with the first such layer.
        named_twice: the groups and calls whose layers' names have been reported to be taken.
        shared_uses: how often each shared body was used, by its path.
        expansion: how often the text that is being elaborated is to be repeated from outside.
    """

    def __init__(
        self, graph: Graph, diagnostics: Diagnostics, sizes: Mapping[str, int], limit: int = MAXIMUM_LAYERS
    ) -> None:
        self.sizes = sizes
        self.graph = graph
        self.diagnostics = diagnostics
        self.limit = limit
        self.count = 0
        self.expansion = Expansion()
        self.layers: dict[str, Layer] = {}
        self.groups: dict[str, Layer] = {}
        self.named_twice: set[str | int] = set()
        self.shared_uses: dict[str, int] = {}
        self.wanted: list[Wanted] = []
        self.definitions: list[tuple[str, Definition]] = []
        self._words: dict[int, frozenset[str]] = {}

    def words(self, body: ast.Body) -> frozenset[str]:
        """The words that a body's text reads, found once."""
        if id(body) not in self._words:
            self._words[id(body)] = words_read(body.statements)
        return self._words[id(body)]

    # ---- reporting ---------------------------------------------------------------------------

    def report(self, place: Place, fact: Fact, span: Span, *related: Note) -> None:
        """Report a fact with the trail of calls that leads to it."""
        if fact.is_error:
            self.graph.complete = False
        self.diagnostics.report(fact, span, *related, *place.frame.trail)

    def evaluator(self, place: Place, scope: Scope | None = None) -> Evaluator:
        """The evaluator for expressions at a place, or of another scope in the same use of a body."""

        def report(fact: Fact, span: Span) -> None:
            self.report(place, fact, span)

        return Evaluator(scope or place.scope, report, place.special, self.graph.decisions)

    def require_room(self, place: Place, more: int, span: Span, *, alike: bool) -> None:
        """Stop before an expansion beyond the limit, where `more` layers are to come in this repetition.

        What `*` repeats is alike, and can be multiplied. The turns of `for` may differ: they count as alike only
        where that comes to four times the limit.
        """
        certain = self.count + (more * self.expansion.certain if alike else 0)
        likely = self.count + more * self.expansion.likely
        if certain > self.limit or likely > 4 * self.limit:
            self.report(place, parameters.TooManyLayers(self.limit, max(certain, likely)), span)
            raise StopElaboration

    # ---- tensors and layers ------------------------------------------------------------------

    def unknown(self, span: Span) -> Tensor:
        """The result of a mistake."""
        self.graph.complete = False
        return Tensor(None, span)

    def add(
        self,
        place: Place,
        bound: Bound,
        inputs: tuple[Tensor, ...],
        span: Span,
        local_name: str,
    ) -> tuple[Tensor, ...]:
        """Add a layer; the result is its outputs, without a type where the shape rule refuses the inputs."""
        self.count += 1
        if self.count > self.limit:
            self.report(place, parameters.TooManyLayers(self.limit, None), span)
            raise StopElaboration
        types = tuple(tensor.type for tensor in inputs if tensor.type is not None)
        if len(types) < len(inputs):
            return (self.unknown(span),)
        result = self._inferred(place, bound.operation, types, span)
        if isinstance(result, Misfit):
            at = bound.spans.get(result.parameter or "", span)
            self.report(place, mended(result.fact, inputs), at, *_origins(at_fault(result.fact, inputs)))
            return (self.unknown(span),)
        outputs = result if isinstance(result, tuple) else (result,)
        for output in outputs:
            fact = _beyond_limits(output)
            if fact is not None:
                self.report(place, fact, span)
                return (self.unknown(span),)
        return self._connect(place, bound, inputs, outputs, span, local_name)

    def takes(self, place: Place, operation: type[Operation], inputs: tuple[Tensor, ...], span: Span) -> bool:
        """Whether an operation takes the kinds of numbers that come; if not, that is reported."""
        types = [tensor.type for tensor in inputs if tensor.type is not None]
        wrong = next((x for x in types if x.element != FLOAT32), None)
        if wrong is None or operation.any_element:
            return True
        fact = shapes.WrongElementType(operation.word, f"numbers of {FLOAT32}", str(wrong))
        self.report(place, mended(fact, inputs), span, *_origins(at_fault(fact, inputs)))
        return False

    def _inferred(
        self, place: Place, operation: Operation, types: tuple[TensorType, ...], span: Span
    ) -> TensorType | tuple[TensorType, ...] | Misfit:
        """What the shape rule says; where open sizes would have to agree, what it says of sizes that do."""
        try:
            result = operation.infer(*types)
            if not any(x.is_open for x in types):
                return result
            if not isinstance(result, Misfit):
                _reckon(operation, types, result)
                return result
            pairs = operation.must_agree(*types)
            if not pairs:
                return result
            self.wanted.append(Wanted(operation.word, types, pairs, place, span))
            self.graph.complete = False
            return operation.infer(*assumed(types, pairs))
        except SizeTooComplex:
            return Misfit(shapes.SizesTooComplex(operation.word))

    def report_disagreement(self) -> None:
        """Report the condition on open sizes under which all merges fit."""
        found = disagreement(self.wanted, self.graph.inputs)
        if found is not None:
            self.report(self.wanted[0].place, found[0], self.wanted[0].span, *found[1])

    def _connect(
        self,
        place: Place,
        bound: Bound,
        inputs: tuple[Tensor, ...],
        outputs: tuple[TensorType, ...],
        span: Span,
        local_name: str,
    ) -> tuple[Tensor, ...]:
        operation = bound.operation
        weights_name = place.namer.path(local_name)
        name = weights_name if place.namer.use == 1 else f"{weights_name}#{place.namer.use}"
        doubted = any(tensor.doubted for tensor in inputs)
        tensors = tuple(Tensor(output, span, doubted=doubted) for output in outputs)
        for tensor in inputs:
            tensor.uses += 1
        site = Site(tuple(t.type for t in inputs if t.type), outputs)
        learning = self._learning(place, bound, site, span)
        layer = Layer(name, operation, inputs, tensors, span, weights_name, local_name, place.frame.trail, learning)
        for tensor in tensors:
            tensor.layer = layer
        self._check_name(place, layer, site)
        warning = operation.warning(site)
        if warning is not None:
            self.report(place, warning, span)
        for size, least in operation.needs(site):
            self.graph.requirements.append(Requirement(size, least, span))
        place.module.members.append(layer)
        return tensors

    def _learning(self, place: Place, bound: Bound, site: Site, span: Span) -> Learning:
        """What the call says about the layer's weights, where they can begin so."""
        if bound.learning.says_nothing:
            return NOTHING_SAID
        fault = bound.learning.fault(bound.operation.word, bound.operation.weights(site))
        if fault is None:
            return bound.learning
        self.report(place, fault, bound.spans.get("init", span))
        return NOTHING_SAID

    def _check_name(self, place: Place, layer: Layer, site: Site) -> None:
        first = self._rival(layer)
        if first is not None:
            self._report_name(place, layer, first)
            return
        if not layer.shares_weights:
            return
        owner = self.layers.get(layer.weights_name)
        if owner is None:
            return
        made = [weight.shape for weight in owner.weights]
        needed = [weight.shape for weight in layer.operation.weights(site)]
        if made != needed:
            fact = parameters.SharedWeightsDiffer(layer.weights_name, _types(owner.inputs), _types(layer.inputs))
            self.report(place, fact, layer.span)

    def _rival(self, layer: Layer) -> Layer | None:
        """The layer before this one that has its path, or that lies inside of it or around it."""
        first = self.layers.setdefault(layer.name, layer)
        if first is not layer:
            return first
        if layer.shares_weights:
            return None
        path = layer.name
        while "." in path:
            path = path.rpartition(".")[0]
            around = self.layers.get(path)
            if around is not None and _is_module(around):
                return around
            self.groups.setdefault(path, layer)
        return self.groups.get(layer.name) if _is_module(layer) else None

    def _report_name(self, place: Place, layer: Layer, first: Layer) -> None:
        """Report a name that is taken, once for a group or a call that has several."""
        group, _, inside = layer.name.partition(".")
        call = place.frame.call
        mistake = group if inside else call.span.start if call is not None else layer.name
        self.graph.complete = False
        if mistake in self.named_twice:
            return
        self.named_twice.add(mistake)
        note = Note("the first one is here", first.span)
        self.report(place, names.LayerNamedTwice(layer.name, first.name), layer.span, note)


def _is_module(layer: Layer) -> bool:
    """Whether a layer is a module of its own in PyTorch; a merge is none, and its label names its branches' group."""
    return layer.operation.most_inputs is not None and layer.operation.most_inputs <= 1


def _reckon(operation: Operation, inputs: tuple[TensorType, ...], result: TensorType | tuple[TensorType, ...]) -> None:
    """Reckon once what the report will: sizes that are too complex for it are refused here."""
    outputs = result if isinstance(result, tuple) else (result,)
    operation.macs(Site(inputs, outputs))
    for output in outputs:
        str(output.elements)


def _types(tensors: tuple[Tensor, ...]) -> str:
    return ", ".join(str(tensor.type) for tensor in tensors)


def _origins(inputs: tuple[Tensor, ...]) -> tuple[Note, ...]:
    """Where the tensors of a merge come from."""
    if len(inputs) < 2:
        return ()
    return tuple(Note(f"{_named(tensor)} comes from here", tensor.span) for tensor in inputs)


def _named(tensor: Tensor) -> str:
    """`d3`, 64x25x25: a tensor with the name that it has in the text, if it has one."""
    return f"`{tensor.name}`, {tensor.type}," if tensor.name else str(tensor.type)


def _beyond_limits(output: TensorType) -> Fact | None:
    for size in output.shape:
        if never_at_least(size, 1):
            return shapes.SizeIsNotPositive(str(output))
        if not is_open(size) and _int(size) > MAXIMUM_SIZE:
            return shapes.TensorTooLarge(str(output), "size", _int(size), MAXIMUM_SIZE)
    elements = output.elements
    if not is_open(elements) and _int(elements) > MAXIMUM_ELEMENTS:
        return shapes.TensorTooLarge(str(output), "elements", _int(elements), MAXIMUM_ELEMENTS)
    return None


def _int(size: Size) -> int:
    return size if isinstance(size, int) else 0
