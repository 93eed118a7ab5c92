"""`netdsl format`: files in place, differences, the standard input, and what stays untouched."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine

LOOSE = "net A{\n  relu ;bn}"
TIDY = "net A {\n    relu\n    bn\n}\n"


@pytest.fixture
def loose(folder: Path) -> Path:
    path = folder / "loose.net"
    path.write_bytes(LOOSE.encode())
    return path


def test_a_file_is_rewritten(netdsl: CommandLine, loose: Path) -> None:
    assert netdsl("format", "loose.net", "clean.net") == (0, "formatted loose.net\n", "")
    assert loose.read_bytes() == TIDY.encode()
    assert netdsl("format", "loose.net") == (0, "", "")


def test_a_file_in_the_style_is_not_written(netdsl: CommandLine, folder: Path) -> None:
    before = (folder / "clean.net").stat().st_mtime_ns, (folder / "clean.net").stat().st_ino
    assert netdsl("format", "clean.net").code == 0
    assert before == ((folder / "clean.net").stat().st_mtime_ns, (folder / "clean.net").stat().st_ino)


@pytest.mark.parametrize("text", [TIDY.replace("\n", "\r\n"), "\ufeff" + TIDY])
def test_line_ends_and_byte_order_marks_count(netdsl: CommandLine, folder: Path, text: str) -> None:
    (folder / "a.net").write_bytes(text.encode())
    assert netdsl("format", "--check", "a.net") == (1, "would format a.net\n", "")
    assert netdsl("format", "a.net").code == 0
    assert (folder / "a.net").read_bytes() == TIDY.encode()


def test_check_names_what_would_change(netdsl: CommandLine, loose: Path) -> None:
    assert netdsl("format", "--check", "clean.net", "loose.net") == (1, "would format loose.net\n", "")
    assert loose.read_text() == LOOSE
    assert netdsl("format", "--check", "clean.net") == (0, "", "")


def test_a_difference_is_printed(netdsl: CommandLine, loose: Path) -> None:
    difference = (
        "--- loose.net\n+++ loose.net\n@@ -1,2 +1,4 @@\n-net A{\n-  relu ;bn}\n\\ No newline at end of file\n"
        "+net A {\n+    relu\n+    bn\n+}\n"
    )
    assert netdsl("format", "--diff", "loose.net", "clean.net") == (1, difference, "")
    assert loose.read_text() == LOOSE


def test_a_difference_has_lines_where_the_file_has_them(netdsl: CommandLine, folder: Path) -> None:
    (folder / "a.net").write_bytes(b"let  a = 1\nlet b = 2  # \x0c\xe2\x80\xa8 odd\n")
    assert netdsl("format", "--diff", "a.net").out == (
        "--- a.net\n+++ a.net\n@@ -1,2 +1,2 @@\n-let  a = 1\n+let a = 1\n let b = 2  # \x0c\u2028 odd\n"
    )


def test_a_file_with_a_mistake_is_not_touched(netdsl: CommandLine, loose: Path, folder: Path) -> None:
    (folder / "broken.net").write_text("net A { relu  relu2 -> }\n")
    for options in ([], ["--check"], ["--diff"]):
        code, _, err = netdsl("format", *options, "broken.net")
        assert code == 1
        assert "error[E001 unexpected-token]: `}` cannot stand here, behind `->`\n --> broken.net:1:24" in err
    assert (folder / "broken.net").read_text() == "net A { relu  relu2 -> }\n"
    assert netdsl("format", "broken.net", "loose.net")[:2] == (1, "formatted loose.net\n")
    assert loose.read_text() == TIDY


def test_the_standard_input(netdsl: CommandLine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def call(text: str, *options: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        return netdsl("format", "-", *options)

    assert call(LOOSE) == (0, TIDY, "")
    assert call(TIDY) == (0, TIDY, "")
    assert call(TIDY, "--check") == (0, "", "")
    assert call(LOOSE, "--check") == (1, "would format <stdin>\n", "")
    code, out, err = call("net A {")
    assert (code, out) == (1, "")
    assert "<stdin>:1:7" in err


def test_the_standard_input_stands_alone(netdsl: CommandLine, loose: Path) -> None:
    code, _, err = netdsl("format", "-", "loose.net")
    assert code == 2
    assert "stands alone" in err
    assert loose.read_text() == LOOSE


def test_files_that_cannot_be_read(netdsl: CommandLine, loose: Path, folder: Path) -> None:
    (folder / "latin.net").write_bytes(b"# caf\xe9\n")
    code, out, err = netdsl("format", "missing.net", ".", "latin.net", "specs/alexnet.net", "loose.net")
    assert (code, out) == (2, "formatted loose.net\n")
    assert err.splitlines() == [
        "netdsl: missing.net does not exist",
        "netdsl: . is a folder, not a spec",
        "netdsl: latin.net is not UTF-8 text: see byte 6, on line 1",
        "netdsl: specs/alexnet.net does not exist",
    ]


def test_a_file_that_cannot_be_written(netdsl: CommandLine, loose: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(path: str, text: str) -> None:
        raise OSError(28, "No space left on device", path)

    monkeypatch.setattr("netdsl.cli.format.write_text", full_disk)
    assert netdsl("format", "loose.net") == (2, "", "netdsl: loose.net cannot be written: No space left on device\n")
