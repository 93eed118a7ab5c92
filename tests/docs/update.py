"""Writes what commands and Python of docs/ print into the pages anew; the reviewer reads the difference.

python -m tests.docs.update
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.docs.blocks import PAGES, page_path, played


def updated(page: str) -> str:
    """The page's text with the output that its blocks really give."""
    text = page_path(page).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        for block, real in reversed(list(played(page, text, Path(folder)))):
            text = text[: block.start] + real + text[block.end :]
    return text


if __name__ == "__main__":
    for name in PAGES:
        page_path(name).write_text(updated(name), encoding="utf-8", newline="\n")
