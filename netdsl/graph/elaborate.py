"""The AST of a file to the typed graph of one of its nets."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from netdsl import ops
from netdsl.diagnostics import names, parameters
from netdsl.diagnostics.core import Diagnostics, Note, did_you_mean
from netdsl.graph.arguments import wrong_default
from netdsl.graph.broken import names_of
from netdsl.graph.builder import Builder, StopElaboration
from netdsl.graph.expressions import Evaluator
from netdsl.graph.flows import Flows
from netdsl.graph.model import Graph, Module, Tensor
from netdsl.graph.place import Frame, Namer, Place
from netdsl.graph.scope import BlockValue, OperationValue, Scope, Unknown
from netdsl.graph.unused import report_unused
from netdsl.graph.variations import varied
from netdsl.source import Source
from netdsl.syntax import ast

if TYPE_CHECKING:
    from netdsl.ops.further import FurtherOperation

MAXIMUM_FILES = 1_000
MAXIMUM_IMPORT_DEPTH = 64


class Library(Protocol):
    """Where `use` finds files; the compiler itself reads none."""

    def load(self, path: str, importer: Source, diagnostics: Diagnostics) -> ast.File | str:
        """The file at a path as written in `importer`, or why it cannot be had."""

    def standard(self, name: str, diagnostics: Diagnostics) -> ast.File | None:
        """A file of the standard library."""


class Files:
    """The scopes of a file and of the files that it uses, each made once."""

    def __init__(
        self,
        diagnostics: Diagnostics,
        library: Library | None,
        operations: Mapping[str, FurtherOperation] | None = None,
    ) -> None:
        self.diagnostics = diagnostics
        self.library = library
        self.outside = Scope(None) if operations else None
        for word, further in (operations or {}).items():
            assert self.outside is not None
            self.outside.define(word, OperationValue(further.operation), further.span, "operation")
        self.scopes: dict[str, Scope] = {}
        self.loading: list[str] = []

    def scope(self, file: ast.File) -> Scope:
        """The names that a file's text sees: its own blocks, and what it brings in."""
        if file.source.name in self.scopes:
            return self.scopes[file.source.name]
        self.loading.append(file.source.name)
        scope = self.scopes[file.source.name] = Scope(self.outside)
        nets: set[str] = set()
        for item in file.items:
            match item:
                case ast.Net(name=word):
                    if word.text in nets:
                        self.diagnostics.report(names.DefinedTwice(word.text), word.span)
                    nets.add(word.text)
                case ast.Use():
                    self._use(file, item, scope)
                case ast.Block():
                    self._define(scope, item.name, BlockValue(item, scope), "block")
                case ast.Default():
                    scope.defaults.setdefault(item.target.text, []).append((item, scope))
                case ast.Broken():
                    scope.expected |= names_of(item)
                case ast.Let():
                    self._define(scope, item.name, self._evaluator(scope).value(item.value), "name")
        for item in file.items:
            self._check(scope, item)
        self.loading.pop()
        return scope

    def _check(self, scope: Scope, item: ast.Item) -> None:
        """What can only be said when all names of the file are known."""
        if isinstance(item, ast.Default):
            fault = wrong_default(item.target.text, scope)
            if fault is not None:
                self.diagnostics.report(fault, item.target.span)
        if not isinstance(item, (ast.Block, ast.Net)):
            return
        taken = set(scope.names)
        for parameter in item.parameters:
            word = parameter.name.text
            if word in taken:
                self.diagnostics.report(names.DefinedTwice(word), parameter.name.span)
            taken.add(word)

    def _evaluator(self, scope: Scope) -> Evaluator:
        return Evaluator(scope, self.diagnostics.report, _nothing_special)

    def _define(self, scope: Scope, word: ast.Word, value: Any, kind: str) -> None:
        known = scope.find(word.text)
        if known is not None and not isinstance(known.value, Unknown):
            note = Note("it is defined here", known.span)
            self.diagnostics.report(names.DefinedTwice(word.text), word.span, note)
            return
        if kind == "block" and word.text in ops.words():
            self.diagnostics.report(names.HidesOperation(word.text), word.span)
        scope.define(word.text, value, word.span, kind)

    def _use(self, file: ast.File, use: ast.Use, scope: Scope) -> None:
        other = self._load(file, use)
        if other is None:
            for word in use.names:
                scope.define(word.text, UNKNOWN_VALUE, word.span, "block")
            return
        there = self.scope(other)
        for word in use.names:
            definition = there.names.get(word.text)
            if definition is None and not there.expects(word.text):
                known = list(there.names)
                fact = names.NotInFile(word.text, other.source.name, did_you_mean(word.text, known))
                self.diagnostics.report(fact, word.span)
            value = definition.value if definition else UNKNOWN_VALUE
            self._define(scope, word, value, "import")

    def _load(self, file: ast.File, use: ast.Use) -> ast.File | None:
        path = use.path.text if isinstance(use.path, ast.Word) else _plain(use.path)
        result = "is computed, and a file's path is plain text" if path is None else self._found(file, use, path)
        if isinstance(result, ast.File) and result.source.name in self.loading:
            chain = " uses ".join([*self.loading[self.loading.index(result.source.name) :], result.source.name])
            result = f"uses itself: {chain}" if len(self.loading) > 1 else "is this file itself"
        if isinstance(result, str):
            shown = path or use.path.span.text.strip('"')
            advice = "move what both need into a third file" if "uses itself" in result else None
            self.diagnostics.report(names.FileNotUsable(shown, result, advice), use.path.span)
            return None
        return result

    def _found(self, file: ast.File, use: ast.Use, path: str) -> ast.File | str:
        if self.library is None:
            return "cannot be read: this compilation has no folder to read from"
        if len(self.loading) > MAXIMUM_IMPORT_DEPTH or len(self.scopes) > MAXIMUM_FILES:
            return f"is one file too many: at most {MAXIMUM_FILES:,}, nested at most {MAXIMUM_IMPORT_DEPTH} deep"
        if isinstance(use.path, ast.Word):
            return self.library.standard(path, self.diagnostics) or "is no part of the standard library"
        return self.library.load(path, file.source, self.diagnostics)


