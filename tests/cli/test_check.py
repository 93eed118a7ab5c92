"""`netdsl check`: tables, totals, diagnostics, and exit codes."""

from __future__ import annotations

import io
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from netdsl.analysis.report import CONVENTION

DEFAULT_HEADINGS = ["layer", "operation", "output", "parameters", "MACs", "share of MACs"]


def table(text: str) -> list[list[str]]:
    """The cells of the first table in a text: headings, layers, totals."""
    lines = text.splitlines()
    rules = [row for row, line in enumerate(lines) if line and not line.strip("-")]
    rows = [lines[rules[0] - 1], *lines[rules[0] + 1 : rules[1]], lines[rules[1] + 1]]
    return [re.split(r"  +", row.strip()) for row in rows]


def test_a_clean_spec(netdsl) -> None:
    code, out, err = netdsl("check", "clean.net")
    assert (code, err) == (0, "")
    assert out.startswith("Digits  clean.net:1\nimage 1x28x28 -> output 10\n" + CONVENTION)
    assert table(out) == [
        DEFAULT_HEADINGS,
        ["conv1", "conv", "6x28x28", "156", "117,600", "90.9%"],
        ["relu1", "relu", "6x28x28"],
        ["maxpool1", "maxpool", "6x14x14"],
        ["flatten1", "flatten", "1176"],
        ["fc1", "fc", "10", "11,770", "11,760", "9.1%"],
        ["total", "11,926", "129,360"],
    ]
    assert "parameters  11,926 (11,926 trainable); 47,704 bytes\n" in out
    assert "MACs        129,360\nFLOPs       258,720\nactivations 4,714\n" in out


def test_numbers_stand_to_the_right(netdsl) -> None:
    lines = netdsl("check", "clean.net").out.splitlines()
    numbers = [line for line in lines if "156" in line or "11,770" in line or line.startswith("total")]
    ends = {line.index(number) + len(number) for line, number in zip(numbers, ("156", "11,770", "11,926"), strict=True)}
    assert len(ends) == 1


def test_settings_and_sizes(netdsl, folder: Path) -> None:
    assert "-> output 7\n" in netdsl("check", "clean.net", "--set", "classes=7").out
    (folder / "open.net").write_text("net Open { input image: 3xHxW; conv 3x3 x8 }\n")
    text = netdsl("check", "open.net").out
    assert "image 3xHxW -> output (8, H - 2, W - 2)\nholds where H >= 3, W >= 3\n" in text
    assert "216*H*W" in text
    assert "-> output 8x30x62\n" in netdsl("check", "open.net", "--size", "H=32,W=64").out
    assert "-> output 8x30x62\n" in netdsl("check", "open.net", "--size", "H=32", "--size", "W=64").out


@pytest.mark.parametrize(
    "arguments",
    [
        ("--set", "classes"),
        ("--set", "=10"),
        ("--size", "H=0"),
        ("--size", "H=many"),
        ("--size", "H"),
        ("--batch", "0"),
        ("--columns", "inputs"),
        ("--output-format", "xml"),
        ("--unknown",),
    ],
)
def test_a_wrong_option_is_a_usage_error(netdsl, arguments: tuple[str, ...]) -> None:
    code, out, err = netdsl("check", "clean.net", *arguments)
    assert (code, out) == (2, "")
    assert "Usage: netdsl check" in err


def test_a_misspelt_column_gets_the_nearest(netdsl) -> None:
    assert "did you mean input?" in netdsl("check", "clean.net", "--columns", "inputs").err


def test_one_net_of_several(netdsl, folder: Path) -> None:
    (folder / "two.net").write_text("net A { input v: 4; fc 2 }\nnet B { input v: 4; fc 3 }\n")
    assert netdsl("check", "two.net").out.count("two.net:") == 2
    out = netdsl("check", "two.net", "--net", "B").out
    assert out.startswith("B  two.net:2\n")
    assert "A  two.net" not in out
    code, out, _ = netdsl("check", "two.net", "--net", "C")
    assert code == 1
    assert "error[E110 no-such-net]: there is no net named `C`" in out


def test_a_batch_multiplies_costs(netdsl) -> None:
    out = netdsl("check", "clean.net", "--batch", "8", "--columns", "activations,memory").out
    assert "those of a batch of 8\n" in out
    rows = table(out)
    assert rows[0] == [*DEFAULT_HEADINGS, "activations", "memory (bytes)"]
    assert rows[1] == ["conv1", "conv", "6x28x28", "156", "940,800", "90.9%", "37,632", "150,528"]
    assert rows[-1] == ["total", "11,926", "1,034,880"]
    assert "MACs        1,034,880\n" in out


def test_further_columns(netdsl) -> None:
    rows = table(netdsl("check", "clean.net", "--columns", "input,receptive_field,line,written").out)
    further = ["input", "receptive field", "field stride", "field offset", "line", "written"]
    assert rows[0] == [*DEFAULT_HEADINGS, *further]
    assert rows[1][6:] == ["1x28x28", "5x5", "1x1", "(-2, -2)", "3", "conv 5x5 x6 pad=2"]
    assert rows[3][3:] == ["6x28x28", "6x6", "2x2", "(-2, -2)", "3", "maxpool 2x2"]
    assert rows[5][6:] == ["1176", "global", "5", "fc classes"]
    every = table(netdsl("check", "clean.net", "--columns", "all").out)[0]
    assert every == [*DEFAULT_HEADINGS, *further[:4], "activations", "memory (bytes)", *further[4:]]


