"""A folder of pictures or an npz file to batches of a net's inputs: examples of what the net will see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netdsl.diagnostics import targets
from netdsl.diagnostics.core import Refused
from netdsl.types.tensors import INT64, TensorType

if TYPE_CHECKING:
    from netdsl.graph.model import Graph

_BATCH = 8


def batches(path: Path | None, graph: Graph) -> Iterator[Mapping[str, Any]]:
    """The examples as batches of inputs by name; pictures are read when their turn comes.

    Args:
        path: a folder of pictures, for a net with one input that is a picture, or an npz file with an array of
            examples for every input, under its name.
        graph: the net.

    Raises:
        Refused: there are no examples, or they do not fit the inputs.
        OSError: the file or folder cannot be read.
    """
    if path is None:
        raise Refused(targets.CalibrationMissing(None))
    inputs = {tensor.name or "input": tensor.type for tensor in graph.inputs if tensor.type is not None}
    return _pictures(path, inputs) if path.is_dir() else _arrays(path, inputs)


# ---- pictures --------------------------------------------------------------------------------


def _pictures(folder: Path, inputs: Mapping[str, TensorType]) -> Iterator[Mapping[str, Any]]:
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    if not paths:
        raise Refused(targets.CalibrationMissing(folder.name))
    (name, kind), *others = inputs.items()
    if others:
        reason = f"the net takes {len(inputs)} inputs ({', '.join(inputs)}), and pictures are for one"
        raise Refused(targets.CalibrationMisfit(folder.name, reason))
    shape = tuple(size for size in kind.shape if isinstance(size, int))
    if len(shape) != len(kind.shape):
        reason = f"the sizes of `{name}` ({kind}) are open, and a picture is fitted to known ones"
        raise Refused(targets.CalibrationMisfit(folder.name, reason))
    return _read_pictures(paths, name, shape)


def _read_pictures(paths: list[Path], name: str, shape: tuple[int, ...]) -> Iterator[Mapping[str, Any]]:
    from netdsl.pictures import PictureRefused, picture_array

    for path in paths:
        try:
            yield {name: picture_array(path, shape)[None]}
        except PictureRefused as error:
            raise Refused(targets.CalibrationMisfit(path.name, str(error))) from error


# ---- arrays ----------------------------------------------------------------------------------


def _arrays(path: Path, inputs: Mapping[str, TensorType]) -> Iterator[Mapping[str, Any]]:
    from netdsl.weights.files import read_arrays

    found = read_arrays(path)
    for name, kind in inputs.items():
        reason = _misfit(found.get(name), name, kind)
        if reason is not None:
            raise Refused(targets.CalibrationMisfit(path.name, reason))
    counts = {name: len(found[name]) for name in inputs}
    if len(set(counts.values())) > 1:
        words = ", ".join(f"{count} for `{name}`" for name, count in counts.items())
        raise Refused(targets.CalibrationMisfit(path.name, f"the numbers of examples differ: {words}"))
    if not min(counts.values()):
        raise Refused(targets.CalibrationMissing(path.name))
    return _slices({name: _typed(found[name], kind) for name, kind in inputs.items()})


def _misfit(array: Any, name: str, kind: TensorType) -> str | None:
    """Why an array is not examples for an input."""
    if array is None:
        return f"there is no array `{name}`"
    came = "x".join(map(str, array.shape))
    pairs = zip(array.shape[1:], kind.shape, strict=False)
    if array.ndim != len(kind.shape) + 1 or any(isinstance(want, int) and want != have for have, want in pairs):
        return f"`{name}` is {came}, and examples of {kind} are Nx{kind}"
    if array.dtype.kind not in "fiu":
        return f"`{name}` holds {array.dtype}, and inputs are numbers"
    return None if _is_finite(array) else f"`{name}` holds numbers that are not finite in float32"


def _is_finite(array: Any) -> bool:
    import numpy as np

    with np.errstate(over="ignore"):
        return bool(np.isfinite(array.astype(np.float32, copy=False)).all())


def _typed(array: Any, kind: TensorType) -> Any:
    import numpy as np

    return array.astype(np.int64 if kind.element == INT64 else np.float32, copy=False)


def _slices(arrays: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    count = len(next(iter(arrays.values())))
    for start in range(0, count, _BATCH):
        yield {name: array[start : start + _BATCH] for name, array in arrays.items()}
