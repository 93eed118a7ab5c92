"""What is published of the nets in specs/: it is what we count, or the spec says why not."""

from __future__ import annotations

import re
from functools import cache

import pytest

import netdsl
from netdsl.cli.catalogue import Family, families
from netdsl.cli.zoo_published import Published, published_of, read
from netdsl.compiler import CheckedNet

EVERY_FAMILY = pytest.mark.parametrize("family", families(), ids=lambda family: family.name)


@cache
def published_in(family: Family) -> dict[CheckedNet, Published]:
    """What a spec's comments say of its nets; a line that cannot be read fails with its words."""
    return {net: published_of(net) for net in family.checked()}


@EVERY_FAMILY
def test_every_published_figure_stands_above_a_budget(family: Family) -> None:
    lines = family.file.source.text.splitlines()
    above = [published for published in published_in(family).values() if published.figures]

    assert sum(line.startswith(" ") and "# Published:" in line for line in lines) == len(above)


@EVERY_FAMILY
def test_a_published_figure_is_ours_or_the_spec_says_why_not(family: Family) -> None:
    for net, published in published_in(family).items():
        differing = [f"{each.amount} {each.quantity}" for each in published.that_differ(net.report)]

        assert differing == [] or published.reason or family.header.differs, net.name


@EVERY_FAMILY
def test_no_reason_is_given_where_nothing_differs(family: Family) -> None:
    found = published_in(family)
    differing = [net for net, published in found.items() if published.that_differ(net.report)]

    assert [net.name for net, published in found.items() if published.reason and net not in differing] == []
    assert not family.header.differs or any(not found[net].reason for net in differing)


@EVERY_FAMILY
def test_a_spec_says_what_is_published_of_its_nets(family: Family) -> None:
    figures = [figure for published in published_in(family).values() for figure in published.figures]

    assert figures or family.header.published


# ---- what a comment means ----------------------------------------------------------------------


def test_a_comment_is_read() -> None:
    published = read(
        "Published: 25,557,032 parameters and 4.089 billion MACs (torchvision),\n"
        "  3.8 billion MACs (table 1, on 224x224).\n"
        "Differs: the paper's stride\n  is elsewhere."
    )

    assert [(each.amount, each.quantity, each.source) for each in published.figures] == [
        ("25,557,032", "parameters", "torchvision"),
        ("4.089 billion", "MACs", "torchvision"),
        ("3.8 billion", "MACs", "table 1, on 224x224"),
    ]
    assert published.reason == "the paper's stride is elsewhere."


def test_no_comment_publishes_nothing() -> None:
    assert read("") == Published()


@pytest.mark.parametrize(
    ("comment", "complaint"),
    [
        ("About 5 million parameters.", "neither `Published: "),
        ("Published: 5 million parameters.", "neither `Published: "),
        ("Published: 5 million parameters (table 1)", "neither `Published: "),
        ("Published: 5 million parameters (table 1). Why: so.", "neither `Published: "),
        ("Published: 5 million parameters (table 1). Differs: so", "neither `Published: "),
        ("Published: 5 million parameters; 3 MACs (table 1).", "what it counts: 5 million parameters; 3 MACs"),
        ("Published: 5 million weights (table 1).", "what it counts: 5 million weights"),
        ("Published: about 5 million parameters (table 1).", "what it counts: about 5 million parameters"),
        ("Published: 5million parameters (table 1).", "what it counts: 5million parameters"),
        ("Published: 1234567 parameters (table 1).", "what it counts: 1234567 parameters"),
        ("Published: 5 parameters (table 1) 3 MACs (table 2).", "source in brackets: 5 parameters (table 1) 3 MACs"),
        ("Published: 5 parameters (table 1), (table 2).", "source in brackets: (table 2)"),
    ],
)
def test_a_comment_of_another_form_is_not_read(comment: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(complaint)):
        read(comment)


LINE = "net A {\n    input 1x1x10\n    conv 1x3 x12\n    budget params == 48\n}\n"


@pytest.mark.parametrize(
    ("figures", "agrees"),
    [
        ("48 parameters", True),
        ("49 parameters", False),
        ("48 trainable parameters", True),
        ("48 parameters in training", True),
        ("288 MACs", True),
        ("576 operations", True),
        ("288 operations", False),
        ("0.000048 million parameters", True),
        ("0.00005 million parameters", True),
        ("0.00004 million parameters", False),
        ("0.000000288 billion MACs", True),
        ("less than 49 parameters", True),
        ("less than 48 parameters", False),
    ],
)
def test_a_figure_is_ours_if_ours_rounds_to_it(figures: str, agrees: bool) -> None:
    report = netdsl.parse(LINE).only().report
    (figure,) = read(f"Published: {figures} (table 1).").figures

    assert figure.is_ours(report) is agrees


@pytest.mark.parametrize(("amount", "agrees"), [("1.5", True), ("1.6", True), ("1.4", False), ("1.55", True)])
def test_what_is_just_between_two_rounds_to_both(amount: str, agrees: bool) -> None:
    report = netdsl.parse("net A { input 1_550; fc 1_000 bias=false }").only().report
    (figure,) = read(f"Published: {amount} million parameters (table 1).").figures

    assert figure.is_ours(report) is agrees


def test_attention_is_in_published_counts() -> None:
    report = netdsl.parse("net A { input 4x3; attention 2 }").only().report
    totals = report.totals
    (figure,) = read(f"Published: {totals.macs + totals.attention:,} MACs (table 1).").figures

    assert totals.attention > 0
    assert figure.is_ours(report)


def test_no_number_is_that_of_an_open_size() -> None:
    report = netdsl.parse("net A { input 1x1xW; conv 1x3 x12 }").only().report
    (figure,) = read("Published: 288 MACs (table 1).").figures

    assert not figure.is_ours(report)