UNKNOWN_VALUE = Unknown()


def _plain(text: ast.String) -> str | None:
    """The text of a string without computed parts."""
    return None if any(not isinstance(part, str) for part in text.parts) else "".join(map(str, text.parts))


def _nothing_special(word: str) -> None:
    """A file is no flow: `in` and `here` mean nothing."""


def nets_of(file: ast.File) -> list[ast.Net]:
    """The nets that a file defines, in its order."""
    return [item for item in file.items if isinstance(item, ast.Net)]


def elaborate(
    net: ast.Net,
    scope: Scope,
    diagnostics: Diagnostics,
    settings: Mapping[str, ast.Expression] | None = None,
    sizes: Mapping[str, int] | None = None,
) -> Graph:
    """The typed graph of a net; what is wrong is reported, and what hangs on it is left out.

    Args:
        net: the net.
        scope: the scope of its file.
        diagnostics: takes what is wrong.
        settings: values for the net's parameters.
        sizes: values for the symbols of its inputs.
    """
    name = net.name.text
    root = Module("net", "", None, name, net.span)
    graph = Graph(name, net.span, root)
    again = partial(_again, net, scope, sizes)
    graph.varied = partial(varied, again, settings or {}, net.span)
    builder = Builder(graph, diagnostics, sizes or {})
    frame = Frame(name, None, builder.words(net.body))
    place = Place(frame, Scope(scope), Namer("", numbered=False), root)
    _bind_parameters(builder, place, net, settings or {})
    try:
        last = Flows(builder).body(place, net.body.statements, None)
    except StopElaboration:
        return graph
    _finish(builder, place, net, last)
    return graph


def _again(
    net: ast.Net,
    scope: Scope,
    sizes: Mapping[str, int] | None,
    settings: Mapping[str, ast.Expression],
    diagnostics: Diagnostics,
) -> Graph:
    return elaborate(net, scope, diagnostics, settings, sizes)


def _bind_parameters(builder: Builder, place: Place, net: ast.Net, settings: Mapping[str, ast.Expression]) -> None:
    known = tuple(parameter.name.text for parameter in net.parameters)
    for word, setting in settings.items():
        if word not in known:
            fact = parameters.UnknownParameter(net.name.text, word, known, did_you_mean(word, known))
            builder.report(place, fact, setting.span)
    for parameter in net.parameters:
        word = parameter.name.text
        expression: ast.Expression | None = settings.get(word) or parameter.default
        if expression is None:
            example = f"--set {word}=…"
            builder.report(place, parameters.MissingParameter(net.name.text, word, "", example), parameter.span)
            value: Any = UNKNOWN_VALUE
        else:
            value = builder.evaluator(place).value(expression)
        place.scope.define(word, value, parameter.span, "parameter")
        builder.graph.parameters[word] = value


def _finish(builder: Builder, place: Place, net: ast.Net, last: Any) -> None:
    graph = builder.graph
    if not graph.inputs and graph.complete:
        builder.report(place, names.NoTensorHere(()), net.name.span)
    if not graph.outputs:
        if isinstance(last, Tensor):
            graph.outputs["output"] = last
            last.uses += 1
        elif isinstance(last, tuple) and all(tensor.type is not None for tensor in last):
            builder.report(place, names.WrongNumberOfResults(len(last), 0), net.name.span)
        elif not isinstance(last, tuple) and graph.complete:
            what = "the last statement leaves no tensor"
            builder.report(place, names.WrongKindOfThing(what, "an output", "`output name = …`"), net.name.span)
    for tensor in graph.outputs.values():
        if tensor.type is None:
            graph.complete = False
    builder.report_disagreement()
    _settle_batches(graph)
    _mark_training_only(graph)
    report_unused(builder, place)


def _settle_batches(graph: Graph) -> None:
    """Let a source have the batch of the first input, where nothing flows, or what flows there is not needed."""
    sources = [layer for layer in graph.root.layers() if layer.is_source]
    if not sources or not graph.inputs:
        return
    needed = _needed(graph)
    for layer in sources:
        if layer.batch is None or (layer.batch.layer is not None and id(layer.batch.layer) not in needed):
            layer.batch = graph.inputs[0]


def _mark_training_only(graph: Graph) -> None:
    """Find the layers that only training outputs need."""
    if not graph.training_outputs:
        return
    needed = _needed(graph)
    for layer in graph.root.layers():
        layer.training_only = id(layer) not in needed


def _needed(graph: Graph) -> set[int]:
    """The layers (their ids) that the outputs are made from."""
    needed: set[int] = set()
    pending = list(graph.outputs.values())
    while pending:
        layer = pending.pop().layer
        if layer is not None and id(layer) not in needed:
            needed.add(id(layer))
            pending.extend(layer.inputs)
    return needed
