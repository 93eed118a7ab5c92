"""`netdsl format`: specs to the same specs in the one style of docs/formatting.md, in place or as a difference."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from netdsl.cli.files import STANDARD_INPUT, UnreadableFileError, read_source
from netdsl.cli.terminal import is_terminal, print_lines
from netdsl.diagnostics.core import Diagnostics
from netdsl.diagnostics.render import GUTTER, HELP, PLAIN, STRONG, Line, full, plain_text, visible
from netdsl.files import write_text
from netdsl.source import Source
from netdsl.syntax.formatter import format_source
from netdsl.syntax.parser import parse

_DIFFERENCE_ROLES = {"+": HELP, "-": "error", "@": GUTTER}


def command(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Specs; `-` reads the standard input and prints the result."),
    ],
    *,
    check: Annotated[bool, typer.Option("--check", help="Change no file; print which ones would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Change no file; print what would change.")] = False,
) -> None:
    """Put specs into the one style: layout and columns change, the meaning and the comments do not.

    A file with a mistake in its syntax stays as it is, and the mistake is printed. The exit code is 0 if all is well,
    1 if a file has such a mistake or, with --check or --diff, would change, 2 if one cannot be read or written.
    """
    if STANDARD_INPUT in files and len(files) > 1:
        raise typer.BadParameter("the standard input, `-`, stands alone", param_hint="FILE...")
    raise typer.Exit(max(_format_file(path, check, diff) for path in files))


def _format_file(path: str, check: bool, diff: bool) -> int:
    try:
        source, old = _read(path)
    except UnreadableFileError as error:
        return _fail(str(error))
    new = format_source(source)
    if new is None:
        _print_mistakes(source)
        return 1
    if check or diff:
        return _compare(source.name, old, new, diff)
    if path == STANDARD_INPUT:
        sys.stdout.buffer.write(new.encode("utf-8"))
        return 0
    return 0 if new == old else _write(path, new)


def _read(path: str) -> tuple[Source, str]:
    """A spec, and its text with the byte-order mark that a source is without.

    A path leads to a file of the user's only: the specs that netdsl brings along are not there to be changed.
    """
    if path != STANDARD_INPUT and not Path(path).exists():
        raise UnreadableFileError(f"{path} does not exist")
    source = read_source(path)
    has_mark = path != STANDARD_INPUT and Path(path).read_bytes().startswith(b"\xef\xbb\xbf")
    return source, "\ufeff" + source.text if has_mark else source.text


def _compare(name: str, old: str, new: str, diff: bool) -> int:
    """Print a difference, or that there is one; the result is the exit code."""
    if new == old:
        return 0
    if diff:
        print_lines(_difference(name, old, new))
    else:
        print_lines([((f"would format {visible(name)}", PLAIN),)])
    return 1


def _difference(name: str, old: str, new: str) -> Iterator[Line]:
    """The lines of a unified difference, which `patch` can read where no terminal is in between."""
    from difflib import unified_diff
    from io import StringIO

    # Unlike str.splitlines, which would end a line at a form feed too.
    before, after = (list(StringIO(text, newline="\n")) for text in (old, new))
    for number, line in enumerate(unified_diff(before, after, name, name)):
        text = line.removesuffix("\n")
        role = STRONG if number < 2 else _DIFFERENCE_ROLES.get(line[0], PLAIN)
        yield ((visible(text) if is_terminal() else text, role),)
        if not line.endswith("\n"):
            yield (("\\ No newline at end of file", PLAIN),)


def _write(path: str, text: str) -> int:
    try:
        write_text(path, text)
    except OSError as error:
        return _fail(f"{path} cannot be written: {error.strerror}")
    print_lines([((f"formatted {visible(path)}", PLAIN),)])
    return 0


def _print_mistakes(source: Source) -> None:
    diagnostics = Diagnostics()
    parse(source, diagnostics)
    for diagnostic in diagnostics:
        print("\n".join(plain_text(line) for line in (*full(diagnostic), ())), file=sys.stderr)


def _fail(message: str) -> int:
    print(f"netdsl: {visible(message)}", file=sys.stderr)
    return 2
