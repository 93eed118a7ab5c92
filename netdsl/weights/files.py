"""Files of weights to arrays by name: safetensors, npz, and state dicts of PyTorch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

SAFETENSORS = ".safetensors"
NPZ = ".npz"
STATE_DICTS = (".pt", ".pth", ".bin")
SUFFIXES = (SAFETENSORS, NPZ, *STATE_DICTS)
# Files that keep the order in which their arrays were written.
ORDERED = (NPZ, *STATE_DICTS)

# Arrays of other implementations that are no weights: how many batches a normalisation has seen, and which row of its
# table attention within windows takes for which two places.
_BOOKKEEPING = ("num_batches_tracked", "relative_position_index")


def read_arrays(path: Path) -> dict[str, Any]:
    """The arrays of a file by name, in the file's order, without those that are no weights.

    A file without a known ending is taken for safetensors. bfloat16 becomes float32, which holds every such number.

    Raises:
        ValueError: the file is damaged, or holds something else.
        OSError: it cannot be read.
        ModuleNotFoundError: it is a state dict, and PyTorch is not installed.
    """
    return {name: array for name, array in all_arrays(path).items() if name.rsplit(".", 1)[-1] not in _BOOKKEEPING}


def all_arrays(path: Path) -> dict[str, Any]:
    """The arrays of a file as `read_arrays` gives them, those that are no weights included."""
    if path.is_dir():
        raise ValueError(f"{path} is a folder, not a file of weights")
    kind, read = _READERS.get(path.suffix, _READERS[SAFETENSORS])
    with path.open("rb"):
        # Whatever the system refuses is told here; an OSError further on comes of places that a damaged file names.
        pass
    try:
        return read(path)
    except ModuleNotFoundError:
        raise
    except Exception as error:  # a damaged file can fail in any step of its reader
        raise ValueError(f"{path.name} is no {kind} that can be read: {_first_line(error)}") from error


def _npz(path: Path) -> dict[str, Any]:
    import numpy as np

    archive = np.load(path, allow_pickle=False)
    if not isinstance(archive, np.lib.npyio.NpzFile):
        raise TypeError("it holds one array without a name")
    with archive:
        return {name: archive[name] for name in archive.files}


def _state_dict(path: Path) -> dict[str, Any]:
    from netdsl.targets.pytorch.state_dicts import read_state_dict

    return read_state_dict(path)


# ---- safetensors ---------------------------------------------------------------------------------


def _safetensors(path: Path) -> dict[str, Any]:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        kinds = {name: file.get_slice(name).get_dtype() for name in file.offset_keys()}
        short = "BF16" in kinds.values()
        arrays = {name: file.get_tensor(name) for name, kind in kinds.items() if kind != "BF16"}
    arrays |= _widened(path) if short else {}
    return {name: arrays[name] for name in _in_order(kinds)}


def _widened(path: Path) -> dict[str, Any]:
    """The bfloat16 arrays of a file, which numpy does not know, as float32: the same bits in front, and 16 zeros."""
    import numpy as np
    from safetensors import deserialize

    read: Any = deserialize
    found = {name: entry for name, entry in read(path.read_bytes()) if entry["dtype"] == "BF16"}
    return {
        name: (np.frombuffer(entry["data"], "<u2").astype("<u4") << 16).view("<f4").reshape(entry["shape"])
        for name, entry in found.items()
    }


def _in_order(kinds: Mapping[str, str]) -> list[str]:
    """The names in the file's order; where it is the library's, which is that of the letters, 10 comes behind 9."""
    by_letters = all(
        names == sorted(names)
        for names in ([name for name in kinds if kinds[name] == kind] for kind in set(kinds.values()))
    )
    return sorted(kinds, key=_natural) if by_letters else list(kinds)


def _natural(name: str) -> list[tuple[bool, int, str]]:
    pieces: Iterable[str] = re.split(r"([0-9]+)", name)
    return [(piece.isdigit(), int(piece) if piece.isdigit() else 0, piece) for piece in pieces]


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


_READERS = {
    SAFETENSORS: ("safetensors file", _safetensors),
    NPZ: ("npz file", _npz),
    **dict.fromkeys(STATE_DICTS, ("state dict of PyTorch", _state_dict)),
}
