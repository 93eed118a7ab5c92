"""Comments of a spec to docstrings: whatever they say, they stay text."""

from __future__ import annotations

import inspect
import textwrap
from itertools import groupby

from netdsl.targets.pytorch.layout import INDENT, WIDTH


def docstring(text: str, level: int = 1) -> list[str]:
    """The lines of a docstring, no wider than its code; none for a text without anything in it."""
    lines = [_escaped(line).rstrip() for line in inspect.cleandoc(text).split("\n")]
    if not any(lines):
        return []
    indent = INDENT * level
    lines = _wrapped(lines, WIDTH - len(indent))
    text = "\n".join(lines)
    if '"""' in text or text.startswith('"') or text.endswith('"'):
        lines = [line.replace('"', r"\"") for line in lines]
    if len(lines) == 1:
        return [f'{indent}"""{lines[0]}"""']
    return [f'{indent}"""{lines[0]}', *(f"{indent}{line}".rstrip() for line in lines[1:]), f'{indent}"""']


def _wrapped(lines: list[str], width: int) -> list[str]:
    """Lines of which none is wider: a paragraph with one that is too wide is filled anew."""
    quotes = len('"""')
    if len(lines) == 1 and len(lines[0]) + 2 * quotes <= width:
        return lines
    found: list[str] = []
    for is_text, paragraph in groupby(lines, key=_is_text):
        given = list(paragraph)
        first = quotes if not found else 0
        if len(given[0]) + first <= width and all(len(line) <= width for line in given):
            found += given
            continue
        for text in [" ".join(given)] if is_text else given:
            words = textwrap.wrap(
                f"{' ' * first}{text}", width, break_long_words=False, break_on_hyphens=False, replace_whitespace=False
            )
            found += [words[0][first:], *words[1:]] if words else [""]
            first = 0
    return found


def _is_text(line: str) -> bool:
    """Whether a line runs on into the next: it begins as a sentence does, or goes on with one."""
    return line[:1].isalnum() or line[:1] in ("`", "(")


def _escaped(line: str) -> str:
    """Backslashes doubled, and every character that does not print, or turns the reading direction, as an escape."""
    return "".join(_character(character) for character in line)


def _character(character: str) -> str:
    if character == "\\":
        return "\\\\"
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
