"""A net's ONNX model with its weights: in memory for small nets, streamed into a file for all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import onnx
from onnx import TensorProto

from netdsl.targets.onnx.lower import Lowered
from netdsl.targets.onnx.stream import Initializer, model_bytes, write_model
from netdsl.weights.sources import WeightSource


def initializers(lowered: Lowered, source: WeightSource) -> Iterator[Initializer]:
    """The weights of a net as initializers whose numbers are drawn or read when they are written."""
    for named in lowered.weights:
        weight, name = named.weight, named.name
        yield Initializer(
            name,
            weight.shape,
            TensorProto.FLOAT,
            lambda name=name, weight=weight: source.pieces(name, weight),  # type: ignore[misc]
            4 * weight.count,
        )


def write(path: str | os.PathLike[str], lowered: Lowered, source: WeightSource) -> tuple[Path, ...]:
    """Write the model, whole or not at all; the result is the files that it makes up.

    Above protobuf's 2 GB the weights lie beside it, in `<name>.data`.
    """
    return write_model(path, lowered.model.SerializeToString(deterministic=True), initializers(lowered, source))


def in_memory(lowered: Lowered, source: WeightSource) -> onnx.ModelProto:
    """The model with its weights, for nets below protobuf's limit.

    Raises:
        ValueError: the model is larger than 2 GB.
    """
    serialised = lowered.model.SerializeToString(deterministic=True)
    return onnx.load_from_string(model_bytes(serialised, initializers(lowered, source)))
