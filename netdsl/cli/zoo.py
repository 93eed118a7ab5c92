"""`netdsl zoo`: the nets that travel with netdsl, and one of them as a start for one's own."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from netdsl.analysis.report import NamedTensor, Report, Totals
from netdsl.cli import nets
from netdsl.cli.catalogue import families, start
from netdsl.cli.report_text import figure
from netdsl.cli.terminal import print_table
from netdsl.diagnostics.render import visible

_HEADINGS = ("net", "input", "parameters", "MACs", "paper")
_RIGHT = (False, False, True, True, False)


def command(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="A net, such as resnet50, or a family of them, such as resnet."),
    ] = None,
) -> None:
    """List the nets that travel with netdsl, or print one of them as a start.

    `netdsl zoo resnet50 > my.net` makes a spec that stands on its own. Capitals, `_` and `-` count for nothing.
    """
    if name is None:
        _list()
        return
    try:
        sys.stdout.write(start(name))
    except LookupError as error:
        nets.fail(f"there is no net {visible(name)}; {error.args[0]}")


def _list() -> None:
    cells = []
    for family in families():
        cells += [[*_figures(net.report), family.header.short_paper] for net in family.checked()]
    count = f"{len(cells):,} nets"
    print_table(_HEADINGS, [*cells, [count, "", "", "", f"{len(families()):,} specs"]], _RIGHT)


def _figures(report: Report) -> list[str]:
    return [report.name, inputs_of(report.inputs), figure(report.totals.params), macs_of(report.totals)]


def macs_of(totals: Totals) -> str:
    """`4,350,425,088 + 140,141,568 in attention`: those of layers with weights, and what is counted apart."""
    apart = [f"{figure(macs)} in {name}" for name, macs in totals.further_macs]
    return " + ".join(apart if apart and totals.macs == 0 else [figure(totals.macs), *apart])


def inputs_of(tensors: tuple[NamedTensor, ...]) -> str:
    """The shapes of a net's inputs, as the spec has them."""
    return ", ".join(str(tensor.type) for tensor in tensors)
