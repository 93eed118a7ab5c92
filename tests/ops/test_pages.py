"""The pages of the operations: each has all operations of its family with their parameters, and a net that compiles."""

from __future__ import annotations

import re

import pytest

import netdsl
from netdsl.compiler import check
from netdsl.ops import operations
from netdsl.ops.parameters import parameters_of, show
from netdsl.resources import path
from netdsl.source import Source

PAGES = sorted(page.stem for page in path("docs", "ops").glob("*.md"))


def page_of(word: str) -> str:
    family = operations()[word].__module__.rpartition(".")[2]
    return path("docs", "ops", f"{family}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", sorted(operations()))
def test_every_parameter_is_in_the_table(word: str) -> None:
    section = page_of(word).partition(f"\n## `{word}`\n")[2].partition("\n## ")[0]
    rows = [re.split(r" *\| *", line)[1:-1] for line in section.splitlines() if line.startswith("| `")]
    shown = {row[0].strip("`"): (row[2].strip("`"), row[3]) for row in rows}
    assert shown == {
        name: ("required" if parameter.required else default(name, parameter.default), parameter.doc)
        for name, parameter in parameters_of(operations()[word]).items()
    }
    assert rows or "It has no parameters." in section


def default(name: str, value: object) -> str:
    """A default as a page shows it; some hang on another parameter or on the input."""
    if value is None:
        return {
            "stride": "the kernel",
            "offset": "half of the rest",
            "stop": "the end",
            "length": "the length of the input",
            "padding": "no index",
        }[name]
    return value if isinstance(value, str) else show(value)


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_compile(page: str) -> None:
    text = path("docs", "ops", f"{page}.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```net\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert examples
    for example in examples:
        assert "::" in example
        program = check(Source(f"{page}.md", example))
        assert [str(found) for found in program.diagnostics] == []
        assert program.nets


@pytest.mark.parametrize("page", PAGES)
def test_both_targets_agree_on_the_examples(page: str) -> None:
    text = path("docs", "ops", f"{page}.md").read_text(encoding="utf-8")
    for example in re.findall(r"^```net\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        assert netdsl.parse(example).only().verify().agrees
