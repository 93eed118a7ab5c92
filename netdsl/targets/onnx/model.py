"""A net's ONNX model with its weights: in memory for small nets, streamed into a file for all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import onnx
from onnx import TensorProto

from netdsl.targets.onnx.lower import Lowered
from netdsl.targets.onnx.optimise import Optimised
from netdsl.targets.onnx.stream import Initializer, model_bytes, write_model
from netdsl.targets.onnx.tensors import size_in_bytes
from netdsl.weights.sources import WeightSource


def initializers(lowered: Lowered | Optimised, source: WeightSource) -> Iterator[Initializer]:
    """The weights of a net as initializers whose numbers are drawn or read when they are written."""
    for tensor in lowered.weights:
        yield Initializer(
            tensor.name, tensor.shape, TensorProto.FLOAT, partial(tensor.pieces, source), size_in_bytes(tensor)
        )


def write(path: str | os.PathLike[str], lowered: Lowered | Optimised, source: WeightSource) -> tuple[Path, ...]:
    """Write the model, whole or not at all; the result is the files that it makes up.

    Above protobuf's 2 GB the weights lie beside it, in `<name>.data`.
    """
    return write_model(path, lowered.model.SerializeToString(deterministic=True), initializers(lowered, source))


def in_memory(lowered: Lowered | Optimised, source: WeightSource) -> onnx.ModelProto:
    """The model with its weights, for nets below protobuf's limit.

    Raises:
        ValueError: the model is larger than 2 GB.
    """
    serialised = lowered.model.SerializeToString(deterministic=True)
    return onnx.load_from_string(model_bytes(serialised, initializers(lowered, source)))
