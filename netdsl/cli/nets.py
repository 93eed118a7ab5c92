"""What `compile`, `run`, `verify` and their like share: a checked net from the command line, and ways to fail."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import typer

from netdsl.api import Net, NetdslError, Specification
from netdsl.cli import options
from netdsl.cli.files import UnreadableFileError, library_for, read_source
from netdsl.cli.further import further_operations
from netdsl.compiler import check
from netdsl.diagnostics.core import Diagnostic
from netdsl.diagnostics.render import full, plain_text

SPEC_IS_WRONG = 1
CANNOT_BE_DONE = 2

_MOST_SHOWN = 10
_NO_MEMORY = "there is not enough memory; a smaller batch, or smaller sizes, need less"
# PyTorch has no type of its own for it on the CPU.
_NO_MEMORY_SIGNS = ("can't allocate memory", "not enough memory", "out of memory")


def specification(
    file: str,
    net: str | None,
    settings: list[str] | None,
    sizes: list[str] | None,
    folders: list[Path] | None,
    ops: list[Path] | None = None,
) -> Specification:
    """The file, checked; diagnostics go to the error stream, and with errors the command ends."""
    try:
        source = read_source(file)
    except UnreadableFileError as error:
        fail(str(error))
    program = check(
        source,
        net=net,
        settings=options.settings(settings),
        sizes=options.sizes(sizes),
        library=library_for(file, folders or []),
        operations=further_operations(ops),
    )
    show(program.diagnostics)
    if program.has_errors:
        raise typer.Exit(SPEC_IS_WRONG)
    return Specification(program)


def one_net(found: Specification, file: str) -> Net:
    """The only net of a file, or of several the one that is named like the file."""
    nets = found.nets
    if len(nets) == 1:
        return nets[0]
    stem = Path(file).stem.lower().replace("_", "")
    named = [net for net in nets if net.name.lower().replace("_", "") == stem]
    if len(named) != 1:
        fail(f"{file} holds {len(nets)} nets; name one with --net: {', '.join(net.name for net in nets)}")
    print(f"netdsl: {file} holds {len(nets)} nets; taking {named[0].name} (--net NAME)", file=sys.stderr)
    return named[0]


def show(diagnostics: Iterable[Diagnostic]) -> None:
    """Print diagnostics in full to the error stream."""
    for diagnostic in diagnostics:
        print("\n".join(plain_text(line) for line in full(diagnostic)), file=sys.stderr)


def show_first(diagnostics: Sequence[Diagnostic]) -> None:
    """Print the first of many diagnostics, which one mistake can cause, and how many there are more."""
    show(diagnostics[:_MOST_SHOWN])
    if len(diagnostics) > _MOST_SHOWN:
        print(f"… and {len(diagnostics) - _MOST_SHOWN:,} more", file=sys.stderr)


def fail(message: str, code: int = CANNOT_BE_DONE) -> NoReturn:
    """End the command with a message on the error stream."""
    print(f"netdsl: {message}", file=sys.stderr)
    raise typer.Exit(code)


@contextmanager
def failures() -> Iterator[None]:
    """Turns what a user can cause further on into messages: weights that do not fit, files, runtimes."""
    from netdsl.pictures import PictureRefused
    from netdsl.runtime import ModelRefused, RuntimeUnavailable

    try:
        yield
    except NetdslError as error:
        show_first(error.diagnostics)
        raise typer.Exit(SPEC_IS_WRONG) from None
    except (PictureRefused, RuntimeUnavailable, ModelRefused) as error:
        fail(str(error))
    except (MemoryError, RuntimeError) as error:
        if not _is_lack_of_memory(error):
            raise
        fail(_NO_MEMORY)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except ValueError as error:
        fail(str(error))
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        fail("PyTorch is not installed: `pip install netdsl[torch]`")


def _is_lack_of_memory(error: MemoryError | RuntimeError) -> bool:
    return isinstance(error, MemoryError) or any(sign in str(error) for sign in _NO_MEMORY_SIGNS)
