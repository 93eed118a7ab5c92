"""Write the diagnostics of every wrong program anew: `python -m tests.wrong.update`, and read the diff."""

from __future__ import annotations

from netdsl.files import write_text
from tests.wrong.corpus import EXPECTED, FOLDER, found, rendered, slugs


def main() -> None:
    """Rewrite every expected.txt."""
    for slug in slugs():
        write_text(FOLDER / slug / EXPECTED, rendered(found(slug)))


if __name__ == "__main__":
    main()
