"""Comments of a spec to docstrings: whatever they say, they stay text."""

from __future__ import annotations

import inspect

from netdsl.targets.pytorch.layout import INDENT


def docstring(text: str, level: int = 1) -> list[str]:
    """The lines of a docstring; none for a text without anything in it."""
    lines = [_escaped(line).rstrip() for line in inspect.cleandoc(text).split("\n")]
    if not any(lines):
        return []
    indent = INDENT * level
    text = "\n".join(lines)
    if '"""' in text or text.startswith('"') or text.endswith('"'):
        lines = [line.replace('"', r"\"") for line in lines]
    if len(lines) == 1:
        return [f'{indent}"""{lines[0]}"""']
    return [f'{indent}"""{lines[0]}', *(f"{indent}{line}".rstrip() for line in lines[1:]), f'{indent}"""']


def _escaped(line: str) -> str:
    """Backslashes doubled, and every character that does not print, or turns the reading direction, as an escape."""
    return "".join(_character(character) for character in line)


def _character(character: str) -> str:
    if character == "\\":
        return "\\\\"
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
