"""A net's report to the rows of its table: named columns, with cells as numbers and as words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from netdsl.analysis.receptive import Field, ReceptiveField
from netdsl.analysis.report import LayerReport, Report
from netdsl.diagnostics.render import visible
from netdsl.types.sizes import Size

Cell: TypeAlias = "Size | float | str | None"

DEFAULT_COLUMNS = ("layer", "operation", "output", "parameters", "macs", "share")
FURTHER_COLUMNS = (
    *("input", "receptive_field", "field_stride", "field_offset"),
    *("activations", "memory", "line", "written"),
)

# A receptive field is told by three numbers.
_TOGETHER = {"receptive_field": ("receptive_field", "field_stride", "field_offset")}
_WORDS = frozenset(("layer", "operation", "output", "input", "written"))
_HEADINGS = {
    "macs": "MACs",
    "share": "share of MACs",
    "receptive_field": "receptive field",
    "field_stride": "field stride",
    "field_offset": "field offset",
    "memory": "memory (bytes)",
}
_LONGEST_TEXT = 60


def chosen_columns(further: str | None) -> tuple[str, ...]:
    """The default columns and those that a list such as `input,line` adds; `all` adds every one.

    Raises:
        KeyError: a word of the list is no column; the key is the word.
    """
    columns = dict.fromkeys(DEFAULT_COLUMNS)
    for word in filter(None, map(str.strip, (further or "").split(","))):
        name = word.lower().replace("-", "_")
        if name != "all" and name not in columns and name not in FURTHER_COLUMNS:
            raise KeyError(word)
        columns.update(dict.fromkeys(FURTHER_COLUMNS if name == "all" else _TOGETHER.get(name, (name,))))
    return tuple(columns)


def headings(columns: Sequence[str]) -> list[str]:
    """What stands above the columns."""
    return [_HEADINGS.get(name, name) for name in columns]


def is_number(column: str) -> bool:
    """Whether a column's cells are numbers, and stand to the right."""
    return column not in _WORDS


def rows(report: Report, columns: Sequence[str], batch: int = 1) -> list[list[Cell]]:
    """The cells of every layer; costs are for a batch of that size."""
    whole = report.totals.macs
    makers: list[Callable[[LayerReport], Cell]] = [
        _share_of(whole) if name == "share" else _batched(name, batch) for name in columns
    ]
    return [[make(layer) for make in makers] for layer in report.layers]


def total_row(report: Report, columns: Sequence[str], batch: int = 1) -> list[Cell]:
    """The cells below those of the layers."""
    totals: dict[str, Cell] = {
        "layer": "total",
        "parameters": report.totals.params,
        "macs": report.totals.macs * batch,
    }
    return [totals.get(name) for name in columns]


def words(cell: Cell) -> str:
    """A cell for people: `105,415,200`, `14.6 %`, `64*H*W`; empty where there is nothing to say."""
    if cell is None or cell == 0:
        return ""
    if isinstance(cell, int):
        return f"{cell:,}"
    return f"{cell:.1%}" if isinstance(cell, float) else str(cell)


def raw(cell: Cell) -> str:
    """A cell for programs: numbers without separators, shares as fractions of 1."""
    if cell is None:
        return ""
    return f"{cell:.6f}" if isinstance(cell, float) else str(cell)


def size_of_field(field: ReceptiveField) -> str | None:
    """The cells that are seen, or `global`; None where the word means nothing."""
    return field_words(field.size) if isinstance(field, Field) else field


def field_words(numbers: Sequence[int | float]) -> str:
    """`11x11`, and `(-3, 2.5)` where `x` would not be read as `by`."""
    texts = [str(number) for number in numbers]
    return "x".join(texts) if all(text.isdigit() for text in texts) else f"({', '.join(texts)})"


# ---- cells -------------------------------------------------------------------------------------


def _share_of(whole: Size) -> Callable[[LayerReport], Cell]:
    def share(layer: LayerReport) -> Cell:
        if layer.training_only or not (isinstance(whole, int) and isinstance(layer.macs, int) and layer.macs):
            return None
        return layer.macs / whole

    return share


def _batched(column: str, batch: int) -> Callable[[LayerReport], Cell]:
    make = _MAKERS[column]
    if column not in ("macs", "activations", "memory"):
        return make

    def times_batch(layer: LayerReport) -> Cell:
        cost: Size = make(layer)  # type: ignore[assignment]  # these columns hold sizes
        return cost * batch

    return times_batch


def _operation(layer: LayerReport) -> Cell:
    return f"{layer.operation} (training)" if layer.training_only else layer.operation


def _input(layer: LayerReport) -> Cell:
    return ", ".join(map(str, layer.inputs))


def _field(layer: LayerReport) -> Cell:
    return size_of_field(layer.receptive_field)


def _field_stride(layer: LayerReport) -> Cell:
    field = layer.receptive_field
    return field_words(field.stride) if isinstance(field, Field) else None


def _field_offset(layer: LayerReport) -> Cell:
    field = layer.receptive_field
    return field_words(field.offset) if isinstance(field, Field) else None


def _written(layer: LayerReport) -> Cell:
    text = visible(" ".join(layer.span.text.split()))
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"


_MAKERS: dict[str, Callable[[LayerReport], Cell]] = {
    "layer": lambda layer: layer.name,
    "operation": _operation,
    "output": lambda layer: ", ".join(map(str, layer.outputs)),
    "parameters": lambda layer: layer.parameters,
    "macs": lambda layer: layer.macs,
    "input": _input,
    "receptive_field": _field,
    "field_stride": _field_stride,
    "field_offset": _field_offset,
    "activations": lambda layer: layer.activations,
    "memory": lambda layer: layer.output_bytes,
    "line": lambda layer: layer.span.row,
    "written": _written,
}
