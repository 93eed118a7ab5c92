"""Every whole number that a net of specs/ offers can be another one: what the spec asserts follows it."""

from __future__ import annotations

from pathlib import Path

import pytest

import netdsl
from netdsl import resources
from netdsl.diagnostics.core import Diagnostics
from netdsl.diagnostics.shapes import ShapeAssertionFails
from netdsl.source import Source
from netdsl.syntax import ast
from netdsl.syntax.parser import parse


def offered() -> list[tuple[Path, str, str, int]]:
    """The parameters of all nets, with halves of their numbers."""
    found: list[tuple[Path, str, str, int]] = []
    for path in sorted(resources.path("specs").glob("*.net")):
        items = parse(Source(path.name, path.read_text(encoding="utf-8")), Diagnostics()).items
        for net in (item for item in items if isinstance(item, ast.Net)):
            numbers = [(each.name.text, each.default) for each in net.parameters]
            found += [
                (path, net.name.text, word, number.value // 2)
                for word, number in numbers
                if isinstance(number, ast.Number) and type(number.value) is int and number.value > 1
            ]
    return found


@pytest.mark.parametrize(("path", "net", "word", "half"), offered(), ids=lambda each: getattr(each, "stem", str(each)))
def test_half_of_a_parameter_breaks_no_assertion(path: Path, net: str, word: str, half: int) -> None:
    specification = netdsl.load(path, net=net, settings={word: str(half)})

    assert specification[net].graph.parameters[word] == half
    assert [each for each in specification.diagnostics if isinstance(each.fact, ShapeAssertionFails)] == []
