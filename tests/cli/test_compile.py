"""`netdsl compile` from the command line: what is printed, what is written, and what needs a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from netdsl.cli.main import run

SPEC = "net Small { input image: 3x8x8; conv 3x3 x4 -> relu; global_avgpool -> fc 2 }"


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "small.net"
    path.write_text(SPEC, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return path


@pytest.mark.parametrize("place", [[], ["-o", "-"]])
def test_source_is_printed_without_a_place(spec: Path, capsys: pytest.CaptureFixture[str], place: list[str]) -> None:
    assert run(["compile", str(spec), "-t", "pytorch", *place]) == 0
    assert "class Small(nn.Module):" in capsys.readouterr().out
    assert [path.name for path in spec.parent.iterdir()] == ["small.net"]


@pytest.mark.parametrize("target", ["onnx", "training"])
@pytest.mark.parametrize("place", [[], ["-o", "-"]])
def test_files_need_a_place(spec: Path, capsys: pytest.CaptureFixture[str], target: str, place: list[str]) -> None:
    assert run(["compile", str(spec), "-t", target, *place]) == 2
    assert "needs a place" in capsys.readouterr().err
    assert [path.name for path in spec.parent.iterdir()] == ["small.net"]


def test_source_is_written_where_it_is_asked_for(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compile", str(spec), "-t", "pytorch", "-o", "small.py"]) == 0
    assert (spec.parent / "small.py").read_text(encoding="utf-8").startswith("from os import PathLike")
    assert capsys.readouterr().out.startswith("small.py: Small, ")


@pytest.mark.parametrize("target", ["pytorch", "training"])
@pytest.mark.parametrize(
    "option",
    [
        ["--weights", "w.npz"],
        ["--match", "order"],
        ["--seed", "0"],
        ["--opset", "21"],
        ["--training-outputs"],
        ["--optimize"],
        ["--external", "w.safetensors"],
        ["--precision", "fp32"],
        ["--calibrate", "x.npz"],
        ["--keep-ends"],
    ],
    ids=lambda option: option[0],
)
def test_what_only_onnx_has_is_refused_elsewhere(
    spec: Path, capsys: pytest.CaptureFixture[str], target: str, option: list[str]
) -> None:
    assert run(["compile", str(spec), "-t", target, "-o", "out", *option]) == 2
    assert capsys.readouterr().err == f"netdsl: `{option[0]}` is for `--target onnx`\n"
    assert not (spec.parent / "out").exists()


@pytest.mark.parametrize("precision", [[], ["--precision", "fp16"]], ids=["fp32", "fp16"])
@pytest.mark.parametrize("option", [["--calibrate", "x.npz"], ["--keep-ends"]], ids=lambda option: option[0])
def test_what_only_eight_bits_have_is_refused_elsewhere(
    spec: Path, capsys: pytest.CaptureFixture[str], precision: list[str], option: list[str]
) -> None:
    assert run(["compile", str(spec), "-t", "onnx", "-o", "small.onnx", *precision, *option]) == 2
    assert capsys.readouterr().err == f"netdsl: `{option[0]}` is for `--precision int8`\n"
    assert not (spec.parent / "small.onnx").exists()
