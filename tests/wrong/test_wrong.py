"""Every wrong program is told what is wrong with it: this many errors, in these words."""

from __future__ import annotations

import pytest

from tests.wrong.corpus import expected, found, rendered, slugs, stated_counts

LEAST_CASES = 80


def test_the_corpus_is_there() -> None:
    assert len(slugs()) >= LEAST_CASES


@pytest.mark.parametrize("slug", slugs())
def test_one_mistake_gives_one_error(slug: str) -> None:
    severities = [diagnostic.severity for diagnostic in found(slug)]
    assert (severities.count("error"), severities.count("warning")) == stated_counts(slug)


@pytest.mark.parametrize("slug", slugs())
def test_the_words_are_these(slug: str) -> None:
    assert rendered(found(slug)) == expected(slug)
