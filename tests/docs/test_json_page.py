"""docs/json.md: every spec on the page gives, byte for byte of data, the JSON that follows it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from netdsl import resources
from netdsl.cli.main import run

DIFFERENCE = re.compile(r"the nets in\n`([a-z]+\.net)`,\n\n```net\n(.*?)```\n.*?```json\n(.*?)```", re.DOTALL)
EXAMPLE = re.compile(r"file `([a-z]+\.net)`,\n\n```net\n(.*?)```\n.*?```json\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize(("name", "spec", "expected"), EXAMPLE.findall(resources.read_text("docs", "json.md")))
def test_the_json_of_an_example(
    name: str,
    spec: str,
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(spec, encoding="utf-8")
    document = json.loads(expected)
    assert run(["check", name, "--output-format", "json"]) == int(bool(document["diagnostics"]))
    assert json.loads(capsys.readouterr().out) == document


def test_the_json_of_a_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ((name, spec, expected),) = DIFFERENCE.findall(resources.read_text("docs", "json.md"))
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(spec, encoding="utf-8")
    nets = re.findall(r"^net (\w+)", spec, re.MULTILINE)
    assert run(["diff", *(f"{name}:{net}" for net in nets), "--output-format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(expected)


def test_the_page_has_its_examples() -> None:
    assert [name for name, _, _ in EXAMPLE.findall(resources.read_text("docs", "json.md"))] == [
        "wrong.net",
        "small.net",
    ]
