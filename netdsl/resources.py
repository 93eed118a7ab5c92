"""The only module that knows where grammar/, docs/, specs/ and codegen_templates/ lie.

In a checkout (and an editable install) they stand beside the package; in a wheel they travel inside it, in
`netdsl/_data/`.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_ROOTS = (_PACKAGE / "_data", _PACKAGE.parent)


def path(*parts: str) -> Path:
    """Where a data file or folder lies.

    Raises:
        FileNotFoundError: the installation lacks it.
    """
    for root in _ROOTS:
        candidate = root.joinpath(*parts)
        if candidate.exists():
            return candidate
    raise FileNotFoundError("/".join(parts))


def read_text(*parts: str) -> str:
    """The text of a data file, as UTF-8."""
    return path(*parts).read_text(encoding="utf-8")


def beside_or_packaged(path: Path) -> Path:
    """The path; where nothing lies there and it begins with `specs/`, the spec or sample that travels with netdsl.

    So `netdsl check specs/alexnet.net` works in every folder.
    """
    parts = path.parts
    if path.exists() or not parts or parts[0] != "specs" or ".." in parts:
        return path
    candidates = (root.joinpath(*parts) for root in _ROOTS)
    return next((candidate for candidate in candidates if candidate.is_file()), path)
