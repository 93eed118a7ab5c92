"""The packaged specs to docs/zoo.md: a table for each paper, the published figures beside ours.

python -m netdsl.cli.zoo_page
"""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill

from netdsl import resources
from netdsl.analysis.difference import field_at_end
from netdsl.analysis.report import CONVENTION
from netdsl.cli.catalogue import Family, families
from netdsl.cli.formats import markdown_row
from netdsl.cli.report_text import figure
from netdsl.cli.table import size_of_field
from netdsl.cli.zoo import inputs_of, macs_of
from netdsl.compiler import CheckedNet
from netdsl.syntax.comments import doc_comment

_HEADINGS = ("net", "input", "parameters", "MACs", "receptive field", "remarks")
_RULES = ("---", "---", "---:", "---:", "---:", "---")
_INTRODUCTION = """\
# The zoo

The nets that travel with netdsl, each with the figures of the paper that it is from. `netdsl zoo` lists them, and
`netdsl zoo resnet50 > my.net` takes one as a start. This page is made from the specs, by
`python -m netdsl.cli.zoo_page`; every figure of ours is asserted in its spec by a `budget` line.
"""
_COUNTING = f"""\
{CONVENTION}. Parameters that only training needs, such as auxiliary heads, are left out. The receptive field is that
of the last layer with places: what one of its places sees of the input.
"""


def page() -> str:
    """The text of docs/zoo.md."""
    counting = fill(" ".join(_COUNTING.split()), 120, break_on_hyphens=False) + "\n"
    return "\n".join([_INTRODUCTION, counting, *(line for family in families() for line in _section(family))])


def _section(family: Family) -> Iterator[str]:
    header = family.header
    yield f"## {_text(header.title.rstrip('.'))}\n"
    yield f"Spec: [specs/{family.path.name}](../specs/{family.path.name}).\\"
    yield f"Paper: {_text(header.paper)}\\"
    yield f"Published: {_text(header.published)}\n"
    if header.notes:
        yield f"{_text(header.notes)}\n"
    yield markdown_row(_HEADINGS)
    yield f"| {' | '.join(_RULES)} |"
    yield from (markdown_row(_cells(net)) for net in family.checked())
    yield ""


def _cells(net: CheckedNet) -> list[str]:
    report = net.report
    field = field_at_end(net.graph, report)
    remark = " ".join(doc_comment(report.span).split())
    costs = (figure(report.totals.params), macs_of(report.totals))
    return [net.name, inputs_of(report.inputs), *costs, size_of_field(field) or "", remark]


def _text(words: str) -> str:
    """Words of a spec as Markdown: stars and underscores are themselves, code stays code."""
    return "`".join(
        part if place % 2 else part.replace("_", "\\_").replace("*", "\\*")
        for place, part in enumerate(words.split("`"))
    )


if __name__ == "__main__":
    from netdsl.files import write_text

    write_text(resources.path("docs") / "zoo.md", page())
