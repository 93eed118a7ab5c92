"""The way of a spec, one function per arrow. Takes text and returns values; reads and prints nothing.

    text --read--> AST --elaborate--> Graph --report--> Report
                                        |-- onnx_graph ----> ONNX
                                        |-- pytorch_source -> Python
                                        `-- training_files -> a folder that trains it

`check` walks the first row for a whole file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from netdsl.analysis.budget import check_budgets
from netdsl.analysis.report import Report, report
from netdsl.diagnostics import names, parameters, shapes, targets
from netdsl.diagnostics.core import Diagnostic, Diagnostics, Refused, did_you_mean
from netdsl.graph.elaborate import Files, Library, elaborate, nets_of
from netdsl.graph.model import Graph
from netdsl.source import Source, Span
from netdsl.syntax import ast
from netdsl.syntax.parser import parse, parse_expression
from netdsl.types.sizes import SizeTooComplex

if TYPE_CHECKING:
    from netdsl.ops.further import FurtherOperation
    from netdsl.targets.onnx.lower import Lowered


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class CheckedNet:
    """A net that has been checked, with or without mistakes."""

    name: str
    graph: Graph
    report: Report


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Program:
    """A file that has been checked.

    Attributes:
        file: its AST.
        nets: the nets that were asked for, in the file's order.
        diagnostics: all that was found, in the order of the text.
    """

    file: ast.File
    nets: tuple[CheckedNet, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def has_errors(self) -> bool:
        """Whether any target would be refused."""
        return any(diagnostic.fact.is_error for diagnostic in self.diagnostics)


def check(
    source: Source,
    *,
    net: str | None = None,
    settings: Mapping[str, str] | None = None,
    sizes: Mapping[str, int] | None = None,
    library: Library | None = None,
    operations: Mapping[str, FurtherOperation] | None = None,
) -> Program:
    """Read a file and check its nets.

    Args:
        source: the text.
        net: the one net that is wanted; all by default.
        settings: values for the nets' parameters, as expressions of the language.
        sizes: values for the symbols of the inputs.
        library: where `use` finds files; without it a file stands alone.
        operations: operations beside the built-in ones, by word (see `netdsl.ops.further`).
    """
    diagnostics = Diagnostics()
    file = parse(source, diagnostics)
    scope = Files(diagnostics, library, operations).scope(file)
    chosen = _choose(file, net, diagnostics)
    unread = any(isinstance(item, ast.Broken) for item in file.items)
    values = _settings(chosen, settings or {}, diagnostics)
    nets = []
    for each in chosen:
        known = {parameter.name.text for parameter in each.parameters}
        own = {word: value for word, value in values.items() if word in known}
        graph = elaborate(each, scope, diagnostics, own, sizes)
        try:
            figures = report(graph)
        except SizeTooComplex:
            diagnostics.report(shapes.SizesTooComplex(graph.name), each.name.span)
            continue
        if not unread:
            check_budgets(graph, figures, diagnostics, as_written=not own and not sizes)
            _check_recipe(graph, diagnostics)
        nets.append(CheckedNet(graph.name, graph, figures))
    _refuse_unknown_sizes(nets, sizes or {}, diagnostics)
    return Program(file, tuple(nets), _in_order(diagnostics))


def onnx_graph(graph: Graph, *, opset: int | None = None, training_outputs: bool = False) -> Lowered:
    """The ONNX model of a net, without its weights (see `netdsl.targets.onnx.lower`); the default opset for None."""
    from netdsl.targets.onnx.lower import lower
    from netdsl.targets.onnx.opsets import DEFAULT_OPSET

    return lower(graph, opset=opset or DEFAULT_OPSET, training_outputs=training_outputs)


def pytorch_source(graph: Graph) -> str:
    """The PyTorch source of a net (see `netdsl.targets.pytorch`)."""
    from netdsl.targets.pytorch import source

    return source(graph)


def training_files(graph: Graph, *, learning_rate: float | None = None) -> dict[str, str]:
    """The folder that trains a net, text by path (see `netdsl.targets.training`).

    Args:
        graph: a complete graph: one without mistakes.
        learning_rate: for a net without a recipe, which then learns by the plainest one.

    Raises:
        Refused: the net has no recipe, or none that data can be fed to.
    """
    from netdsl.targets.training import files, obstacle
    from netdsl.training.recipe import default_recipe, read

    recipe = read(graph, Diagnostics()) if graph.recipe is not None else default_recipe(graph, learning_rate)
    if recipe is None:
        raise Refused(targets.RecipeMissing(graph.name))
    misfit = obstacle(graph, recipe)
    if misfit is not None:
        raise Refused(misfit)
    return files(graph, recipe)


def _check_recipe(graph: Graph, diagnostics: Diagnostics) -> None:
    """Report what is wrong with a net's `train` block; most specs have none, and pay nothing for its words."""
    if graph.recipe is None:
        return
    from netdsl.training.recipe import read

    read(graph, diagnostics)


def _choose(file: ast.File, wanted: str | None, diagnostics: Diagnostics) -> list[ast.Net]:
    nets = nets_of(file)
    present = tuple(net.name.text for net in nets)
    start = Span(file.source, 0, 0)
    if wanted is not None:
        nets = [net for net in nets if net.name.text == wanted]
    broken = any(isinstance(item, ast.Broken) for item in file.items)
    blocks = any(isinstance(item, ast.Block) for item in file.items)
    if not nets and (wanted is not None or not (broken or blocks or diagnostics.has_errors)):
        diagnostics.report(names.NoSuchNet(wanted, present), start)
    return nets


def _settings(nets: list[ast.Net], settings: Mapping[str, str], diagnostics: Diagnostics) -> dict[str, ast.Expression]:
    """The values of `--set`, read as expressions; a name that no net has is reported."""
    known = tuple({parameter.name.text: None for net in nets for parameter in net.parameters})
    values: dict[str, ast.Expression] = {}
    for word, text in settings.items():
        source = Source(f"--set {word}", text)
        expression = parse_expression(source, diagnostics)
        if word not in known:
            callee = nets[0].name.text if nets else "the file"
            fact = parameters.UnknownParameter(callee, word, known, did_you_mean(word, known))
            diagnostics.report(fact, Span(source, 0, len(text)))
        elif expression is not None:
            values[word] = expression
    return values


def _refuse_unknown_sizes(nets: list[CheckedNet], sizes: Mapping[str, int], diagnostics: Diagnostics) -> None:
    """Report the sizes of `--size` that no net's inputs have."""
    known = sorted({name for net in nets for name in net.graph.symbols})
    for word in sizes:
        if nets and word not in known:
            source = Source(f"--size {word}", str(sizes[word]))
            advice = f"the inputs leave {', '.join(known)} open" if known else "the inputs leave no size open"
            diagnostics.report(names.UnknownName(word, None, advice), Span(source, 0, len(source.text)))


def _in_order(diagnostics: Diagnostics) -> tuple[Diagnostic, ...]:
    """By file and place; equal places stay in the order of their finding."""
    return tuple(sorted(diagnostics, key=lambda found: (found.span.source.name, found.span.start)))
