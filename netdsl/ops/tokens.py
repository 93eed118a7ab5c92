"""The places of a tensor as one axis, and channels in heads: reshapes that leave the batch free, also where it is 0."""

from __future__ import annotations

from math import prod

from netdsl.ops.lowering import OnnxRecorder
from netdsl.types.sizes import Size, is_open
from netdsl.types.tensors import TensorType

KEEP = 0
"""What ONNX's `Reshape` takes for "as it was"; -1 would be refused for a batch of no examples."""


def onnx_tokens(graph: OnnxRecorder, value: str, x: TensorType) -> str:
    """The value, of a tensor's type, with all places as one axis."""
    if x.rank == 1:
        return value
    places = prod(x.spatial, start=1)
    if not is_open(places):
        return graph.node("Reshape", value, graph.integers(KEEP, KEEP, int(places)))  # type: ignore[arg-type]
    number = graph.node("ReduceProd", graph.node("Shape", value, start=2), keepdims=1)
    return graph.node("Reshape", value, graph.node("Concat", graph.node("Shape", value, end=2), number, axis=0))


def onnx_places(graph: OnnxRecorder, tokens: str, x: TensorType, like: str) -> str:
    """Tokens with the channels of `like`, a value of the type `x`, in its places again."""
    if x.rank == 1:
        return tokens
    if x.is_open:
        return graph.node("Reshape", tokens, graph.node("Shape", like))
    return graph.node("Reshape", tokens, graph.integers(KEEP, KEEP, *map(int, x.spatial)))  # type: ignore[arg-type]


def onnx_heads(graph: OnnxRecorder, tokens: str, heads: int, channels: int, places: Size) -> str:
    """Tokens (batch, heads * channels, places) as (batch, heads, channels, places)."""
    if isinstance(places, int):
        return graph.node("Reshape", tokens, graph.integers(KEEP, heads, channels, places))
    apart = graph.node("Unsqueeze", tokens, graph.integers(2))
    return graph.node("Reshape", apart, graph.integers(KEEP, heads, channels, KEEP))


def onnx_without_heads(graph: OnnxRecorder, value: str, channels: int, places: Size) -> str:
    """(batch, heads, channels of a head, places) as tokens (batch, channels, places)."""
    if isinstance(places, int):
        return graph.node("Reshape", value, graph.integers(KEEP, channels, places))
    together = graph.node("Reshape", value, graph.integers(KEEP, channels, 1, KEEP))
    return graph.node("Squeeze", together, graph.integers(2))


def onnx_linear(graph: OnnxRecorder, weight: str, bias: str | None, tokens: str) -> str:
    """`weight @ tokens + bias` at every place; a product of matrices would be refused for a batch of no examples."""
    window = graph.node("Unsqueeze", weight, graph.integers(2))
    return graph.node("Conv", tokens, window, *([bias] if bias else []))
