"""The checkpoint of a run: written between two updates, and taken over by a run with the same flags."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

import torch

from checkpoints import (
    are_finite,
    random_state,
    read_checkpoint,
    replace_file,
    set_random_state,
    write_checkpoint,
)
from learner import Learner
from parallel import Processes
from standing import Standing
from stopping import WRONG_USE, Stop

# A resumed run may have other values of these flags; all others decide what it computes.
_FREE = {
    *("device", "workers", "torchcompile", "output", "resume", "overwrite"),
    *("checkpoint_interval", "recovery_interval", "log_interval", "tensorboard"),
}
_FILES = (
    *("last.pt", "best.safetensors"),
    *("metrics.jsonl", "curves.png", "confusion.csv"),
)


class Keeper:
    """Keeps the state of a run in last.pt.

    Attributes:
        found: the checkpoint to go on from; None where the run begins.
        kept: the place whose state the file has, in words; empty where it has none of this run.
    """

    def __init__(self, flags: Namespace, here: Processes) -> None:
        """Find the checkpoint to go on from.

        Raises:
            Stop: it cannot be read, is that of other flags, or is there and nobody asked to go on.
        """
        self.flags, self.here = flags, here
        self.path: Path = flags.output / "last.pt"
        self.found = _find(flags, here, self.path)
        self.kept = ""

    def __str__(self) -> str:
        if not self.kept:
            return "there is no checkpoint yet"
        return (
            f"{self.path} has the state of {self.kept}: `--resume` goes on from there"
        )

    def save(self, standing: Standing, learner: Learner) -> None:
        """Write all that the run needs to go on; every process takes part.

        Raises:
            Stop: a weight is not finite, or the file cannot be written.
        """
        state = learner.state()
        own = {
            "random": random_state(self.here.device),
            "tally": standing.tally.state(),
        }
        of_the_ranks = self.here.gather(own)
        if not self.here.is_first:
            return
        if not are_finite(state["model"]):
            raise Stop(f"weights are not finite in {standing}; {self}")
        state |= {
            **standing.state(),
            "ranks": of_the_ranks,
            "settings": _settings(self.flags),
            "processes": self.here.count,
            "threads": torch.get_num_threads(),
        }
        write_checkpoint(self.path, state)
        self.kept = str(standing)

    def take_over(self, standing: Standing, learner: Learner) -> None:
        """Go on from the checkpoint, if one was found.

        Raises:
            Stop: it is that of another model.
        """
        if self.found is None:
            self._begin_anew()
            return
        state, self.found = self.found, None
        # The order in which numbers are added depends on the threads, and so do the last bits of their sum.
        torch.set_num_threads(state["threads"])
        try:
            learner.set_state(state)
        except (KeyError, ValueError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            raise Stop(f"the checkpoint is that of another model: {reason}") from error
        standing.set_state(state)
        own = state["ranks"][self.here.rank]
        standing.tally.set_state(own["tally"])
        set_random_state(own["random"], self.here.device)
        self.kept = str(standing)

    def _begin_anew(self) -> None:
        """Remove what is left of an earlier run, which a later `--resume` would otherwise go on with."""
        if not self.here.is_first:
            return
        for name in _FILES:
            (self.flags.output / name).unlink(missing_ok=True)


def _find(flags: Namespace, here: Processes, last: Path) -> dict[str, Any] | None:
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
    differing = _differences(flags, checkpoint["settings"])
    if checkpoint["processes"] != here.count:
        were = checkpoint["processes"]
        differing.append(f"there are {here.count} processes and were {were}")
    if differing:
        reason = "; ".join(differing)
        raise Stop(f"{path} is a run with other flags: {reason}", WRONG_USE)
    _make_folder(flags.output)
    _take_along(path.parent / "best.safetensors", flags.output)
    return checkpoint


def _take_along(best: Path, output: Path) -> None:
    """Copy the best weights of a run that goes on in another folder."""
    if best.parent != output and best.exists():
        replace_file(output / best.name, lambda file: file.write(best.read_bytes()))


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stop(f"cannot make {path}: {error.strerror}", WRONG_USE) from error


def _settings(flags: Namespace) -> dict[str, str]:
    """The flags that decide what a run computes, as text."""
    return {
        name: str(value) for name, value in vars(flags).items() if name not in _FREE
    }


def _differences(flags: Namespace, earlier: dict[str, str]) -> list[str]:
    """Where the flags differ from those of an earlier run, in words."""
    now = _settings(flags)
    return [
        f"--{name.replace('_', '-')} is {now.get(name)} and was {earlier.get(name)}"
        for name in sorted(now.keys() | earlier.keys())
        if now.get(name) != earlier.get(name)
    ]
