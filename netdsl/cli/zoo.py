"""`netdsl zoo`: the nets that travel with netdsl, and one of them as a start for one's own."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from netdsl.analysis.report import NamedTensor, Report, Totals
from netdsl.cli import nets
from netdsl.cli.catalogue import Family, families, start
from netdsl.cli.report_text import figure
from netdsl.cli.terminal import print_lines
from netdsl.diagnostics.render import PLAIN, STRONG, Line, visible

_HEADINGS = ("net", "input", "parameters", "MACs")
_INPUT, _PARAMS, _MACS = 20, 13, 15


def command(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="A net, such as resnet50, or a family of them, such as resnet."),
    ] = None,
) -> None:
    """List the nets that travel with netdsl, or print one of them as a start.

    `netdsl zoo resnet50 > my.net` makes a spec that stands on its own. In a name only letters and digits count, and
    capitals are as good as others.
    """
    if name is None:
        _list()
        return
    try:
        sys.stdout.write(start(name))
    except LookupError as error:
        nets.fail(f"there is no net {visible(name)}; {error.args[0]}")


def _list() -> None:
    """The nets under their papers: the name to take each by, its input and its costs, within 80 columns for most."""
    known = families()
    names = [name for family in known for name in family.nets]
    width = max(map(len, names))
    lines: list[Line] = [((_laid_out(_HEADINGS, width), STRONG),)]
    for family in known:
        lines += [(), ((f"{family.name}: ", STRONG), (family.header.short_paper, PLAIN))]
        lines += [((_laid_out(_cells(net.report, family), width), PLAIN),) for net in family.checked()]
    closing = f"{len(names):,} nets in {len(known):,} specs; `netdsl zoo NAME` prints a net, or a whole spec."
    print_lines([*lines, (), ((closing, PLAIN),)])


def _cells(report: Report, family: Family) -> tuple[str, str, str, str]:
    others = [call for call, net in family.calls.items() if net == report.name != call]
    also = f"  also called {' or '.join(others)}" if others else ""
    return report.name, inputs_of(report.inputs), figure(report.totals.params), macs_of(report.totals) + also


def _laid_out(cells: tuple[str, str, str, str], width: int) -> str:
    """A row; what stands behind the first word of its last cell goes beyond the column, to the right."""
    name, inputs, params, macs = cells
    first, blank, more = macs.partition(" ")
    return f"  {name:<{width}} {inputs:<{_INPUT}} {params:>{_PARAMS}}  {first:>{_MACS}}{blank}{more}".rstrip()


def macs_of(totals: Totals) -> str:
    """`4,350,425,088 + 140,141,568 in attention`: those of layers with weights, and what is counted apart."""
    apart = [f"{figure(macs)} in {name}" for name, macs in totals.further_macs]
    return " + ".join(apart if apart and totals.macs == 0 else [figure(totals.macs), *apart])


def inputs_of(tensors: tuple[NamedTensor, ...]) -> str:
    """The shapes of a net's inputs, as the spec has them."""
    return ", ".join(str(tensor.type) for tensor in tensors)
