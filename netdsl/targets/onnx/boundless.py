"""A model to the nodes that calculate with infinity, as masks and the padding of a maximum do."""

from __future__ import annotations

import onnx
from numpy import isfinite
from onnx import numpy_helper

# Minus infinity goes in, and numbers come out.
_ENDS = ("Softmax", "MaxPool")


def boundless(model: onnx.ModelProto) -> list[str]:
    """The names of the nodes from every infinite constant to those that leave it behind, these included.

    Args:
        model: its nodes are in the order of the flow.
    """
    constants = ((tensor.name, numpy_helper.to_array(tensor)) for tensor in model.graph.initializer)
    infinite = {name for name, array in constants if not isfinite(array).all()}
    found = []
    for node in model.graph.node:
        if infinite.isdisjoint(node.input):
            continue
        found.append(node.name)
        if node.op_type not in _ENDS:
            infinite.update(node.output)
    return found
