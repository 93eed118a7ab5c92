"""Names that are given where nothing can be seen of them: by statements that cannot be read, or further down."""

from __future__ import annotations

import re

from netdsl.source import Span
from netdsl.syntax import ast

_NAMES = re.compile(
    r"\b(?:net|block|def|function|class|share|let|input|tap|as|use)\s+(?!block\b)([A-Za-z_]\w*)"
    r"|^[ \t]*([A-Za-z_]\w*)[ \t]*\([^()\n]*\)[ \t]*\{"
    r"|(?:^|[{(;])[ \t]*([A-Za-z_]\w*)\s*=(?!=)"
    r"|,\s*([A-Za-z_]\w*)",
    re.MULTILINE,
)
_NEXT_ITEM = re.compile(r"^(?:net|block)\b", re.MULTILINE)


def names_of(broken: ast.Broken) -> frozenset[str]:
    """The words of an unreadable statement that stand where names are given."""
    return frozenset(next(filter(None, found.groups())) for found in _NAMES.finditer(broken.span.text))


def where_named(word: str, span: Span) -> str | None:
    """That a name is given further down in the same net or block, if it is."""
    text = span.source.text
    end = _NEXT_ITEM.search(text, span.end)
    giving = re.compile(rf"\b(?:as|let|tap)[ \t]+(?:\w+[ \t]*,[ \t]*){{0,9}}({re.escape(word)})\b")
    match = giving.search(text, span.end, end.start() if end else len(text))
    if match is None:
        return None
    return f"it is named on line {text.count(chr(10), 0, match.start()) + 1}, below this place"
