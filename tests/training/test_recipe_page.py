"""docs/training.md: every word of a recipe with its parameters, and examples that check."""

from __future__ import annotations

import re

import pytest

from netdsl import resources, training
from netdsl.compiler import check
from netdsl.ops.parameters import Parameter, parameters_of, show
from netdsl.source import Source
from tests.training.recipes import NEEDED, codes_of

PAGE = resources.read_text("docs", "training.md")
TITLES = {
    "loss": "Losses",
    "optimizer": "Optimisers",
    "schedule": "Schedules",
    "augment": "Augmentations",
    "evaluate": "Evaluations",
    "init": "Initialisations",
}
WORDS = [(line, word) for line, words in training.words().items() for word in words]
EVERY_WORD = pytest.mark.parametrize(("line", "word"), WORDS, ids=[f"{line}-{word}" for line, word in WORDS])
VALUES = {
    "int": "whole number",
    "float": "number",
    "bool": "`true` or `false`",
    "Sizes": "size",
    "tuple[int, ...]": "whole numbers",
    "tuple[float, ...]": "(from, to)",
}


def chapter(line: str) -> str:
    """The text below a heading of the second level."""
    return PAGE.partition(f"\n## {TITLES.get(line, 'Settings')}\n")[2].partition("\n## ")[0]


def section(line: str, word: str) -> str:
    return chapter(line).partition(f"\n### `{word}`\n")[2].partition("\n### ")[0]


def default(parameter: Parameter) -> str:
    """A default as the page shows it."""
    value = parameter.default
    if parameter.required or value is None:
        return "required" if parameter.required else "none"
    if isinstance(value, tuple):
        return f"`({', '.join(f'{number:.4g}' for number in value)})`"
    if isinstance(value, float):
        return f"`{value:g}`"
    return f"`{value if isinstance(value, str) else show(value)}`"


@EVERY_WORD
def test_every_parameter_is_in_the_table(line: str, word: str) -> None:
    kind = training.find(line, word)
    assert kind is not None
    rows = [re.split(r" *\| *", row)[1:-1] for row in section(line, word).splitlines() if row.startswith("| `")]
    assert rows == [
        [
            f"`{name}`",
            ", ".join(f"`{choice}`" for choice in parameter.choices) or VALUES[parameter.kind.removesuffix(" | None")],
            default(parameter),
            parameter.doc,
        ]
        for name, parameter in parameters_of(kind).items()
    ]


@EVERY_WORD
def test_a_word_is_described_by_its_class(line: str, word: str) -> None:
    kind = training.find(line, word)
    assert kind is not None
    assert kind.__doc__
    assert kind.line == line
    assert kind.__module__.endswith(training.words()[line][word])


@EVERY_WORD
def test_a_words_example_checks(line: str, word: str) -> None:
    kind = training.find(line, word)
    assert kind is not None
    other = {"loss": "optimizer sgd lr=0.1", "optimizer": "loss cross_entropy"}.get(line, NEEDED)
    size = 224 if "224" in kind.example else 32
    body = f"input image: 3x{size}x{size}\n    conv 3x3 x3 pad=1"
    if "target=example" not in kind.example:
        body += " -> global_avgpool -> flatten -> fc 5"
    assert codes_of(f"{other}; epochs 100; batch 128; {kind.example}".replace("batch 128; batch", "batch"), body) == (
        ["E505"] if line == "epochs" else []
    )


def test_the_page_has_every_word_and_no_other() -> None:
    headings = re.compile(r"^### `(\w+)`$", re.MULTILINE)
    shown = {(line, word) for line in (*TITLES, "") for word in headings.findall(chapter(line))}
    assert shown == {(line if line in TITLES else "", word) for line, word in WORDS}


@pytest.mark.parametrize("example", re.findall(r"^```net\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
def test_the_examples_check(example: str) -> None:
    assert [str(found) for found in check(Source("training.md", example)).diagnostics] == []


def test_the_pages_table_of_contents_leads_to_its_chapters() -> None:
    assert re.findall(r"^\d\. \[(\w+)\]", PAGE, re.MULTILINE) == re.findall(r"^## (\w+)$", PAGE, re.MULTILINE)
