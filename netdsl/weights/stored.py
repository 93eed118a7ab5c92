"""A file of weights to the weights of a net, by name or by order."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from netdsl.diagnostics.core import Refused
from netdsl.ops.contract import Weight
from netdsl.weights.files import read_arrays
from netdsl.weights.matching import match_by_order, order_mismatches
from netdsl.weights.sources import Stored, WeightSource, mismatches

Match: TypeAlias = Literal["name", "order"]
# What stands for weights wherever they are asked for: a source of them, or the path of a file.
Weights: TypeAlias = WeightSource | str | os.PathLike[str]


def read_stored(path: Path, needed: Mapping[str, Weight], match: Match = "name") -> Stored:
    """The arrays of a file as weights.

    Args:
        path: a safetensors file, an npz file, or a state dict of PyTorch.
        needed: the net's weights by their full names, in the order of the flow.
        match: by the arrays' names, or by their order and shapes.

    Raises:
        Refused: a weight is missing, surplus, misshapen, out of step, or holds no finite numbers.
        ValueError: the file is damaged.
        OSError: it cannot be read.
        ModuleNotFoundError: it is a state dict, and PyTorch is not installed.
    """
    arrays = read_arrays(path)
    faults = tuple((order_mismatches if match == "order" else mismatches)(needed, arrays))
    if faults:
        raise Refused(*faults)
    if match == "name":
        return Stored(arrays, path=path)
    origins = match_by_order(needed, arrays)
    return Stored({name: arrays[origin] for name, origin in origins.items()}, origins, path)
