"""The corpus of wrong programs: a folder of specs to the text that `netdsl check` prints about it.

Each folder holds `spec.net`, whose first line says what the mistake is and whose second how many errors it is worth
(`# errors: 1`, or `# errors: 1, warnings: 2`), and `expected.txt`, the diagnostics in full.
"""

from __future__ import annotations

import re
from contextlib import chdir
from pathlib import Path

from netdsl.compiler import check
from netdsl.diagnostics.core import Diagnostic
from netdsl.diagnostics.render import count_words, full, plain_text
from netdsl.library import FolderLibrary
from netdsl.source import Source

FOLDER = Path(__file__).parent
SPEC, EXPECTED = "spec.net", "expected.txt"
_COUNTS = re.compile(r"# errors: ([0-9]+)(?:, warnings: ([0-9]+))?\n")


def slugs() -> list[str]:
    """The mistakes by the names of their folders."""
    return sorted(path.parent.name for path in FOLDER.glob(f"*/{SPEC}"))


def found(slug: str) -> tuple[Diagnostic, ...]:
    """What the compiler says about a case; files are named as seen from its folder."""
    with chdir(FOLDER / slug):
        source = Source(SPEC, Path(SPEC).read_text(encoding="utf-8"))
        return check(source, library=FolderLibrary(Path())).diagnostics


def rendered(diagnostics: tuple[Diagnostic, ...]) -> str:
    """The diagnostics as `netdsl check` prints them below the table."""
    blocks = ["\n".join(map(plain_text, full(diagnostic))) for diagnostic in diagnostics]
    return "\n\n".join([*blocks, count_words(diagnostics)]) + "\n"


def stated_counts(slug: str) -> tuple[int, int]:
    """The numbers of errors and warnings that the second line of a spec states."""
    second = (FOLDER / slug / SPEC).read_text(encoding="utf-8").splitlines(keepends=True)[1]
    match = _COUNTS.fullmatch(second)
    assert match is not None, f"{slug}: the second line states the counts: `# errors: 1`"
    return int(match.group(1)), int(match.group(2) or 0)


def expected(slug: str) -> str:
    """The text that is kept for a case."""
    return (FOLDER / slug / EXPECTED).read_text(encoding="utf-8")
