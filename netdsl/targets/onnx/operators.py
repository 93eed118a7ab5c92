"""An ONNX model, as a file or as bytes, to the operators that it uses."""

from __future__ import annotations

import os

import onnx


def operators(model: str | os.PathLike[str] | bytes) -> frozenset[str]:
    """The names of the operators of a model's nodes.

    Args:
        model: a path, or the bytes of a model; data files beside it are not read.

    Raises:
        OSError: the file cannot be read.
    """
    read = (
        onnx.load_model_from_string(model) if isinstance(model, bytes) else onnx.load(model, load_external_data=False)
    )
    return frozenset(node.op_type for node in read.graph.node)
