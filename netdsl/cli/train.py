"""`netdsl train`: a net and its recipe to a folder of plain PyTorch, which is then run."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from netdsl.api import Net
from netdsl.cli import nets
from netdsl.cli.options import FoldersOption, NetOption, OperationsOption, SetOption, SizeOption

# What this command does not know is the generated program's.
CONTEXT: dict[str, Any] = {"allow_extra_args": True, "ignore_unknown_options": True}

_SUMS = "SHA256SUMS"
_MODULES = {"scikit-learn": "sklearn", "pillow": "PIL"}
_RATE = "--lr"


def command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The spec; `-` reads the standard input.")],
    folder: Annotated[
        Path | None,
        typer.Option("-o", "--folder", metavar="DIR", help="Where the program is written. Default: NET-training."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files of the folder that were changed.")] = False,
    net: NetOption = None,
    settings: SetOption = None,
    size: SizeOption = None,
    folders: FoldersOption = None,
    ops: OperationsOption = None,
) -> None:
    """Train a net by its recipe, on the data that --data names.

    Writes what `netdsl compile --target training` writes, and runs its train.py with all further flags: --data,
    --epochs, --batch-size, --lr, --resume, … `netdsl train FILE --help-training` lists them.
    """
    further = ["--help" if flag == "--help-training" else flag for flag in context.args]
    if further and not further[0].startswith("-"):
        net = further.pop(0)
    found = nets.one_net(nets.specification(file, net, settings, size, folders, ops), file)
    with nets.failures():
        place = folder or Path(f"{found.name}-training")
        files = found.training(learning_rate=_rate(further))
        _refuse_missing(files["requirements.txt"])
        if not force:
            _refuse_changed(place, files)
        _write(place, found, files)
        _run(place / "train.py", further)


def _rate(flags: list[str]) -> float | None:
    """The learning rate among the flags, for a net without a recipe; train.py says what is wrong with it."""
    for place, flag in enumerate(flags):
        text = flags[place + 1] if flag == _RATE and place + 1 < len(flags) else flag.removeprefix(f"{_RATE}=")
        if flag.partition("=")[0] == _RATE:
            try:
                return float(text)
            except ValueError:
                return None
    return None


def _refuse_missing(requirements: str) -> None:
    """End the command where libraries are missing that the program needs."""
    names = [line.partition(">")[0] for line in requirements.splitlines()]
    missing = [name for name in names if find_spec(_MODULES.get(name, name)) is None]
    if missing:
        nets.fail(f"training needs {', '.join(missing)}: `pip install netdsl[train]`")


def _refuse_changed(place: Path, files: Mapping[str, str]) -> None:
    """End the command rather than write over what somebody has changed in the folder."""
    from hashlib import sha256

    written = {}
    if (place / _SUMS).is_file():
        lines = (place / _SUMS).read_text(encoding="utf-8").splitlines()
        written = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    for name, text in files.items():
        path = place / name
        if name == _SUMS or not path.is_file():
            continue
        present = path.read_bytes()
        if present != text.encode() and sha256(present).hexdigest() != written.get(name):
            nets.fail(f"{path} was changed: run `python {place / 'train.py'}`, or --force writes it anew")


def _write(place: Path, net: Net, files: Mapping[str, str]) -> None:
    from netdsl.files import write_folder

    write_folder(place, files)
    print(f"{place}: {net.name}, {len(files)} files", flush=True)


def _run(program: Path, flags: list[str]) -> NoReturn:
    """Become the program."""
    arguments = [sys.executable, str(program), *flags]
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(sys.executable, arguments)  # noqa: S606 - the program that was just written
    from subprocess import call

    raise typer.Exit(call(arguments))
