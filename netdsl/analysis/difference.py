"""Two nets to what differs: layers that are added, removed or changed, and the figures of both.

The layers of both nets are two sequences. Those that are alike in operation, output, parameters and settings belong
together first, in order. Of the rest it is those of one name, and then, between neighbours that belong together, those
of one operation, in order. A name such as `conv3` or `features.3`, which only counts, may differ between equal layers.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from netdsl.analysis.receptive import Field, ReceptiveField
from netdsl.analysis.report import LayerReport, Report, report
from netdsl.graph.model import Graph
from netdsl.ops.contract import Reach
from netdsl.types.sizes import Size

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True, eq=False, slots=True)
class ComparedLayer:
    """A layer's figures, and the settings of its operation by name."""

    figures: LayerReport
    settings: dict[str, str]


@dataclass(frozen=True, eq=False, slots=True)
class Change:
    """A layer that is not the same in both nets; it lacks `before` when it is added, `after` when it is removed."""

    before: ComparedLayer | None
    after: ComparedLayer | None

    @property
    def kind(self) -> str:
        """`added`, `removed` or `changed`."""
        if self.before is None:
            return ADDED
        return REMOVED if self.after is None else CHANGED

    @property
    def settings(self) -> dict[str, tuple[str, str]]:
        """The settings that differ, each before and after; none where the operation is another."""
        if self.before is None or self.after is None or self.before.figures.operation != self.after.figures.operation:
            return {}
        old, new = self.before.settings, self.after.settings
        return {name: (old[name], new[name]) for name in old if old[name] != new[name]}


@dataclass(frozen=True, eq=False, slots=True)
class Figure:
    """A total of both nets."""

    name: str
    before: Size
    after: Size


@dataclass(frozen=True, eq=False, slots=True)
class Difference:
    """What differs between two nets.

    Attributes:
        before, after: the reports of both.
        changes: the layers that differ, in the order of the nets.
        same: how many layers are the same in both.
        figures: parameters, MACs and activations.
        fields: what one place of each net's last layer with places sees; None without windows.
    """

    before: Report
    after: Report
    changes: tuple[Change, ...]
    same: int
    figures: tuple[Figure, ...]
    fields: tuple[ReceptiveField, ReceptiveField]

    def count(self, kind: str) -> int:
        """How many layers are `added`, `removed` or `changed`."""
        return sum(change.kind == kind for change in self.changes)


def difference(before: Graph, after: Graph) -> Difference:
    """What differs between two nets without mistakes."""
    reports = report(before), report(after)
    old, new = _layers(before, reports[0]), _layers(after, reports[1])
    pairs = _paired(old, new)
    changes = tuple(Change(one, other) for one, other in pairs if _differs(one, other))
    ends = field_at_end(before, reports[0]), field_at_end(after, reports[1])
    return Difference(*reports, changes, len(pairs) - len(changes), tuple(_figures(*reports)), ends)


def field_at_end(graph: Graph, figures: Report) -> ReceptiveField:
    """What one place of the last layer that has places sees; None for a net without windows.

    A global pool's single place is none, but layers that are scaled by what it leaves see everything too.
    """
    layers = (layer for layer in graph.layers() if layer.well_typed)
    if not any(isinstance(layer.operation.reach(layer.site), Reach) for layer in layers):
        return None
    placed = [layer for layer in figures.layers if not layer.training_only and _has_places(layer)]
    return placed[-1].receptive_field if placed else None


def _has_places(layer: LayerReport) -> bool:
    return isinstance(layer.receptive_field, Field) or any(size != 1 for size in layer.output.spatial)


# ---- layers --------------------------------------------------------------------------------------


def _layers(graph: Graph, figures: Report) -> list[ComparedLayer]:
    layers = (layer for layer in graph.layers() if layer.well_typed)
    operations = (layer.operation for layer in layers)
    pairs = zip(figures.layers, operations, strict=True)
    return [ComparedLayer(layer, _settings(operation)) for layer, operation in pairs]


def _settings(operation: Any) -> dict[str, str]:
    return {field.name: _words(getattr(operation, field.name)) for field in dataclasses.fields(operation)}


def _words(value: Any) -> str:
    """A value as a spec has it: `3x3`, `true`; the two sides of an axis in brackets where they differ."""
    match value:
        case bool() | None:
            return str(value).lower()
        case tuple():
            return "x".join(map(_axis_words, value))
    return str(value)


