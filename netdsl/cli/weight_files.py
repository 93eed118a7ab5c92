"""`--weights` and `--match`: a file of weights to those of a net, with a table of what went where."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netdsl.api import Net, NetdslError
from netdsl.cli import nets
from netdsl.cli.report_text import aligned
from netdsl.diagnostics.render import visible
from netdsl.diagnostics.targets import WeightMissing
from netdsl.resources import beside_or_packaged
from netdsl.weights.files import ORDERED

if TYPE_CHECKING:
    from netdsl.weights.sources import Stored

_HEADINGS = ("weight", "array in the file", "shape", "numbers")
_RIGHT = (False, False, False, True)
_NO_ORDER = "netdsl: a safetensors file is sorted by name, so the order is that of the names; look through the table"

_NO_NAME = "netdsl: none of the names fits; `--match order` goes by the order and shapes of the arrays instead"


class Match(StrEnum):
    """How arrays find their weights."""

    NAME = "name"
    ORDER = "order"


WeightsOption = Annotated[
    Path | None,
    typer.Option(
        "--weights",
        metavar="PATH",
        help="Weights, instead of random ones: safetensors, npz, or a state dict of PyTorch (.pt, .pth).",
    ),
]
MatchOption = Annotated[
    Match, typer.Option("--match", help="How the arrays of --weights find their places; `order` prints who went where.")
]


def weights_for(net: Net, path: Path | None, match: Match = Match.NAME) -> Stored | None:
    """The weights in a file, if one is given; what `--match order` did is printed to the error stream.

    Weights that do not fit the net are told, and end the command.

    Raises:
        ValueError: the file is damaged.
        OSError: it cannot be read.
    """
    if path is None:
        return None
    try:
        source = net.weights_from(beside_or_packaged(path), match=match.value)
    except NetdslError as error:
        nets.show_first(error.diagnostics)
        if sum(isinstance(found.fact, WeightMissing) for found in error.diagnostics) == len(net.weights()):
            print(_NO_NAME, file=sys.stderr)
        raise typer.Exit(nets.SPEC_IS_WRONG) from None
    if match is Match.ORDER:
        if path.suffix not in ORDERED:
            print(_NO_ORDER, file=sys.stderr)
        print("\n".join(_table(source)), file=sys.stderr)
    return source


def shape_words(shape: tuple[int, ...]) -> str:
    """`64x3x7x7`; `1` for a single number."""
    return "x".join(map(str, shape)) or "1"


def _table(source: Stored) -> list[str]:
    cells = []
    count = 0
    for name, origin in source.origins.items():
        array = source.arrays[name]
        cells.append([name, visible(origin), shape_words(array.shape), f"{array.size:,}"])
        count += array.size
    return aligned(_HEADINGS, [*cells, [f"{len(cells):,} weights", "", "", f"{count:,}"]], _RIGHT)
