"""Larger pictures: new places between the old ones, or out of channels; and channels out of places."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from netdsl.diagnostics import attention, operations, parameters, shapes
from netdsl.ops.axes import lines_by_axis
from netdsl.ops.channels import channel_count, open_channels_misfit
from netdsl.ops.contract import Misfit, Operation, Reach, ReceptiveStep, Site, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchModule, one_or_all
from netdsl.ops.windows import Sizes
from netdsl.types.sizes import Size
from netdsl.types.tensors import TensorType, axis_name, term_words

NEAREST = "nearest"
BILINEAR = "bilinear"
_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


@operation
class Upsample(Operation):
    """Every axis `factor` times as long, by repetition or by straight lines between neighbours.

    Cells are areas whose corners stay where they are: the middle of output cell i lies at (i + 1/2) / factor - 1/2 in
    the input, and beyond the outermost middles their numbers go on (PyTorch's `align_corners=False`, ONNX's
    `half_pixel`). With `align_corners`, straight lines go from the middle of the first cell to that of the last one:
    the middle of output cell i of m lies at i * (n - 1) / (m - 1). ONNX `Resize`; PyTorch `nn.Upsample`.
    """

    word = "upsample"
    factor: Sizes = parameter(doc="how many times as long every axis becomes", minimum=1)
    mode: str = parameter(NEAREST, doc="what lies between the old places", choices=(NEAREST, BILINEAR))
    align_corners: bool = parameter(False, doc="whether the middles of the corner cells stay where they are")

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        if x.rank == 0:
            return Misfit(shapes.NeedsSpatialAxes(self.word, str(x)))
        if self.align_corners and self.mode == NEAREST:
            needed = "`false`, unless `mode` is `bilinear`"
            return Misfit(parameters.WrongKindOfValue(self.word, "align_corners", "true", needed), "align_corners")
        return x.with_spatial(tuple(size * factor for size, factor in zip(x.spatial, self.factor, strict=True)))

    def reach(self, at: Site) -> ReceptiveStep:
        seen = [1 if self.mode == NEAREST or factor == 1 else 2 for factor in self.factor]
        if self.align_corners:
            steps = [_between_corners(size, factor) for size, factor in zip(at.x.spatial, self.factor, strict=True)]
            return Reach(tuple(seen), tuple(steps), (0,) * at.x.rank)  # type: ignore[arg-type]
        stride = tuple(Fraction(1, factor) for factor in self.factor)
        return Reach(tuple(seen), stride, tuple(count - 1 for count in seen))  # type: ignore[arg-type]

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        return _sizes(at, "*", self.factor)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        scales = graph.floats((1.0, 1.0, *map(float, self.factor)))
        if self.mode == NEAREST:
            places = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
            return graph.node("Resize", graph.x, "", scales, mode="nearest", **places)
        corners = "align_corners" if self.align_corners else "half_pixel"
        return graph.node("Resize", graph.x, "", scales, mode="linear", coordinate_transformation_mode=corners)

    def pytorch(self, at: Site) -> TorchModule:
        keywords: dict[str, Any] = {"scale_factor": one_or_all(self.factor)}
        if self.mode == BILINEAR:
            keywords["mode"] = _LINEAR[at.x.rank]
        if self.align_corners:
            keywords["align_corners"] = True
        return TorchModule("nn.Upsample", (), keywords, function="F.interpolate")


def _sizes(at: Site, sign: str, factors: Sizes) -> tuple[str, ...]:
    """What becomes of every axis: `28 * 2 = 56`."""
    axes = zip(at.x.spatial, factors, at.y.spatial, strict=True)
    return lines_by_axis(at.x.rank, (f"{term_words(old)} {sign} {factor} = {new}" for old, factor, new in axes))


def _between_corners(size: Size, factor: int) -> Fraction:
    """The distance of new middles, in cells; for an open size, what it is for ever larger ones."""
    if not isinstance(size, int) or size * factor == 1:
        return Fraction(1, factor)
    return Fraction(size - 1, size * factor - 1)


@operation
class PixelShuffle(Operation):
    """Squares of `factor` times `factor` cells, each out of the channels of one place. Shi et al. 2016.

    ONNX `DepthToSpace` in the order `CRD`; PyTorch `nn.PixelShuffle`.
    """

    word = "pixel_shuffle"
    factor: int = parameter(doc="how many times as high and as wide the picture becomes", minimum=1)

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        if x.rank != 2:
            return Misfit(operations.NeedsPicture(self.word, str(x)))
        misfit = open_channels_misfit(self.word, x)
        if misfit is not None:
            return misfit
        cells, channels = self.factor**2, channel_count(x)
        if channels % cells:
            return Misfit(operations.ChannelsMakeNoSquares(self.word, self.factor, channels, str(x)), "factor")
        height, width = x.spatial
        return x.with_shape(channels // cells, height * self.factor, width * self.factor)

    def reach(self, at: Site) -> ReceptiveStep:
        return Reach((1, 1), (Fraction(1, self.factor),) * 2, (0, 0))  # type: ignore[arg-type]

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        channels = f"{at.x.channels} channels / {self.factor}^2 = {at.y.channels}"
        return channels, *_sizes(at, "*", (self.factor,) * 2)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return graph.node("DepthToSpace", graph.x, blocksize=self.factor, mode="CRD")

    def pytorch(self, at: Site) -> TorchModule:
        return TorchModule("nn.PixelShuffle", (self.factor,), function="F.pixel_shuffle")


@operation
class PixelUnshuffle(Operation):
    """The cells of squares of `factor` times `factor` as channels of one place, what `pixel_shuffle` undoes.

    Channels stand as in PyTorch's `nn.PixelUnshuffle`: all cells of the first channel, row by row, then those of the
    second. ONNX `SpaceToDepth` has the channels of the first cell first, so a `Gather` orders them.
    """

    word = "pixel_unshuffle"
    factor: int = parameter(doc="how many cells of height and of width become channels", minimum=1)

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        if x.rank != 2:
            return Misfit(operations.NeedsPicture(self.word, str(x)))
        misfit = open_channels_misfit(self.word, x) or self._rest(x, 0) or self._rest(x, 1)
        height, width = (size // self.factor for size in x.spatial)
        return misfit or x.with_shape(x.channels * self.factor**2, height, width)

    def reach(self, at: Site) -> ReceptiveStep:
        return Reach((self.factor,) * 2, (self.factor,) * 2, (0, 0))

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        channels = f"{at.x.channels} channels * {self.factor}^2 = {at.y.channels}"
        return channels, *_sizes(at, "/", (self.factor,) * 2)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        channels, cells = channel_count(at.x), self.factor**2
        order = (cell * channels + channel for channel in range(channels) for cell in range(cells))
        deep = graph.node("SpaceToDepth", graph.x, blocksize=self.factor)
        return graph.node("Gather", deep, graph.integers(*order), axis=1)

    def pytorch(self, at: Site) -> TorchModule:
        return TorchModule("nn.PixelUnshuffle", (self.factor,), function="F.pixel_unshuffle")

    def _rest(self, x: TensorType, axis: int) -> Misfit | None:
        """Why squares do not fill the picture along an axis, if so."""
        size, name, factor = x.spatial[axis], axis_name(x.rank, axis), self.factor
        rest = size % factor
        if isinstance(rest, int):
            fact = attention.WindowsDoNotTile(f"{factor}x{factor}", str(x), name, str(size), rest, factor)
            return Misfit(fact, "factor") if rest else None
        what = f"what is left of the {name} by squares of {factor}x{factor}"
        advice = f"declare the size as a multiple: `{factor}*{name[0].upper()}`"
        return Misfit(shapes.NeedsKnownSize(self.word, what, f"{rest}", advice), "factor")
