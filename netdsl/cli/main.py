"""The command `netdsl`: arguments to the one command that they name, and whatever goes wrong to an exit code.

Every command stands in a module of its own here, which has a function `command` with typer's annotations. It is
imported when it is called, so that `netdsl check` does not pay for what the others need.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

COMMANDS = (
    "check",
    "explain",
    "compile",
    "train",
    "run",
    "eval",
    "verify",
    "format",
    "diff",
    "zoo",
    "weights",
    "doctor",
)

USAGE_ERROR = 2
INTERRUPTED = 130
INTERNAL_ERROR = 101

_SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class LazyCommands(TyperGroup):
    """A group that imports a command's module when the command is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        # An unknown word asks for all of them: the message names the nearest.
        for name in (cmd_name,) if cmd_name in COMMANDS else COMMANDS:
            if name not in self.commands:
                self.add_command(_command(name), name)
        return super().get_command(ctx, cmd_name)


def _command(name: str) -> Any:
    application = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    module = import_module(f"netdsl.cli.{name}")
    settings = _SETTINGS | getattr(module, "CONTEXT", {})
    application.command(name, context_settings=settings)(module.command)
    return get_command(application)


app = typer.Typer(
    cls=LazyCommands,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings=_SETTINGS,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"netdsl {version('netdsl')}")
        except PackageNotFoundError:
            print("netdsl (a checkout that is not installed)")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """The compiler for neural nets that are written like the table in the paper.

    A spec (FILE.net) is checked, reported, and compiled to ONNX or PyTorch.
    """


def main() -> int:
    """Run the command that the arguments name; the result is the exit code.

    0: all is well; 1: the spec has mistakes; 2: the command was used wrongly, or a file cannot be read or written;
    101: netdsl itself has a mistake; 130: interrupted.
    """
    # A check lives for a tenth of a second, in which nothing becomes garbage.
    gc.disable()
    _print_whatever_comes()
    code = run()
    # Else Python would search all objects for garbage once more before it ends.
    gc.freeze()
    return _close_output(code)


def run(arguments: list[str] | None = None) -> int:
    """Run one command in this process and return its exit code; without arguments, those of the process."""
    try:
        app(arguments, prog_name="netdsl")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    except Exception as error:  # noqa: BLE001 - the edge of the program
        return _internal_error(error)
    return 0


def _print_whatever_comes() -> None:
    """A character that the terminal cannot show is no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _close_output(code: int) -> int:
    """Flush; a reader that has gone away (`netdsl check … | head`) is no error."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at its end, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _internal_error(error: Exception) -> int:
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    place = _place_in_own_operation(error)
    if place is not None:
        print(f"netdsl: {place}: {what}", file=sys.stderr)
        print(
            "This operation of your own failed; its facets return a `Misfit` for what they cannot do.", file=sys.stderr
        )
        return USAGE_ERROR
    print(f"netdsl: internal error: {what}", file=sys.stderr)
    print(_who_is_at_fault(), file=sys.stderr)
    if os.environ.get("NETDSL_TRACEBACK"):
        from traceback import print_exception

        print_exception(error)
    else:
        print("NETDSL_TRACEBACK=1 in the environment prints where it happened.", file=sys.stderr)
    return INTERNAL_ERROR


def _who_is_at_fault() -> str:
    own = [module.__file__ for name, module in sys.modules.items() if name.startswith("netdsl_further_")]
    if not own:
        return "This is a mistake in netdsl, not in your file; please report it with the file."
    loaded = ", ".join(map(str, own))
    return f"Operations of your own are loaded ({loaded}): docs/own_operations.md says what their facets return."


def _place_in_own_operation(error: Exception) -> str | None:
    """The line of a file given with `--ops` in which an error arose, if it arose there."""
    from traceback import extract_tb

    further = {module.__file__ for name, module in sys.modules.items() if name.startswith("netdsl_further_")}
    frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename in further]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else None
