"""The packaged specs to docs/zoo.md: a table for each paper, the published figures beside ours.

python -m netdsl.cli.zoo_page
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import fill

from netdsl import resources
from netdsl.analysis.difference import field_at_end
from netdsl.analysis.report import CONVENTION
from netdsl.cli.catalogue import Family, families
from netdsl.cli.formats import markdown_row
from netdsl.cli.report_text import figure
from netdsl.cli.table import size_of_field
from netdsl.cli.zoo import inputs_of, macs_of
from netdsl.cli.zoo_published import Published, PublishedFigure, published_of
from netdsl.compiler import CheckedNet
from netdsl.diagnostics.core import listing
from netdsl.syntax.comments import doc_comment

_HEADINGS = ("net", "input", "parameters", "published", "MACs", "published", "receptive field", "remarks")
_RULES = ("---", "---", "---:", "---", "---:", "---", "---:", "---")
_INTRODUCTION = """\
# The zoo

The nets that travel with netdsl, each with the figures of the paper that it is from. `netdsl zoo` lists them, and
`netdsl zoo resnet50 > my.net` takes one as a start. This page is made from the specs, by
`python -m netdsl.cli.zoo_page`; every figure of ours is asserted in its spec by a `budget` line.

Beside ours stand the published figures, as their sources write them. In brackets is the source: a place in the paper,
or an implementation that people use, as it states its own figures or counts them. `≠` marks a figure that ours does not
round to, and the reason stands below the table. Where nothing stands, nothing published is known.
"""
_COUNTING = f"""\
{CONVENTION}. Attention and recurrence are counted apart; published counts hold them too. Operations are two for each of
the MACs. Parameters that only training needs, such as auxiliary heads, are left out, but for figures "in training".
The receptive field is that of the last layer with places: what one of its places sees of the input.
"""


@dataclass(frozen=True, eq=False)
class _Entry:
    """A net, and what is published of it."""

    net: CheckedNet
    published: Published

    @property
    def differs(self) -> bool:
        return bool(self.published.that_differ(self.net.report))


def page() -> str:
    """The text of docs/zoo.md."""
    counting = fill(" ".join(_COUNTING.split()), 120, break_on_hyphens=False) + "\n"
    return "\n".join([_INTRODUCTION, counting, *(line for family in families() for line in _section(family))])


def _section(family: Family) -> Iterator[str]:
    header = family.header
    yield f"## {_text(header.title.rstrip('.'))}\n"
    sources = [f"Spec: [specs/{family.path.name}](../specs/{family.path.name}).", f"Paper: {_text(header.paper)}"]
    if header.published:
        sources.append(f"Published: {_text(header.published)}")
    yield "\\\n".join(sources) + "\n"
    if header.notes:
        yield f"{_text(header.notes)}\n"
    entries = [_Entry(net, published_of(net)) for net in family.checked()]
    yield markdown_row(_HEADINGS)
    yield f"| {' | '.join(_RULES)} |"
    yield from (markdown_row(_cells(entry)) for entry in entries)
    yield ""
    reasons = list(_reasons(entries, header.differs))
    if reasons:
        yield "\n".join(reasons) + "\n"


def _cells(entry: _Entry) -> list[str]:
    report = entry.net.report
    weights = [each for each in entry.published.figures if each.is_of_weights]
    work = [each for each in entry.published.figures if not each.is_of_weights]
    return [
        entry.net.name,
        inputs_of(report.inputs),
        figure(report.totals.params),
        _published(weights, entry),
        macs_of(report.totals),
        _published(work, entry),
        size_of_field(field_at_end(entry.net.graph, report)) or "",
        " ".join(doc_comment(report.span).split()),
    ]


def _published(figures: list[PublishedFigure], entry: _Entry) -> str:
    """`5.58 billion operations (table 6); ≠ 3.8 billion (table 1)`."""
    return "; ".join(
        ("" if each.is_ours(entry.net.report) else "≠ ") + f"{each.amount}{_beyond(each.quantity)} ({each.source})"
        for each in figures
    )


def _beyond(quantity: str) -> str:
    """What the column's heading does not say of the quantity."""
    kind = quantity.replace("parameters", "").strip()
    return f" {kind}" if kind and kind != "MACs" else ""


def _reasons(entries: list[_Entry], shared: str) -> Iterator[str]:
    """Why published figures are not ours, as a list: the nets' own reasons, and that of the header for all others."""
    others = [entry.net.name for entry in entries if entry.differs and not entry.published.reason]
    if others:
        yield f"* ≠ {listing(others, 'and')}: {_text(shared)}"
    for entry in entries:
        if entry.published.reason:
            yield f"* ≠ {listing([entry.net.name])}: {_text(entry.published.reason)}"


def _text(words: str) -> str:
    """Words of a spec as Markdown: stars and underscores are themselves, code stays code."""
    return "`".join(
        part if place % 2 else part.replace("_", "\\_").replace("*", "\\*")
        for place, part in enumerate(words.split("`"))
    )


if __name__ == "__main__":
    from netdsl.files import write_text

    write_text(resources.path("docs") / "zoo.md", page())
