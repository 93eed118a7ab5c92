"""The guides of docs/: every fenced block does what its kind promises (see `tests.docs.blocks`)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.blocks import (
    PAGES,
    ROOT,
    Block,
    blocks_of,
    checked,
    is_spec,
    keep_files,
    names_in_comments,
    page_path,
    played,
    wanted_codes,
)

TEXTS = {page: page_path(page).read_text(encoding="utf-8") for page in PAGES}
SPECS = [(page, block) for page, text in TEXTS.items() for block in blocks_of(text) if is_spec(block)]
EXAMPLES = pytest.mark.parametrize(("page", "block"), SPECS, ids=[f"{page}-{block.row}" for page, block in SPECS])
NAMED = pytest.mark.parametrize(
    ("page", "block"),
    [(page, block) for page, block in SPECS if "named" in block.words],
    ids=[f"{page}-{block.row}" for page, block in SPECS if "named" in block.words],
)


@EXAMPLES
def test_an_example_gives_what_it_promises(page: str, block: Block, tmp_path: Path) -> None:
    keep_files(blocks_of(TEXTS[page]), tmp_path)
    found = [f"{each.code} {each.span.row}: {each.message}" for each in checked(block, tmp_path).diagnostics]
    assert [text[:4] for text in found] == wanted_codes(block), found


@NAMED
def test_the_names_in_comments_are_the_layers_names(page: str, block: Block, tmp_path: Path) -> None:
    keep_files(blocks_of(TEXTS[page]), tmp_path)
    program = checked(block, tmp_path)
    names = {layer.name for net in program.nets for layer in net.graph.layers()}
    commented = names_in_comments(block)
    assert commented
    assert set(commented) <= names


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_python_print_what_the_page_shows(page: str, tmp_path: Path) -> None:
    for block, real in played(page, TEXTS[page], tmp_path):
        assert block.text == real, f"{page}.md:{block.row}: run `python -m tests.docs.update`"


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", TEXTS[page]):
        path, _, anchor = target.partition("#")
        linked = page_path(page).parent / path if path else page_path(page)
        assert linked.exists(), target
        if anchor:
            assert anchor in anchors(linked.read_text(encoding="utf-8")), target


def anchors(text: str) -> set[str]:
    """What a link may lead to within a page."""
    headings = (line.lstrip("# ").lower() for line in text.splitlines() if line.startswith("#"))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("module", re.findall(r"`python -m ((?:tests|netdsl)[\w.]+)`", TEXTS["contributing"]))
def test_commands_that_make_pages_exist(module: str) -> None:
    path = ROOT.joinpath(*module.split("."))
    assert path.with_suffix(".py").exists() or path.is_dir(), module
