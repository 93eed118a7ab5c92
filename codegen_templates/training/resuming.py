"""Whether a run begins, or goes on from a checkpoint that fits its flags."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from checkpoints import read_checkpoint, replace_file
from flags import differences
from parallel import Processes
from stopping import WRONG_USE, Stop


def find_checkpoint(flags: Namespace, here: Processes) -> dict[str, Any] | None:
    """The checkpoint to go on from; None where the run begins.

    Raises:
        Stop: it cannot be read, is that of other flags, or is there and nobody asked to go on.
    """
    last: Path = flags.output / "last.pt"
    if flags.resume is None:
        if last.exists() and not flags.overwrite:
            choice = "--resume goes on with it, --overwrite begins anew"
            raise Stop(f"{last} is an earlier run's: {choice}", WRONG_USE)
        _make_folder(flags.output)
        return None
    path = last if flags.resume == Path() else flags.resume
    if path == last and not last.exists():
        if here.is_first:
            print(f"{last} does not exist: the run begins")
        _make_folder(flags.output)
        return None
    checkpoint = read_checkpoint(path)
    differing = differences(flags, checkpoint["settings"])
    if checkpoint["processes"] != here.count:
        were = checkpoint["processes"]
        differing.append(f"there are {here.count} processes and were {were}")
    if differing:
        reason = "; ".join(differing)
        raise Stop(f"{path} is a run with other flags: {reason}", WRONG_USE)
    _make_folder(flags.output)
    best = path.parent / "best.safetensors"
    if path.parent != flags.output and best.exists():
        replace_file(
            flags.output / best.name, lambda file: file.write(best.read_bytes())
        )
    return checkpoint


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stop(f"cannot make {path}: {error.strerror}", WRONG_USE) from error
