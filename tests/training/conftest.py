"""What the tests of the generated training share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.training.programs import Runner


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    """What trains without importing torch for every run."""
    runner = Runner()
    yield runner
    runner.close()
