"""A net's ONNX model whose weights lie in a safetensors file beside it: one that is there, or one written with it.

The file holds the layers' own weights under their own names, so that PyTorch reads it too. It may hold more of them
than the model needs, such as those of outputs that are there in training only.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from netdsl.files import replace_files, write_bytes
from netdsl.targets.onnx.lower import Lowered
from netdsl.targets.onnx.model import initializers
from netdsl.targets.onnx.stream import linked_model, write_pieces
from netdsl.weights.safetensors_layout import head, places
from netdsl.weights.sources import Stored, WeightSource


def link(path: Path, lowered: Lowered, data: Path, source: Stored) -> tuple[Path, ...]:
    """Write a model whose weights are those of a float32 safetensors file in its folder, and return its files.

    Args:
        path: the model's path.
        lowered: the net.
        data: the file of weights; it stays as it is.
        source: the weights as read from that file.

    Raises:
        ValueError: the file's name cannot stand in a model.
        OSError: a file cannot be read or written.
    """
    there = places(data)
    offsets = {weight.name: there[source.origins.get(weight.path, weight.path)].offset for weight in lowered.weights}
    write_bytes(path, _linked(lowered, source, data.name, offsets))
    return (path, data)


def write_both(path: Path, lowered: Lowered, data: Path, source: WeightSource, everything: Lowered) -> tuple[Path, ...]:
    """Write the model and, into the same folder, the safetensors file with all weights; return both.

    Args:
        path: the model's path.
        lowered: the net.
        data: the path of the safetensors file.
        source: where the weights come from.
        everything: the net with its training outputs, whose weights go into the file.

    Raises:
        ValueError: the file's name cannot stand in a model.
        OSError: a file cannot be written.
    """
    beginning, there = head({weight.path: weight.shape for weight in everything.weights})
    model = _linked(lowered, source, data.name, {weight.name: there[weight.path].offset for weight in lowered.weights})
    with replace_files(data, path) as (data_file, file):
        data_file.write(beginning)
        for tensor in initializers(everything, source):
            write_pieces(data_file, tensor)
        file.write(model)
    return (path, data)


def would_stay(data: Path, source: WeightSource, everything: Lowered) -> bool:
    """Whether the file at `data` holds the very bytes that `write_both` would write there.

    Raises:
        OSError: it cannot be read.
    """
    beginning, _ = head({weight.path: weight.shape for weight in everything.weights})
    pieces = (piece for tensor in initializers(everything, source) for piece in tensor.pieces())
    with data.open("rb") as file:
        same = all(file.read(len(piece)) == piece for piece in chain([beginning], pieces))
        return same and not file.read(1)


def _linked(lowered: Lowered, source: WeightSource, location: str, offsets: Mapping[str, int]) -> bytes:
    serialised = lowered.model.SerializeToString(deterministic=True)
    return linked_model(serialised, initializers(lowered, source), location, offsets)
