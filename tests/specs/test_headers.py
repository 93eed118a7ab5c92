"""The headers of the specs, which `netdsl zoo` and docs/zoo.md show, and how costs are shown there."""

from __future__ import annotations

import pytest

import netdsl
from netdsl.cli.catalogue import Family, families, header_of
from netdsl.cli.zoo import macs_of


@pytest.mark.parametrize("family", families(), ids=lambda family: family.name)
def test_a_header_is_a_title_and_a_source_with_its_year(family: Family) -> None:
    header = family.header

    assert header.title.endswith((".", "?"))
    assert header.short_paper != header.paper, "no title and year"
    assert all(words == "" or words.endswith(".") for words in (header.published, header.differs))
    assert not header.notes or (header.notes[0].isupper() or header.notes[0] == '"')


def test_an_open_sentence_goes_on_in_the_next_line() -> None:
    text = '# A net.\n#\n# Paper: One, "A Long\n# Title", 2015\n# Published: 5 million\n# parameters.\n# Why.\n'
    header = header_of(f"{text}\nnet A {{}}\n")

    assert header.paper == 'One, "A Long Title", 2015'
    assert (header.published, header.notes) == ("5 million parameters.", "Why.")


@pytest.mark.parametrize(
    ("body", "macs"),
    [
        ("fc 5", "50"),
        ("lstm 5", "300 in recurrence"),
        ("conv 1 x10 -> lstm 5", "100 + 300 in recurrence"),
    ],
)
def test_products_of_recurrence_stand_apart(body: str, macs: str) -> None:
    text = f"net A {{\n    input {'10' if body.startswith('fc') else '10x1'}\n    {body}\n}}\n"

    assert macs_of(netdsl.parse(text).only().report.totals) == macs
