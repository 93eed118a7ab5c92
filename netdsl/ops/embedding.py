"""From indices to vectors: a learned table of them, and what tells the places of a sequence apart."""

from __future__ import annotations

from netdsl.diagnostics import operations, parameters, shapes
from netdsl.ops.channels import channel_count, open_channels_misfit
from netdsl.ops.contract import Misfit, Operation, Site, Weight, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchModule
from netdsl.types.sizes import Size, always_at_least, is_open
from netdsl.types.tensors import INT64, TensorType, shape_words
from netdsl.weights.initializers import Normal, WithZeroRow

LEARNED = "learned"
SINUSOID = "sinusoid"
_DEVIATION = 0.02
_SLOWEST = 10_000
# Numbers of onnx.TensorProto.DataType.
_ONNX_FLOAT, _ONNX_BOOL, _ONNX_DOUBLE = 1, 9, 11


@operation
class Embed(Operation):
    """The vector of every index, looked up in a learned table: `int64[T]` to `512xT`.

    Bengio et al. 2003; ONNX `Gather`; PyTorch `nn.Embedding`, whose vectors become the channels here.
    """

    word = "embed"
    any_element = True
    vocabulary: int = parameter(doc="how many vectors there are; indices are from 0 up to one less", minimum=1)
    channels: int = parameter(doc="numbers of each vector", minimum=1)
    padding: int | None = parameter(None, doc="the index whose vector begins with zeros and stays so", minimum=0)

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        if x.element != INT64:
            came = f"{x.element}[{shape_words(x.shape)}]"
            return Misfit(shapes.WrongElementType(self.word, f"whole numbers, such as `{INT64}[T]`", came))
        if self.padding is not None and self.padding >= self.vocabulary:
            allowed = f"an index, so at most {self.vocabulary - 1}"
            return Misfit(parameters.OutOfRange(self.word, "padding", str(self.padding), allowed), "padding")
        return TensorType((self.channels, *x.shape))

    def weights(self, at: Site) -> tuple[Weight, ...]:
        shape, scheme = (self.vocabulary, self.channels), Normal(0, 1)
        return (Weight("weight", shape, scheme if self.padding is None else WithZeroRow(shape, scheme, self.padding)),)

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        return (f"{self.channels} numbers for each index of {at.x}",)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        (table,) = graph.weights.values()
        axes = len(at.x.shape)
        return graph.node("Transpose", graph.node("Gather", table, graph.x), perm=[0, axes + 1, *range(1, axes + 1)])

    def pytorch(self, at: Site) -> TorchModule:
        sizes = (self.vocabulary, self.channels)
        keywords = {} if self.padding is None else {"padding_idx": self.padding}
        return TorchModule("ChannelEmbedding", sizes, keywords, support="channel_embedding.py")


@operation
class Positions(Operation):
    """Adds to every place of a sequence a vector that tells which place it is.

    `learned` is a table of vectors (Gehring et al. 2017), first drawn with a deviation of 0.02 (Devlin et al. 2018).
    `sinusoid` has no weights: channels 2i and 2i + 1 of place p are the sine and the cosine of
    p / 10000^(2i / channels) (Vaswani et al. 2017, section 3.5), reckoned in 64 bits, since p may be large.
    ONNX `Slice` and `Add`, or `Sin` and `Cos`; PyTorch has no layer for either.
    """

    word = "positions"
    length: int | None = parameter(None, doc="the most places that there can be", minimum=1)
    kind: str = parameter(LEARNED, doc="vectors that are learned, or fixed waves", choices=(LEARNED, SINUSOID))

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        if x.rank != 1:
            return Misfit(operations.NeedsSequence(self.word, str(x), x.rank))
        (places,) = x.spatial
        if self.length is None and self.kind == LEARNED and is_open(places):
            advice = (
                f"`{self.word} 512` learns vectors for at most 512 places, `{self.word} kind={SINUSOID}` needs none"
            )
            return Misfit(shapes.NeedsKnownSize(self.word, "how many places there can be", str(places), advice))
        if self.length is not None and isinstance(places, int) and places > self.length:
            allowed = f"at least {places}, the places of {x}"
            return Misfit(parameters.OutOfRange(self.word, "length", str(self.length), allowed), "length")
        return open_channels_misfit(self.word, x) or x

    def needs(self, at: Site) -> tuple[tuple[Size, int], ...]:
        left = (self.length or 0) - at.x.spatial[0]
        return ((left, 0),) if self.length is not None and is_open(left) and not always_at_least(left, 0) else ()

    def weights(self, at: Site) -> tuple[Weight, ...]:
        if self.kind == SINUSOID:
            return ()
        return (Weight("weight", (self._most(at), channel_count(at.x)), Normal(0, _DEVIATION)),)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        vectors = self._waves(graph, at) if self.kind == SINUSOID else self._learned(graph, at)
        return graph.node("Add", graph.x, vectors)

    def pytorch(self, at: Site) -> TorchModule:
        if self.kind == SINUSOID:
            return TorchModule("SinusoidPositions", support="sinusoid_positions.py")
        return TorchModule("Positions", (self._most(at), channel_count(at.x)), support="positions.py")

    def _most(self, at: Site) -> int:
        """The places that a learned table has vectors for."""
        (places,) = at.x.spatial
        most = self.length if self.length is not None else places
        assert isinstance(most, int), "the shape rule wants a length where the places are open"
        return most

    def _learned(self, graph: OnnxRecorder, at: Site) -> str:
        """The first vectors of the table, as many as there are places, side by side."""
        (table,) = graph.weights.values()
        if at.x.spatial != (self._most(at),):
            table = graph.node("Slice", table, graph.integers(0), _length(graph, at.x), graph.integers(0))
        return graph.node("Transpose", table, perm=[1, 0])

    def _waves(self, graph: OnnxRecorder, at: Site) -> str:
        """A row for each channel: the sines or the cosines of the places times the channel's rate."""
        channels = channel_count(at.x)
        rates = tuple(_SLOWEST ** (-2 * (channel // 2) / channels) for channel in range(channels))
        angles = graph.node("Mul", graph.doubles(rates, channels, 1), _places(graph, at.x))
        even = graph.node("Cast", graph.integers(*(1 - channel % 2 for channel in range(channels))), to=_ONNX_BOOL)
        even = graph.node("Unsqueeze", even, graph.integers(1))
        waves = graph.node("Where", even, graph.node("Sin", angles), graph.node("Cos", angles))
        return graph.node("Cast", waves, to=_ONNX_FLOAT)


def _length(graph: OnnxRecorder, x: TensorType) -> str:
    """The number of a sequence's places, as a vector of one whole number."""
    (places,) = x.spatial
    return graph.integers(places) if isinstance(places, int) else graph.node("Shape", graph.x, start=2, end=3)


def _places(graph: OnnxRecorder, x: TensorType) -> str:
    """The places of a sequence, 0, 1, 2 and so on, in 64 bits."""
    (places,) = x.spatial
    if isinstance(places, int):
        return graph.doubles(tuple(map(float, range(places))))
    count = graph.node("Cast", graph.node("Squeeze", _length(graph, x)), to=_ONNX_FLOAT)
    return graph.node("Cast", graph.node("Range", graph.scalar(0.0), count, graph.scalar(1.0)), to=_ONNX_DOUBLE)
