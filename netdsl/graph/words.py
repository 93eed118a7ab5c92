"""The language's values in words, for messages."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from netdsl.graph.model import Tensor
from netdsl.graph.scope import BlockValue, FunctionValue, OperationValue, SameWord, SharedBody
from netdsl.types.sizes import OpenSize
from netdsl.types.tensors import AXIS_NAMES, TensorType, shape_words


def tensor_attributes(tensor: TensorType) -> dict[str, Any]:
    """`channels`, and the spatial axes by their names."""
    axes = AXIS_NAMES.get(tensor.rank, ())
    return {"channels": tensor.channels, **dict(zip(axes, tensor.spatial, strict=False))}


def describe(value: Any) -> str:
    """A value in words, for messages."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | Fraction():
            return number_words(value)
        case str():
            return f'"{value}"'
        case tuple():
            return shape_words(value) if all(isinstance(v, (int, OpenSize)) for v in value) else "a tuple"
        case list():
            return f"a list of {len(value)}"
        case Tensor():
            return f"the tensor {value.type}" if value.type else "a tensor"
        case BlockValue():
            return f"the block `{value.block.name.text}`"
        case SharedBody():
            return f"the shared body `{value.share.name.text}`"
        case OperationValue():
            return f"the operation `{value.operation.word}`"
        case FunctionValue():
            return f"the function `{value.name}`"
        case SameWord():
            return "`same`"
        case _:
            return str(value)


def number_words(value: int | Fraction) -> str:
    """`3`, `0.5`, `1/3`."""
    if isinstance(value, int):
        return str(value)
    decimal = f"{float(value):.12g}"
    return decimal if Fraction(decimal) == value else f"{value.numerator}/{value.denominator}"
