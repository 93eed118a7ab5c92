"""A net's parameters to parameters of its class: those whose number is written into the class of the net alone.

Which these are is found by trying: the net is elaborated with other numbers, and what differs is compared. A parameter
stays a literal where a number changes more than numbers in the net's own class, or is none that PyTorch's layers take;
and wherever it is compared, rounded or divided on its way (`min(k, 50)`), however far from the numbers that are tried.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from netdsl.graph.model import Graph
from netdsl.targets.pytorch.classes import ClassBuilder, ClassText
from netdsl.targets.pytorch.loading import OWN_NAMES
from netdsl.targets.pytorch.naming import variable_name
from netdsl.targets.pytorch.parameters import Parameters
from netdsl.targets.pytorch.values import Parameter
from netdsl.targets.pytorch.variants import Family, Shape

FEWEST_NUMBERS = 2
"""With so many other numbers a net must be without mistakes."""

LARGE_NUMBERS = (1_000, 4_096)
"""Tried besides those near a parameter's own."""


@dataclass(frozen=True, eq=False, slots=True)
class Written:
    """What came of a net: the classes before its own, and what its own is made of."""

    inner: Sequence[ClassText]
    net: Shape

    def is_like(self, other: Written) -> bool:
        """Whether two nets differ in the literals of their own class alone."""
        same_classes = [each.text for each in self.inner] == [each.text for each in other.inner]
        return same_classes and self.net.form() == other.net.form()


def with_settings(graph: Graph, written: Written, write: Callable[[Graph], Written], name: str, doc: str) -> ClassText:
    """The class of a net.

    Args:
        graph: the net.
        written: what came of it.
        write: makes the same of other nets.
        name: what the class is called.
        doc: the comment above the net.
    """
    variations = {word: _variations(graph, written, write, word, value) for word, value in _numbers(graph).items()}
    for word in list(variations):
        builder = _builder(name, doc, graph, written, {word: variations[word]})
        builder.build()
        declared = {parameter.name for parameter in builder.parameters.required + builder.parameters.optional}
        if declared != {variable_name(word)}:
            del variations[word]
    return _builder(name, doc, graph, written, variations).build()


def _numbers(graph: Graph) -> dict[str, int]:
    """The parameters that are whole numbers, and whose names are free in the class."""
    names = [variable_name(word) for word in graph.parameters]
    return {
        word: value
        for word, value in graph.parameters.items()
        if type(value) is int
        and value > 0
        and variable_name(word) not in OWN_NAMES
        and names.count(variable_name(word)) == 1
    }


def _variations(
    graph: Graph, written: Written, write: Callable[[Graph], Written], word: str, value: int
) -> dict[int, Shape]:
    """The net's class with other numbers for a parameter; none where one of them changes more than literals."""
    found: dict[int, Shape] = {}
    for number in dict.fromkeys((1, 2, value + 1, 2 * value + 5, 10 * value, *LARGE_NUMBERS)):
        other = graph.varied(word, number) if graph.varied is not None and number != value else None
        if other is None:
            continue
        if not other.decisions.same_as(graph.decisions):
            return {}
        result = write(other)
        if not result.is_like(written):
            return {}
        found[number] = result.net
    return found if len(found) >= FEWEST_NUMBERS else {}


def _builder(
    name: str, doc: str, graph: Graph, written: Written, variations: Mapping[str, Mapping[int, Shape]]
) -> ClassBuilder:
    """The class as one that all variations are uses of."""
    uses, columns = [written.net], {word: [graph.parameters[word]] for word in variations}
    for varied, shapes in variations.items():
        for number, shape in shapes.items():
            uses.append(shape)
            for word, column in columns.items():
                column.append(number if word == varied else graph.parameters[word])
    declared = [
        Parameter(variable_name(word), tuple(column), graph.parameters[word]) for word, column in columns.items()
    ]
    parameters = Parameters(declared, taken={parameter.name for parameter in declared} | OWN_NAMES)
    return ClassBuilder(name, Family(written.net, uses), doc, given=parameters)
