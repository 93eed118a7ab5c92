"""Statements that could not be read to the names that they would have given, so that their later uses stay silent."""

from __future__ import annotations

import re

from netdsl.syntax import ast

_NAMES = re.compile(
    r"\b(?:net|block|def|function|class|share|let|input|tap|as|use)\s+([A-Za-z_]\w*)"
    r"|(?:^|[{(;])[ \t]*([A-Za-z_]\w*)\s*=(?!=)"
    r"|,\s*([A-Za-z_]\w*)",
    re.MULTILINE,
)


def names_of(broken: ast.Broken) -> frozenset[str]:
    """The words of an unreadable statement that stand where names are given."""
    return frozenset(next(filter(None, found.groups())) for found in _NAMES.finditer(broken.span.text))