def _axis_words(value: Any) -> str:
    sides = tuple(map(str, value)) if isinstance(value, tuple) else (str(value),)
    return sides[0] if len(set(sides)) == 1 else f"({', '.join(sides)})"


def _place(layer: ComparedLayer) -> str:
    """Where a layer stands; names that only count the layers of a kind say nothing about it."""
    path, _, last = layer.figures.name.rpartition(".")
    counted = re.fullmatch(rf"({re.escape(layer.figures.operation)})?\d+", last)
    return path if counted else layer.figures.name


def _content(layer: ComparedLayer) -> tuple[Any, ...]:
    figures = layer.figures
    return figures.operation, *map(str, figures.outputs), figures.parameters, tuple(layer.settings.items())


def _differs(one: ComparedLayer | None, other: ComparedLayer | None) -> bool:
    if one is None or other is None:
        return True
    return (_place(one), *_content(one)) != (_place(other), *_content(other))


# ---- matching ------------------------------------------------------------------------------------

_Pair = tuple[ComparedLayer | None, ComparedLayer | None]
_Layers = Sequence[ComparedLayer]


def _paired(old: _Layers, new: _Layers) -> list[_Pair]:
    """Every layer of both nets once, in the order of the second; what is removed stands where it was."""
    partner = _alike(old, new, lambda layer: (_place(layer), *_content(layer)))
    _by_name(old, new, partner)
    for rows, columns in list(_gaps(partner, len(old), len(new))):
        kind = _alike([old[i] for i in rows], [new[j] for j in columns], lambda layer: layer.figures.operation)
        partner.update((rows[i], columns[j]) for i, j in kind.items())
    return list(_merged(old, new, partner))


def _alike(old: _Layers, new: _Layers, key: Callable[[ComparedLayer], Any]) -> dict[int, int]:
    matcher = SequenceMatcher(None, [key(layer) for layer in old], [key(layer) for layer in new], autojunk=False)
    blocks = matcher.get_matching_blocks()
    return {block.a + i: block.b + i for block in blocks for i in range(block.size)}


def _gaps(partner: dict[int, int], old: int, new: int) -> Iterator[tuple[list[int], list[int]]]:
    """The places without a partner in both nets, between two pairs that stand in order."""
    taken = set(partner.values())
    last_row = last_column = -1
    for row, column in [*sorted(partner.items()), (old, new)]:
        if column < last_column:
            continue
        rows = [i for i in range(last_row + 1, row) if i not in partner]
        columns = [j for j in range(last_column + 1, column) if j not in taken]
        if rows and columns:
            yield rows, columns
        last_row, last_column = row, column


def _by_name(old: _Layers, new: _Layers, partner: dict[int, int]) -> None:
    """Add the pairs of layers that have one name and no partner yet; a number is no name for another operation."""
    taken = set(partner.values())
    places = {_identity(layer): j for j, layer in enumerate(new) if j not in taken}
    for i, layer in enumerate(old):
        if i not in partner and _identity(layer) in places:
            partner[i] = places[_identity(layer)]


def _identity(layer: ComparedLayer) -> tuple[str, str]:
    name = layer.figures.name
    return name, layer.figures.operation if _place(layer) != name else ""


def _merged(old: _Layers, new: _Layers, partner: dict[int, int]) -> Iterator[_Pair]:
    back = {j: i for i, j in partner.items()}
    told = 0
    for j, layer in enumerate(new):
        i = back.get(j)
        if i is not None:
            yield from ((old[k], None) for k in range(told, i) if k not in partner)
            told = max(told, i)
        yield (None if i is None else old[i]), layer
    yield from ((old[k], None) for k in range(told, len(old)) if k not in partner)


# ---- figures -------------------------------------------------------------------------------------


def _figures(before: Report, after: Report) -> Iterator[Figure]:
    old, new = before.totals, after.totals
    yield Figure("parameters", old.params, new.params)
    yield Figure("MACs", old.macs, new.macs)
    for addend in ("attention", "recurrence"):
        if any(addend == name for name, _ in (*old.further_macs, *new.further_macs)):
            yield Figure(f"MACs in {addend}", getattr(old, addend), getattr(new, addend))
    yield Figure("activations", old.activations, new.activations)
