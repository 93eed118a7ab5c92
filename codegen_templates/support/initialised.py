"""Pasted into generated code, from the function on: gives a layer its first weights where it is made."""
# ruff: noqa: TID251, TID253

from collections.abc import Callable
from typing import Any, TypeVar

from torch import nn

Layer = TypeVar("Layer", bound=nn.Module)


def initialised(
    layer: Layer,
    start: Callable[..., Any] | None = None,
    bias: float = 0.0,
    **settings: Any,
) -> Layer:
    """Begin the weights of a layer by `start`, if it is given, and its biases with one number."""
    for name, parameter in layer.named_parameters():
        word = name.rpartition(".")[2]
        if word.startswith("bias") or word.endswith("bias"):
            nn.init.constant_(parameter, bias)
        elif start is not None:
            start(parameter, **settings)
    return layer
