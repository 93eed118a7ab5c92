"""Files that are written whole or not at all, and the checkpoint from which a run goes on."""

from __future__ import annotations

import os
import pickle
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as to_safetensors
from torch import Tensor

from stopping import Stop


def replace_file(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a new file beside `path`, which then takes its place in one step.

    A full disk, a kill or an error leaves the old file as it was.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with unfinished.open("wb") as handle:
            write(handle)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(unfinished, path)
    except (
        OSError,
        RuntimeError,
    ) as error:  # torch.save reports a full disk as a RuntimeError
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        kept = "the old file is kept" if path.exists() else "there was none before"
        raise Stop(f"cannot write {path}: {_reason(error)}; {kept}") from error


def _reason(error: BaseException) -> str:
    """Why a file could not be written; torch hides the system's words in the error's context."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return str(error).splitlines()[0]


def write_text(path: Path, text: str) -> None:
    """Write a text file as UTF-8."""
    replace_file(path, lambda handle: handle.write(text.encode()))


def are_finite(weights: dict[str, Tensor]) -> bool:
    """Whether no weight is infinite, or no number at all."""
    return all(bool(weight.isfinite().all()) for weight in weights.values())


def write_weights(path: Path, weights: dict[str, Tensor]) -> None:
    """Write weights as safetensors, by the names that the model gives them."""
    arrays = {
        name: weight.detach().cpu().contiguous().clone()
        for name, weight in weights.items()
    }
    replace_file(path, lambda handle: handle.write(to_safetensors(arrays)))


def write_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write all that a run needs to go on: tensors, numbers, texts, lists and tables of them."""
    replace_file(path, lambda handle: torch.save(state, handle))


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint without running code from it.

    Raises:
        Stop: it does not exist, or is damaged.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (
        OSError,
        RuntimeError,
        EOFError,
        ValueError,
        pickle.UnpicklingError,
    ) as error:
        reason = (
            error.strerror
            if isinstance(error, OSError) and error.strerror
            else "it is damaged, or no checkpoint"
        )
        raise Stop(f"cannot read {path}: {reason}") from error
    if not isinstance(state, dict) or "settings" not in state:
        raise Stop(f"cannot read {path}: it is no checkpoint of this training")
    return state


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read what `write_weights` wrote.

    Raises:
        Stop: it does not exist, or is damaged.
    """
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise Stop(f"cannot read {path}: {error}") from error


def random_state(device: torch.device) -> dict[str, Any]:
    """The states of the generators that dropout and augmentation draw from."""
    version, numbers, gauss = random.getstate()
    state: dict[str, Any] = {
        "torch": torch.get_rng_state(),
        "python": [version, list(numbers), gauss],
    }
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    return state


def set_random_state(state: dict[str, Any], device: torch.device) -> None:
    """Go on drawing where `random_state` was taken."""
    torch.set_rng_state(state["torch"])
    version, numbers, gauss = state["python"]
    random.setstate((version, tuple(numbers), gauss))
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"], device)
