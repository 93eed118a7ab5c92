"""Attention: every place of a tensor takes a weighted mean of others, with weights that hang on both."""

from __future__ import annotations

from math import prod, sqrt
from typing import Any, ClassVar

from netdsl.diagnostics import attention as facts
from netdsl.diagnostics import shapes
from netdsl.ops.channels import channel_count, open_channels_misfit
from netdsl.ops.contract import EVERYWHERE, Misfit, Operation, ReceptiveStep, Site, Weight, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchModule
from netdsl.ops.tokens import onnx_heads, onnx_linear, onnx_places, onnx_tokens, onnx_without_heads
from netdsl.types.sizes import Size
from netdsl.types.tensors import TensorType, term_words
from netdsl.weights.initializers import Constant, pytorch_default, xavier_uniform

IN_WEIGHT, IN_BIAS, OUT_WEIGHT, OUT_BIAS = "in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"
ADDEND = "attention"


class MultiHead(Operation):
    """What both forms of attention have in common: queries, keys and values in heads, with one set of weights.

    Attributes:
        torch_class: the class in PyTorch's source.
        support: the file in codegen_templates/support that has it.
    """

    torch_class: ClassVar[str]
    support: ClassVar[str]

    heads: int
    causal: bool
    dropout: float
    bias: bool

    def infer(self, *inputs: TensorType) -> TensorType | Misfit:
        x = inputs[0]
        for tensor in inputs:
            misfit = open_channels_misfit(self.word, tensor)
            if misfit is not None or tensor.rank == 0:
                return misfit or Misfit(shapes.NeedsSpatialAxes(self.word, str(tensor)))
        return heads_misfit(self.heads, x) or x

    def weights(self, at: Site) -> tuple[Weight, ...]:
        channels = channel_count(at.x)
        weights = (
            Weight(IN_WEIGHT, (3 * channels, channels), xavier_uniform(channels, 3 * channels)),
            Weight(IN_BIAS, (3 * channels,), Constant(0.0)),
            Weight(OUT_WEIGHT, (channels, channels), pytorch_default(channels)),
            Weight(OUT_BIAS, (channels,), Constant(0.0)),
        )
        return weights if self.bias else weights[::2]

    def macs(self, at: Site) -> Size:
        """Of the four projections: queries and results at the tensor's places, keys and values at the memory's."""
        return 2 * channel_count(at.x) * (at.x.elements + at.inputs[-1].elements)

    def further_macs(self, at: Site) -> tuple[tuple[str, Size], ...]:
        """Of all queries with all keys, and of the weights that come out with all values; `causal` saves none."""
        return ((ADDEND, 2 * at.x.elements * prod(at.inputs[-1].spatial, start=1)),)

    def reach(self, at: Site) -> ReceptiveStep:
        return EVERYWHERE

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        channels = channel_count(at.x)
        places, others = (_place_words(tensor) for tensor in (at.x, at.inputs[-1]))
        ((_, products),) = self.further_macs(at)
        return (
            f"{channels} channels / {self.heads} heads = {channels // self.heads} channels for each",
            f"2 * {channels} channels * {places} * {others} places = {products:,} products among places",
        )

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        channels = channel_count(at.x)
        asking, asked = (prod(tensor.spatial, start=1) for tensor in (at.x, at.inputs[-1]))
        query, key, value = (
            onnx_heads(graph, part, self.heads, channels // self.heads, places)
            for part, places in zip(self._projected(graph, at), (asking, asked, asked), strict=True)
        )
        key = graph.node("Transpose", key, perm=[0, 1, 3, 2])
        mixed = onnx_attention(graph, query, key, value, channels // self.heads, self._mask(graph, query, key))
        tokens = onnx_without_heads(graph, mixed, channels, asking)
        result = onnx_linear(graph, graph.weights[OUT_WEIGHT], graph.weights.get(OUT_BIAS), tokens)
        return onnx_places(graph, result, at.x, graph.x)

    def pytorch(self, at: Site) -> TorchModule:
        keywords: dict[str, Any] = {}
        if self.causal:
            keywords["causal"] = True
        if self.dropout:
            keywords["dropout"] = self.dropout
        if not self.bias:
            keywords["bias"] = False
        return TorchModule(self.torch_class, (channel_count(at.x), self.heads), keywords, support=self.support)

    def _projected(self, graph: OnnxRecorder, at: Site) -> tuple[str, ...]:
        """Queries, keys and values, as tokens."""
        raise NotImplementedError

    def _mask(self, graph: OnnxRecorder, query: str, key: str) -> str | None:
        """(keys, queries): 0, and minus infinity where a key stands behind a query."""
        if not self.causal:
            return None
        sizes = graph.node("Shape", key, start=2, end=3), graph.node("Shape", query, start=3)
        never = graph.node("Expand", graph.scalar(float("-inf")), graph.node("Concat", *sizes, axis=0))
        return graph.node("Trilu", never, graph.integers(-1), upper=0)


@operation
class Attention(MultiHead):
    """Multi-head attention of all places of a tensor to each other.

    Vaswani et al. 2017; PyTorch `nn.MultiheadAttention`, whose weights it has.
    """

    word = "attention"
    torch_class, support = "Attention", "attention.py"
    heads: int = parameter(doc="parts of the channels, each with weights of its own", minimum=1)
    causal: bool = parameter(False, doc="whether a place looks at itself and those before it only")
    dropout: float = parameter(0.0, doc="part of the weights of places that training sets to 0", minimum=0, below=1)
    bias: bool = parameter(True, doc="whether the four projections add numbers of their own")

    def _projected(self, graph: OnnxRecorder, at: Site) -> tuple[str, ...]:
        tokens = onnx_tokens(graph, graph.x, at.x)
        together = onnx_linear(graph, graph.weights[IN_WEIGHT], graph.weights.get(IN_BIAS), tokens)
        sizes = graph.integers(*(channel_count(at.x),) * 3)
        return graph.node_with_outputs("Split", 3, together, sizes, axis=1)


@operation
class CrossAttention(MultiHead):
    """Multi-head attention of the places of a tensor to those of a second one with as many channels.

    Vaswani et al. 2017, section 3.2.3; PyTorch `nn.MultiheadAttention`, whose weights it has.
    """

    word = "cross_attention"
    least_inputs, most_inputs = 2, 2
    torch_class, support = "CrossAttention", "cross_attention.py"
    heads: int = parameter(doc="parts of the channels, each with weights of its own", minimum=1)
    causal: bool = parameter(False, doc="whether place i looks at the places 0 to i of the second tensor only")
    dropout: float = parameter(0.0, doc="part of the weights of places that training sets to 0", minimum=0, below=1)
    bias: bool = parameter(True, doc="whether the four projections add numbers of their own")

    def infer(self, *inputs: TensorType) -> TensorType | Misfit:
        x, memory = inputs
        result = super().infer(x, memory)
        if isinstance(result, Misfit) or x.channels == memory.channels:
            return result
        return Misfit(facts.ChannelsOfMemory(self.word, str(x), str(memory), channel_count(x)))

    def _projected(self, graph: OnnxRecorder, at: Site) -> tuple[str, ...]:
        sizes = graph.integers(*(channel_count(at.x),) * 3)
        weights = graph.node_with_outputs("Split", 3, graph.weights[IN_WEIGHT], sizes, axis=0)
        biases: tuple[str | None, ...] = (None, None, None)
        if self.bias:
            biases = graph.node_with_outputs("Split", 3, graph.weights[IN_BIAS], sizes, axis=0)
        x, memory = (onnx_tokens(graph, name, tensor) for name, tensor in zip(graph.inputs, at.inputs, strict=True))
        sources = zip(weights, biases, (x, memory, memory), strict=True)
        return tuple(onnx_linear(graph, weight, bias, tokens) for weight, bias, tokens in sources)


def _place_words(x: TensorType) -> str:
    words = " * ".join(map(term_words, x.spatial))
    return words if x.rank == 1 else f"({words})"


def heads_misfit(heads: int, x: TensorType) -> Misfit | None:
    """Why the channels of a tensor cannot be split into heads, if they cannot."""
    channels = channel_count(x)
    return Misfit(facts.HeadsDoNotDivide(heads, channels, str(x)), "heads") if channels % heads else None


def onnx_attention(graph: OnnxRecorder, query: str, key: str, value: str, channels: int, mask: str | None) -> str:
    """`value @ softmax(key @ query / sqrt(channels) + mask)`, over the keys.

    The last axes are channels and queries, keys and channels, channels and keys; those of the mask keys and queries.
    """
    scaled = graph.node("Mul", query, graph.scalar(1 / sqrt(channels)))
    scores = graph.node("MatMul", key, scaled)
    if mask is not None:
        scores = graph.node("Add", scores, mask)
    return graph.node("MatMul", value, graph.node("Softmax", scores, axis=-2))