def test_training_outputs_and_buffers_are_listed(netdsl, folder: Path) -> None:
    text = "net T { input i: 3x8x8; conv 1x1 x4 bias=false -> bn as low; low -> flatten -> fc 2 as main; "
    text += "low -> flatten -> fc 3 as aux; output main; training output aux }\n"
    (folder / "training.net").write_text(text)
    code, out, _ = netdsl("check", "training.net")
    assert code == 0
    assert "i 3x8x8 -> main 2\nin training also -> aux 3\n" in out
    assert "fc (training)" in out
    assert "(534 trainable), and 8 numbers in buffers" in out


def test_with_an_error_the_table_is_printed_up_to_it(netdsl) -> None:
    code, out, err = netdsl("check", "wrong.net")
    assert (code, err) == (1, "")
    assert table(out)[1][:3] == ["conv1", "conv", "4x6x6"]
    assert "Twice has mistakes: the layers behind them are left out" in out
    assert "relu1" not in out
    assert out.endswith("\n1 error\n")


def test_warnings_leave_the_exit_code_alone(netdsl, folder: Path) -> None:
    (folder / "warned.net").write_text("net W { input i: 3x224x224; conv 11x11/4 x96 }\n")
    code, out, _ = netdsl("check", "warned.net")
    assert code == 0
    assert "(224 - 11) / 4 + 1 = 54.25" in out
    assert "an input of 227x227 comes out even" in out
    assert out.endswith("\n1 warning\n")


def test_several_files(netdsl) -> None:
    code, out, _ = netdsl("check", "clean.net", "wrong.net", "--output-format", "concise")
    assert code == 1
    assert [line.split(":")[0] for line in out.splitlines()] == ["clean.net", "wrong.net", "wrong.net"]


def test_concise(netdsl) -> None:
    assert netdsl("check", "clean.net", "--output-format", "concise").out == (
        "clean.net:1: Digits -> 10: 11,926 parameters, 129,360 MACs\n"
    )
    assert netdsl("check", "wrong.net", "--output-format", "concise").out == (
        "wrong.net:2:22: error[E205] 2 groups do not divide the 5 output channels "
        "(`x4` or `x6` can be split by 2; 5 channels allow groups of 1, 5)\nwrong.net:5: Twice has mistakes\n"
    )


def test_the_standard_input(netdsl, monkeypatch: pytest.MonkeyPatch) -> None:
    data = io.BytesIO(b"net S { input v: 4; fc 2 }")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=data))
    code, out, _ = netdsl("check", "-", "--output-format", "concise")
    assert (code, out) == (0, "<stdin>:1: S -> 2: 10 parameters, 8 MACs\n")


def test_use_finds_files_in_included_folders(netdsl, folder: Path) -> None:
    shelf = folder / "shelf"
    shelf.mkdir()
    (shelf / "units.net").write_text("block unit { fc 3 -> relu }\n")
    (folder / "user.net").write_text('use unit from "units.net"\nnet U { input v: 4; unit }\n')
    assert "E111" in netdsl("check", "user.net").out
    assert netdsl("check", "user.net", "-I", "shelf").code == 0
    assert netdsl("check", "user.net", "-I", "nowhere").code == 2


def test_use_reaches_beside_a_spec_in_another_folder(netdsl, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "units.net").write_text("block unit { fc 3 -> relu }\n")
    (elsewhere / "user.net").write_text('use unit from "units.net"\nnet U { input v: 4; unit }\n')
    assert netdsl("check", str(elsewhere / "user.net")).code == 0


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("none.net", None, "none.net does not exist"),
        (".", None, ". is a folder, not a spec"),
        ("latin.net", b"# ok\nnet \xe9 {}\n", "latin.net is not UTF-8 text: see byte 10, on line 2"),
        ("large.net", b"#" * 16_000_001, "large.net is too large: a spec has at most 16,000,000 bytes"),
    ],
)
def test_a_file_that_cannot_be_read(netdsl, folder: Path, name: str, data: bytes | None, message: str) -> None:
    if data is not None:
        (folder / name).write_bytes(data)
    code, out, err = netdsl("check", name, "clean.net", "--output-format", "concise")
    assert (code, err) == (2, f"netdsl: {message}\n")
    assert out.startswith("clean.net:1: Digits")


def test_a_byte_order_mark_and_crlf(netdsl, folder: Path) -> None:
    (folder / "windows.net").write_bytes(b"\xef\xbb\xbfnet W {\r\n    input v: 4\r\n    fc 2 bais=true\r\n}\r\n")
    out = netdsl("check", "windows.net", "--output-format", "concise").out
    assert out.startswith("windows.net:3:10: error[E301]")


def test_an_empty_file_is_one_clear_diagnostic(netdsl, folder: Path) -> None:
    (folder / "empty.net").write_bytes(b"")
    code, out, _ = netdsl("check", "empty.net")
    assert code == 1
    assert out == (
        "error[E110 no-such-net]: the file holds no net\n --> empty.net:1:1\n"
        "  = help: write one: `net Small { … }`\n\n1 error\n"
    )
