"""The process `netdsl`: exit codes at the edges, terminals, pipes, and what an import costs."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "netdsl"]


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "NETDSL_TRACEBACK")}
    return kept | {"PYTHONPATH": str(CHECKOUT)} | changes


def process(*arguments: str, code: str | None = None, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run netdsl, or Python code, as a process of its own in the working folder."""
    command = COMMAND if code is None else [sys.executable, "-c", code]
    return subprocess.run(
        [*command, *arguments], capture_output=True, text=True, env=environment(**changes), check=False
    )


def on_terminal(*arguments: str, **changes: str) -> str:
    """What a terminal of 100 columns receives."""
    reader, writer = pty.openpty()
    settings = environment(**{"TERM": "xterm-256color", "COLUMNS": "100", **changes})
    child = subprocess.Popen([*COMMAND, *arguments], stdout=writer, env=settings)
    os.close(writer)
    received = b""
    while True:
        try:
            piece = os.read(reader, 65536)
        except OSError:
            piece = b""
        if not piece:
            break
        received += piece
    os.close(reader)
    child.wait()
    return received.decode()


def test_help_names_every_command(netdsl) -> None:
    code, out, _ = netdsl("--help")
    assert code == 0
    for word in ("check", "explain", "compile", "run", "verify", "doctor"):
        assert f"\n  {word} " in out


@pytest.mark.parametrize("word", ["check", "explain", "compile", "run", "verify", "doctor"])
def test_every_command_has_help(netdsl, word: str) -> None:
    code, out, _ = netdsl(word, "-h")
    assert code == 0
    assert out.startswith(f"Usage: netdsl {word}")


def test_a_misspelt_command_gets_the_nearest(netdsl) -> None:
    code, out, err = netdsl("chekc")
    assert (code, out) == (2, "")
    assert "Did you mean 'check'?" in err


def test_no_command_is_a_usage_error(netdsl) -> None:
    assert netdsl().code == 2


def test_version(netdsl) -> None:
    code, out, _ = netdsl("--version")
    assert code == 0
    assert out.startswith("netdsl ")


def test_an_internal_error_is_short_and_asks_for_a_report(folder: Path) -> None:
    broken = (
        "import sys; from netdsl.cli import main; from netdsl.cli import check; sys.argv[0] = 'netdsl'\n"
        "def fail(*_, **__): raise ZeroDivisionError('of all things')\n"
        "check.check = fail; sys.exit(main.main())"
    )
    short = process("check", "clean.net", code=broken)
    assert (short.returncode, short.stdout) == (101, "")
    assert short.stderr.startswith("netdsl: internal error: ZeroDivisionError: of all things\n")
    assert "please report" in short.stderr
    assert "Traceback" not in short.stderr
    long = process("check", "clean.net", code=broken, NETDSL_TRACEBACK="1")
    assert long.returncode == 101
    assert "Traceback (most recent call last)" in long.stderr


def test_an_interrupt_ends_with_130_and_without_a_word(folder: Path) -> None:
    interrupted = (
        "import os, signal, sys; from netdsl.cli import main; from netdsl.cli import check; sys.argv[0] = 'netdsl'\n"
        # Whoever runs the tests in the background may have told their children to ignore interrupts.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "check.check = lambda *_, **__: os.kill(os.getpid(), signal.SIGINT); sys.exit(main.main())"
    )
    done = process("check", "clean.net", code=interrupted)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    lines = "".join(f"    fc {100 + row}\n" for row in range(4_000))
    (folder / "long.net").write_text(f"net Long {{\n    input v: 4\n{lines}}}\n", encoding="utf-8")
    pipe = subprocess.PIPE
    child = subprocess.Popen([*COMMAND, "check", "long.net"], stdout=pipe, stderr=pipe, env=environment())
    assert child.stdout is not None
    assert child.stderr is not None
    assert child.stdout.readline() == b"Long  long.net:1\n"
    child.stdout.close()
    assert child.stderr.read() == b""
    assert child.wait() in (0, 1)


def test_output_that_the_terminal_cannot_encode(folder: Path) -> None:
    (folder / "empty.net").write_bytes(b"")
    done = process("check", "empty.net", PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert r"help: write one: `net Small { \u2026 }`" in done.stdout


def test_a_terminal_gets_colours_and_its_own_table(folder: Path) -> None:
    text = on_terminal("check", "wrong.net")
    assert "\x1b[1;31merror[E205 groups-do-not-divide]" in text
    assert "─" in text
    assert "112" in text


def test_no_color_is_minded(folder: Path) -> None:
    text = on_terminal("check", "wrong.net", NO_COLOR="1")
    assert "\x1b[31m" not in text
    assert "\x1b[1;31m" not in text
    assert "error[E205 groups-do-not-divide]" in text


def test_a_narrow_terminal_loses_no_number(folder: Path) -> None:
    text = on_terminal("check", "clean.net", COLUMNS="60")
    assert max(map(len, text.splitlines())) < 200
    assert "".join(text.split()).count("117,600") == 1


def test_check_imports_nothing_that_it_does_not_need(folder: Path) -> None:
    heavy = ("numpy", "onnx", "onnxruntime", "torch", "jinja2", "rich", "safetensors", "PIL", "netdsl.targets.onnx")
    code = f"""
import sys
from netdsl.cli.main import run
for form in ("full", "concise", "json"):
    assert run(["check", "clean.net", "--output-format", form]) == 0
found = [name for name in {heavy!r} if name in sys.modules]
assert not found, found
"""
    done = process(code=code)
    assert (done.returncode, done.stderr) == (0, "")
