"""Attention within windows of a picture, at rest and shifted: what Swin transformers are made of."""

from __future__ import annotations

from math import prod
from typing import Any

from netdsl.diagnostics import attention as facts
from netdsl.diagnostics import operations, parameters, shapes
from netdsl.ops.attention import ADDEND, heads_misfit, onnx_attention
from netdsl.ops.channels import channel_count, open_channels_misfit
from netdsl.ops.contract import EVERYWHERE, Misfit, Operation, Reach, ReceptiveStep, Site, Weight, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchModule
from netdsl.ops.reshape import onnx_roll
from netdsl.ops.tokens import KEEP, onnx_linear, onnx_places, onnx_tokens
from netdsl.ops.windows import Sizes
from netdsl.types.sizes import Size, is_open
from netdsl.types.tensors import TensorType, axis_name
from netdsl.weights.initializers import Normal, pytorch_default

TABLE = "relative_position_bias_table"


@operation
class WindowAttention(Operation):
    """Multi-head attention among the places of each window, with a learned number for every distance of two places.

    Liu et al. 2021 (Swin transformer), section 3.2. With a shift the windows lie that much further on, and those over
    an edge go on at the other side, where places that are no neighbours do not see each other. An axis that is one
    window long is not shifted.
    """

    word = "window_attention"
    window: Sizes = parameter(doc="places of a window on each axis", minimum=1)
    heads: int = parameter(doc="parts of the channels, each with weights of its own", minimum=1)
    shift: Sizes = parameter(0, doc="places by which the windows are shifted", minimum=0)
    dropout: float = parameter(0.0, doc="part of the weights of places that training sets to 0", minimum=0, below=1)
    bias: bool = parameter(True, doc="whether the four projections add numbers of their own")

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        if x.rank != 2:
            return Misfit(operations.NeedsPicture(self.word, str(x)))
        if any(is_open(size) for size in x.spatial):
            advice = "fix the sizes of the input: `3x224x224`"
            size = next(str(size) for size in x.spatial if is_open(size))
            return Misfit(shapes.NeedsKnownSize(self.word, "how many windows there are", f"a matter of {size}", advice))
        misfit = open_channels_misfit(self.word, x) or heads_misfit(self.heads, x)
        return misfit or self._window_misfit(x) or x

    def weights(self, at: Site) -> tuple[Weight, ...]:
        channels = channel_count(at.x)
        scheme = pytorch_default(channels)
        weights = (
            Weight(TABLE, (prod(2 * cells - 1 for cells in self.window), self.heads), Normal(0.0, 0.02)),
            Weight("qkv.weight", (3 * channels, channels), scheme),
            Weight("qkv.bias", (3 * channels,), scheme),
            Weight("proj.weight", (channels, channels), scheme),
            Weight("proj.bias", (channels,), scheme),
        )
        return weights if self.bias else tuple(weight for weight in weights if not weight.name.endswith(".bias"))

    def macs(self, at: Site) -> Size:
        return 4 * channel_count(at.x) * at.x.elements

    def further_macs(self, at: Site) -> tuple[tuple[str, Size], ...]:
        return ((ADDEND, 2 * at.x.elements * prod(self.window)),)

    def reach(self, at: Site) -> ReceptiveStep:
        """What the last place of a window sees before it and the first one behind it, as if all saw as far."""
        if self.window == at.x.spatial:
            return EVERYWHERE
        return Reach(tuple(2 * cells - 1 for cells in self.window), (1, 1), tuple(cells - 1 for cells in self.window))

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        (rows, columns), channels = self._counts(at.x), channel_count(at.x)
        (height, width), (high, wide), places = at.x.spatial, self.window, prod(self.window)
        ((_, products),) = self.further_macs(at)
        return (
            f"({height} / {high}) * ({width} / {wide}) = {rows * columns} windows of {high} * {wide} = {places} places",
            f"{channels} channels / {self.heads} heads = {channels // self.heads} channels for each",
            f"2 * {channels} channels * {rows * columns} windows * {places} * {places} places = {products:,} products",
        )

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        channels = channel_count(at.x)
        shift = self._shift(at.x)
        tokens = onnx_tokens(graph, onnx_roll(graph, graph.x, at.x, tuple(-cells for cells in shift)), at.x)
        together = onnx_linear(graph, graph.weights["qkv.weight"], graph.weights.get("qkv.bias"), tokens)
        windows = self._windows(graph, together, at.x, 3 * channels)
        sizes = graph.integers(*(self.heads,) * 3)
        query, key, value = graph.node_with_outputs("Split", 3, windows, sizes, axis=2)
        key = graph.node("Transpose", key, perm=[0, 1, 2, 4, 3])
        mixed = onnx_attention(graph, query, key, value, channels // self.heads, self._mask(graph, at.x))
        tokens = self._tokens(graph, mixed, at.x)
        result = onnx_linear(graph, graph.weights["proj.weight"], graph.weights.get("proj.bias"), tokens)
        return onnx_roll(graph, onnx_places(graph, result, at.x, graph.x), at.x, shift)

    def pytorch(self, at: Site) -> TorchModule:
        keywords: dict[str, Any] = {}
        if any(self._shift(at.x)):
            keywords["shift"] = self._shift(at.x)
        if self.dropout:
            keywords["dropout"] = self.dropout
        if not self.bias:
            keywords["bias"] = False
        positional = (channel_count(at.x), self.window, self.heads)
        return TorchModule("WindowAttention", positional, keywords, support="window_attention.py")

    # ---- windows -----------------------------------------------------------------------------

    def _window_misfit(self, x: TensorType) -> Misfit | None:
        axes = zip(x.spatial, self.window, self.shift, strict=True)
        for axis, (size, cells, shift) in enumerate(axes):
            assert isinstance(size, int), "open sizes are refused before"
            if size % cells:
                window = "x".join(map(str, self.window))
                fact = facts.WindowsDoNotTile(window, str(x), axis_name(2, axis), str(size), size % cells, cells)
                return Misfit(fact, "window")
            if shift >= cells:
                wanted = f"less than the window, {cells}"
                return Misfit(parameters.OutOfRange(self.word, "shift", str(shift), wanted), "shift")
        return None

    def _shift(self, x: TensorType) -> tuple[int, ...]:
        axes = zip(self.shift, x.spatial, self.window, strict=True)
        return tuple(shift if size != cells else 0 for shift, size, cells in axes)

    def _counts(self, x: TensorType) -> tuple[int, int]:
        rows, columns = (size // cells for size, cells in zip(x.spatial, self.window, strict=True))
        assert isinstance(rows, int), "open sizes are refused before"
        assert isinstance(columns, int), "open sizes are refused before"
        return rows, columns

    def _windows(self, graph: OnnxRecorder, tokens: str, x: TensorType, channels: int) -> str:
        """Tokens as (batch, windows, parts, channels of a head, places of a window), all heads of a kind together."""
        (rows, columns), (height, width) = self._counts(x), self.window
        grid = graph.integers(KEEP, channels, rows, height, columns, width)
        sorted_out = graph.node("Transpose", graph.node("Reshape", tokens, grid), perm=[0, 2, 4, 1, 3, 5])
        parts = channels // channel_count(x) * self.heads
        shape = graph.integers(KEEP, rows * columns, parts, channels // parts, height * width)
        return graph.node("Reshape", sorted_out, shape)

    def _tokens(self, graph: OnnxRecorder, windows: str, x: TensorType) -> str:
        """(batch, windows, heads, channels of a head, places of a window) as tokens."""
        (rows, columns), (height, width) = self._counts(x), self.window
        grid = graph.integers(KEEP, rows, columns, channel_count(x), height, width)
        sorted_out = graph.node("Transpose", graph.node("Reshape", windows, grid), perm=[0, 3, 1, 4, 2, 5])
        return graph.node(
            "Reshape", sorted_out, graph.integers(KEEP, channel_count(x), rows * height * columns * width)
        )

    def _mask(self, graph: OnnxRecorder, x: TensorType) -> str:
        """(windows, heads, keys, queries): the number for their distance, minus infinity for those far apart."""
        places = prod(self.window)
        numbers = graph.node("Gather", graph.weights[TABLE], graph.integers(*self._distances()), axis=0)
        by_head = graph.node("Transpose", numbers, perm=[1, 0])
        bias = graph.node("Reshape", by_head, graph.integers(self.heads, places, places))
        if not any(self._shift(x)):
            return bias
        rows, columns = self._counts(x)
        regions = graph.node("Reshape", graph.integers(*self._regions(x)), graph.integers(rows * columns, 1, places, 1))
        together = graph.node("Equal", regions, graph.node("Transpose", regions, perm=[0, 1, 3, 2]))
        return graph.node("Where", together, bias, graph.scalar(float("-inf")))

    def _distances(self) -> tuple[int, ...]:
        """For every key and every query the row of the table, which counts from the greatest distance backwards."""
        height, width = self.window
        cells = [(row, column) for row in range(height) for column in range(width)]
        return tuple(
            (query[0] - key[0] + height - 1) * (2 * width - 1) + query[1] - key[1] + width - 1
            for key in cells
            for query in cells
        )

    def _regions(self, x: TensorType) -> tuple[int, ...]:
        """For every place, window by window: whether it has come in again from above, and from the left."""
        (rows, columns), (height, width), (down, right) = self._counts(x), self.window, self._shift(x)
        return tuple(
            2 * (row * height + inner >= rows * height - down) + (column * width + cell >= columns * width - right)
            for row in range(rows)
            for column in range(columns)
            for inner in range(height)
            for cell in range(width)
        )
