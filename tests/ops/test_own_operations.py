"""Operations from a user's own Python file: the page's example from beginning to end, and files that cannot be used."""

from __future__ import annotations

import re
from contextlib import chdir
from pathlib import Path

import pytest

import netdsl
from netdsl import resources
from netdsl.cli.main import run
from netdsl.ops.contract import Operation, operation
from netdsl.ops.further import OperationsRefusedError, load_operations
from netdsl.ops.lowering import OnnxRecorder, TorchExpression

PAGE = resources.read_text("docs", "own_operations.md")
FENCE = re.compile(r"`(\w+\.\w+)`[^`\n]*(?:\n[^`\n]*)*:\n\n```[\w-]+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = dict(FENCE.findall(PAGE))
    assert sorted(files) == ["audio.net", "gain_module.py", "snake.py"]
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_pages_commands_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commands = re.findall(r"^netdsl (.+)$", PAGE, re.MULTILINE)
    assert len(commands) == 2
    with chdir(folder):
        for line in commands:
            assert run(line.split()) == 0, capsys.readouterr().err


def test_both_targets_know_it(folder: Path) -> None:
    net = netdsl.load(folder / "audio.net", operations=[folder / "snake.py"])["Audio"]
    operators = {node.op_type for node in net.onnx().graph.node}
    assert {"Sin", "Mul"} <= operators
    source = net.pytorch()
    assert "class Gain(nn.Module):" in source
    assert "self.gain1 = Gain(0.5)" in source
    assert "torch.sin(2.0 * x)" in source
    assert net.verify().agrees


def test_its_parameters_are_checked_like_all_others(folder: Path) -> None:
    text = (folder / "audio.net").read_text(encoding="utf-8").replace("snake 2", "snake -1").replace("start", "strat")
    program = netdsl.parse(text, operations=[folder / "snake.py"])
    assert [found.fact.code for found in program.diagnostics] == ["E303", "E301"]


def test_a_spec_cannot_hide_it(folder: Path) -> None:
    text = "block snake() { relu }\n" + (folder / "audio.net").read_text(encoding="utf-8")
    program = netdsl.parse(text, operations=[folder / "snake.py"])
    errors = [found for found in program.diagnostics if found.fact.is_error]
    assert [found.fact.code for found in errors] == ["E103"]
    assert errors[0].related[0].span.source.name.endswith("snake.py")


def test_without_the_file_its_words_are_unknown(folder: Path) -> None:
    program = netdsl.parse((folder / "audio.net").read_text(encoding="utf-8"))
    assert {found.fact.code for found in program.diagnostics} == {"E101"}


@operation
class Halve(Operation):
    """Half of everything."""

    word = "halve"

    def infer(self, *inputs):
        return inputs[0]

    def onnx(self, graph: OnnxRecorder, at):
        return graph.node("Div", graph.x, graph.scalar(2.0))

    def pytorch(self, at):
        return TorchExpression("{0} / 2")


def test_a_class_serves_as_well_as_a_file() -> None:
    net = netdsl.parse("net Half { input image: 3x8x8; halve }", operations=[Halve])["Half"]
    assert net.verify().agrees


BEGINNING = """
from netdsl.ops.contract import Operation, operation, parameter

@operation
class Own(Operation):
    word = "own"
    def infer(self, x): return x
    def onnx(self, graph, at): return graph.node("Abs", graph.x)
    def pytorch(self, at): return None
"""


@pytest.mark.parametrize(
    ("text", "row", "reason"),
    [
        ("x = 1\n", 1, "defines no operation"),
        ("x = 1\nclass (:\n", 2, "is no Python"),
        ("import os\n\nraise ValueError('not today')\n", 3, "cannot be run: ValueError: not today"),
        (BEGINNING.replace('"own"', '"conv"'), 5, "`conv`, which is the word of another operation"),
        (BEGINNING.replace('"own"', '"Own-1"'), 5, "a word is of small letters"),
        (BEGINNING.replace("def onnx", "def omnx"), 5, "leaves out the facet `onnx`"),
        (BEGINNING.replace("@operation", ""), 5, "does not decorate `Own`"),
        (
            BEGINNING.replace('"own"', '"own"\n    a: complex = parameter(1, doc="a")'),
            5,
            "a kind that the language has",
        ),
        (BEGINNING.replace('"own"', '"own"\n    a: int = 1'), 5, "without `parameter(…)`"),
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_where(tmp_path: Path, text: str, row: int, reason: str) -> None:
    path = tmp_path / "own.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OperationsRefusedError) as refused:
        load_operations([path])
    assert refused.value.diagnostic.span.row == row
    assert reason in refused.value.diagnostic.message


def test_a_missing_file_is_a_diagnostic(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "half.net").write_text("net Half { input image: 3x8x8; halve }")
    assert run(["check", str(tmp_path / "half.net"), "--ops", str(tmp_path / "missing.py")]) == 2
    assert "error[E115 operations-unusable]" in capsys.readouterr().err


def test_a_facet_that_fails_is_told_by_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own.py").write_text(BEGINNING.replace("return x", "return 1 / 0"))
    (tmp_path / "own.net").write_text("net Own { input image: 3x8x8; own }")
    assert run(["check", str(tmp_path / "own.net"), "--ops", str(tmp_path / "own.py")]) == 2
    said = capsys.readouterr().err
    assert "own.py:7: ZeroDivisionError" in said
    assert "internal error" not in said
