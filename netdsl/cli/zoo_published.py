"""The comment above a net's `budget` to the figures that are published of it, which are held against ours.

    # Published: 25,557,032 parameters and 4.089 billion MACs (torchvision), 3.8 billion MACs (table 1).
    # Differs: the paper's stride is in the first 1x1.
    budget params == 25_557_032, macs == 4_089_184_256

Each figure is a number as its source writes it, what it counts, and the source in brackets. It is ours if ours rounds
to it. Where it is not, the comment says why, or the spec's header does for all nets that do not say it themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from netdsl.analysis.report import Report
from netdsl.compiler import CheckedNet
from netdsl.syntax.comments import doc_comment
from netdsl.types.sizes import OpenSize, Size

_COMMENT = re.compile(r"Published: (?P<items>.+?\))\.(?: Differs: (?P<reason>.+\.))?")
_ITEM = re.compile(r"(?P<figures>[^()]+) \((?P<source>[^()]+)\)(?:, |$)")
_FIGURE = re.compile(
    r"(?P<bound>less than )?"
    r"(?P<whole>\d{1,3}(?:,\d{3})*)(?:\.(?P<decimals>\d+))?"
    r"(?P<scale> million| billion)? "
    r"(?P<quantity>parameters in training|trainable parameters|parameters|MACs|operations)"
)
_SCALES = {None: 1, " million": 10**6, " billion": 10**9}


def _macs(report: Report) -> Size:
    """All of them, those of attention and recurrence too, as published counts have them."""
    return sum((macs for _, macs in report.totals.further_macs), report.totals.macs)


_OURS: Mapping[str, Callable[[Report], Size]] = MappingProxyType(
    {
        "parameters": lambda report: report.totals.params,
        "trainable parameters": lambda report: report.totals.trainable,
        "parameters in training": lambda report: sum(layer.parameters for layer in report.layers),
        "MACs": _macs,
        "operations": lambda report: 2 * _macs(report),
    }
)


@dataclass(frozen=True)
class PublishedFigure:
    """A figure as its source has it.

    Attributes:
        amount: the number as it is written, such as `3.8 billion` or `less than 25 million`.
        quantity: what it counts: `MACs`, or `operations`, which are two for each of them; `parameters` and their like.
        source: where it stands, such as `table 1` of the paper, or `torchvision`.
        value: the number.
        unit: what its last digit is worth.
        is_bound: whether it is only said that the number is not reached.
    """

    amount: str
    quantity: str
    source: str
    value: Fraction
    unit: Fraction
    is_bound: bool

    @property
    def is_of_weights(self) -> bool:
        """Whether it counts parameters, and not work."""
        return "parameters" in self.quantity

    def is_ours(self, report: Report) -> bool:
        """Whether the report's figure, in as many digits as are published, is this one."""
        ours = _OURS[self.quantity](report)
        if isinstance(ours, OpenSize):
            return False
        return ours < self.value if self.is_bound else abs(ours - self.value) * 2 <= self.unit


@dataclass(frozen=True)
class Published:
    """What is published of a net, and why that is not what we count; the reason is empty where none is given."""

    figures: tuple[PublishedFigure, ...] = ()
    reason: str = ""

    def that_differ(self, report: Report) -> list[PublishedFigure]:
        """The figures that are not the report's."""
        return [figure for figure in self.figures if not figure.is_ours(report)]


def published_of(net: CheckedNet) -> Published:
    """The published figures of a packaged net.

    Raises:
        ValueError: the comment above its `budget` cannot be read.
    """
    budgets = net.graph.budgets
    return read(doc_comment(budgets[0][0].span)) if budgets else Published()


def read(comment: str) -> Published:
    """A comment above a `budget`; an empty one publishes nothing.

    Raises:
        ValueError: it is of another form; the text says what cannot be read.
    """
    if not comment:
        return Published()
    text = " ".join(comment.split())
    found = _COMMENT.fullmatch(text)
    if found is None:
        raise ValueError(f"neither `Published: … (source).` nor that with `Differs: ….` behind it: {text}")
    return Published(_figures(found["items"]), found["reason"] or "")


def _figures(text: str) -> tuple[PublishedFigure, ...]:
    figures: list[PublishedFigure] = []
    end = 0
    while end < len(text):
        item = _ITEM.match(text, end)
        if item is None:
            raise ValueError(f"no figures with their source in brackets: {text[end:]}")
        figures += [_figure(words, item["source"]) for words in item["figures"].split(" and ")]
        end = item.end()
    return tuple(figures)


def _figure(words: str, source: str) -> PublishedFigure:
    found = _FIGURE.fullmatch(words)
    if found is None:
        raise ValueError(f"no number and what it counts: {words}")
    quantity, decimals = found["quantity"], found["decimals"] or ""
    unit = Fraction(_SCALES[found["scale"]], 10 ** len(decimals))
    value = int(found["whole"].replace(",", "") + decimals) * unit
    amount = words.removesuffix(f" {quantity}")
    return PublishedFigure(amount, quantity, source, value, unit, is_bound=found["bound"] is not None)
