"""docs/formatting.md: every example becomes the one that follows it, which stays as it is."""

from __future__ import annotations

import re

import pytest

from netdsl import resources
from netdsl.source import Source
from netdsl.syntax.formatter import format_source

EXAMPLE = re.compile(r"```net\n(.*?)```\n\nbecomes\n\n```net\n(.*?)```", re.DOTALL)
EXAMPLES = EXAMPLE.findall(resources.read_text("docs", "formatting.md"))


@pytest.mark.parametrize(("before", "after"), EXAMPLES)
def test_an_example_becomes_what_the_page_says(before: str, after: str) -> None:
    assert format_source(Source("example.net", before)) == after
    assert format_source(Source("example.net", after)) == after


def test_the_page_has_its_examples() -> None:
    assert len(EXAMPLES) == 3
