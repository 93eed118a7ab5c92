"""No text makes the compiler fail: what is wrong with it is said in diagnostics."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from netdsl.compiler import check
from netdsl.diagnostics.render import concise, full, plain_text
from netdsl.library import FolderLibrary
from netdsl.source import Source
from tests.mutations import ROOT, mutated, texts, tokens_of

SEEDS = range(8)
TEXTS_PER_SEED = 1_000


def said_about(text: str) -> list[str]:
    """The diagnostics of a text as a person reads them."""
    diagnostics = check(Source("spec.net", text), library=FolderLibrary(Path(__file__).parent)).diagnostics
    return [plain_text(line) for found in diagnostics for line in (concise(found), *full(found))]


@pytest.mark.parametrize("seed", SEEDS)
def test_slips_of_the_pen_are_diagnosed(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - slips, not secrets
    originals = [tokens_of(text) for text in texts()]
    others = [token for tokens in originals for token in tokens]
    diagnosed = 0
    for _ in range(TEXTS_PER_SEED):
        text = mutated(chance.choice(originals), others, chance)
        try:
            diagnosed += bool(said_about(text))
        except BaseException as error:
            error.add_note(f"the text was:\n{text}")
            raise
    assert diagnosed > TEXTS_PER_SEED // 2


def test_every_beginning_of_a_spec_is_diagnosed() -> None:
    tokens = tokens_of((ROOT / "specs" / "googlenet.net").read_text(encoding="utf-8"))
    for end in range(0, len(tokens), 7):
        text = "".join(tokens[:end])
        found = said_about(text)
        assert found or text.count("{") == text.count("}")


@pytest.mark.parametrize("text", ["", "\ufeff", "\0", "\r", "\t", "{" * 5_000, "(" * 5_000, "net A { input 1; " * 300])
def test_strange_texts_are_diagnosed(text: str) -> None:
    assert said_about(text)
