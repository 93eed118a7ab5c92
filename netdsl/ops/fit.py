"""A tensor brought to a size: cropped or padded to numbers, or to the size of another tensor."""

from __future__ import annotations

from typing import ClassVar

from netdsl.diagnostics import operations, shapes
from netdsl.ops.contract import Misfit, Operation, Reach, ReceptiveStep, Site, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchExpression
from netdsl.ops.padding import onnx_pad, onnx_pad_by, sums_by_axis, torch_pads
from netdsl.ops.windows import Pairs, Sizes
from netdsl.types.sizes import Size, always_at_least, is_open, never_at_least
from netdsl.types.tensors import TensorType, axis_name


class Fit(Operation):
    """What all four have: where the smaller of two tensors lies in the larger one.

    Attributes:
        offset: cells before the smaller one; without it, it lies in the middle, an odd cell behind it.
    """

    offset: Sizes | None

    def _wanted(self, *inputs: TensorType) -> tuple[Size, ...]:
        """The spatial sizes that come out."""
        return inputs[1].spatial

    def _lengths(self, *inputs: TensorType) -> tuple[tuple[Size, Size], ...]:
        """The larger and the smaller size of every axis."""
        raise NotImplementedError

    def infer(self, *inputs: TensorType) -> TensorType | Misfit:
        x = inputs[0]
        if any(each.rank == 0 for each in inputs):
            return Misfit(shapes.NeedsSpatialAxes(self.word, str(next(each for each in inputs if each.rank == 0))))
        if len({each.rank for each in inputs}) > 1:
            return Misfit(shapes.MergeMismatch(self.word, str(x), str(inputs[1]), ("number of axes",), "", None, None))
        y = x.with_spatial(self._wanted(*inputs))
        for axis, rest in enumerate(self._rests(*inputs)):
            if never_at_least(rest, 0):
                return Misfit(self._too_large(axis, y, *inputs))
        return y

    def _too_large(self, axis: int, y: TensorType, *inputs: TensorType) -> operations.DoesNotFitInside:
        x, (large, small) = inputs[0], self._lengths(*inputs)[axis]
        offset = self.offset[axis] if self.offset else 0
        name = axis_name(x.rank, axis)
        return operations.DoesNotFitInside(self.word, str(x), str(y), name, str(small), str(large), offset)

    def needs(self, at: Site) -> tuple[tuple[Size, int], ...]:
        rests = self._rests(*at.inputs)
        return tuple((size, 0) for size in rests if is_open(size) and not always_at_least(size, 0))

    def _rests(self, *inputs: TensorType) -> tuple[Size, ...]:
        """What is left of the larger one behind the offset and the smaller one, on every axis."""
        offsets = self.offset or (0,) * inputs[0].rank
        pairs = zip(self._lengths(*inputs), offsets, strict=True)
        return tuple(large - small - offset for (large, small), offset in pairs)

    def _befores(self, at: Site) -> tuple[Size, ...]:
        """The cells of the larger one before the smaller one, on every axis."""
        return self.offset or tuple((large - small) // 2 for large, small in self._lengths(*at.inputs))

    def _cells(self, at: Site) -> list[tuple[Size, Size]]:
        """The cells before and behind the smaller one, on every axis."""
        sides = zip(self._befores(at), self._lengths(*at.inputs), strict=True)
        return [(before, large - small - before) for before, (large, small) in sides]

    def _sides(self, at: Site) -> Pairs | None:
        """The same as numbers; None where they hang on open sizes."""
        cells = self._cells(at)
        known = [(a, b) for a, b in cells if isinstance(a, int) and isinstance(b, int)]
        return tuple(known) if len(known) == len(cells) else None

    def _onnx_sizes(self, graph: OnnxRecorder, at: Site) -> tuple[str, str]:
        """The spatial sizes of the input and of the output, as vectors that are found when the net runs."""
        wanted = [size for size in self._wanted(*at.inputs) if isinstance(size, int)]
        own = graph.node("Shape", graph.x, start=2)
        if len(wanted) == at.x.rank:
            return own, graph.integers(*wanted)
        return own, graph.node("Shape", graph.inputs[1], start=2)

    def _onnx_before(self, graph: OnnxRecorder, large: str, small: str) -> str:
        if self.offset is not None:
            return graph.integers(*self.offset)
        return graph.node("Div", graph.node("Sub", large, small), graph.integers(2))

    def _torch_sizes(self, at: Site) -> list[tuple[int, str, str]]:
        """For every spatial axis: its number, its size and the wanted one as expressions."""
        wanted = enumerate(self._wanted(*at.inputs), start=2)
        other = f"{{{len(at.inputs) - 1}}}"
        return [
            (axis, f"{{0}}.shape[{axis}]", str(size) if isinstance(size, int) else f"{other}.shape[{axis}]")
            for axis, size in wanted
        ]


class CropFit(Fit):
    """Cutting a smaller tensor out of a larger one. ONNX `Slice`; a slice in PyTorch, `narrow` for open sizes."""

    def _lengths(self, *inputs: TensorType) -> tuple[tuple[Size, Size], ...]:
        return tuple(zip(inputs[0].spatial, self._wanted(*inputs), strict=True))

    def reach(self, at: Site) -> ReceptiveStep:
        ones = (1,) * at.x.rank
        return Reach(ones, ones, tuple(before * -1 for before in self._befores(at)))

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        return sums_by_axis(at.x, self._cells(at), "-")

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        sides, axes = self._sides(at), range(2, 2 + at.x.rank)
        if sides is not None and not at.x.is_open:
            ends = [int(size) - after for size, (_, after) in zip(at.x.spatial, sides, strict=True)]  # type: ignore[arg-type]
            starts = graph.integers(*(before for before, _ in sides))
            return graph.node("Slice", graph.x, starts, graph.integers(*ends), graph.integers(*axes))
        own, wanted = self._onnx_sizes(graph, at)
        start = self._onnx_before(graph, own, wanted)
        return graph.node("Slice", graph.x, start, graph.node("Add", start, wanted), graph.integers(*axes))

    def pytorch(self, at: Site) -> TorchExpression:
        sides = self._sides(at)
        if sides is not None:
            slices = (f"{before or ''}:{-after or ''}" for before, after in sides)
            return TorchExpression(f"{{0}}[:, :, {', '.join(slices)}]" if any(map(any, sides)) else "{0}")
        parts = []
        for place, (axis, own, wanted) in enumerate(self._torch_sizes(at)):
            before = f"({own} - {wanted}) // 2" if self.offset is None else self.offset[place]
            parts.append(f".narrow({axis}, {before}, {wanted})")
        return TorchExpression(f"{{0}}{''.join(parts)}")


class PadFit(Fit):
    """Cells of one value around a smaller tensor. ONNX `Pad`; PyTorch `F.pad`."""

    value: float

    def _lengths(self, *inputs: TensorType) -> tuple[tuple[Size, Size], ...]:
        return tuple(zip(self._wanted(*inputs), inputs[0].spatial, strict=True))

    def reach(self, at: Site) -> ReceptiveStep:
        ones = (1,) * at.x.rank
        return Reach(ones, ones, self._befores(at))

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        return sums_by_axis(at.x, self._cells(at), "+")

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        sides = self._sides(at)
        if sides is not None:
            return onnx_pad(graph, graph.x, sides, self.value)
        own, wanted = self._onnx_sizes(graph, at)
        before = self._onnx_before(graph, wanted, own)
        after = graph.node("Sub", graph.node("Sub", wanted, own), before)
        return onnx_pad_by(graph, graph.x, before, after, self.value, at.x.rank)

    def pytorch(self, at: Site) -> TorchExpression:
        value, sides = f", value={self.value!r}" if self.value else "", self._sides(at)
        if sides is not None:
            return TorchExpression(f"F.pad({{0}}, {torch_pads(sides)}{value})")
        cells = []
        for place, (_, own, wanted) in reversed(list(enumerate(self._torch_sizes(at)))):
            if self.offset is None:
                cells += [f"({wanted} - {own}) // 2", f"({wanted} - {own} + 1) // 2"]
            else:
                cells += [str(self.offset[place]), f"{wanted} - {own} - {self.offset[place]}"]
        return TorchExpression(f"F.pad({{0}}, ({', '.join(cells)}){value})")


class ToSize(Fit):
    """A size that is written."""

    size: Sizes

    def _wanted(self, *inputs: TensorType) -> tuple[Size, ...]:
        return self.size


class LikeAnother(Fit):
    """The size of a second tensor, of which nothing else is taken."""

    least_inputs: ClassVar[int] = 2
    most_inputs: ClassVar[int | None] = 2
    inputs_for_sizes: ClassVar[int] = 1


@operation
class CropTo(ToSize, CropFit):
    """A part of a size out of the middle, or from `offset` on. ONNX `Slice`; a slice in PyTorch."""

    word = "crop_to"
    size: Sizes = parameter(doc="places of the output on each axis", minimum=1)
    offset: Sizes | None = parameter(None, doc="cells left out before it; those of the middle if not given", minimum=0)


@operation
class CropLike(LikeAnother, CropFit):
    """A part of the first tensor, as high and wide as the second. ONNX `Slice`; a slice in PyTorch."""

    word = "crop_like"
    offset: Sizes | None = parameter(None, doc="cells left out before it; those of the middle if not given", minimum=0)


@operation
class PadTo(ToSize, PadFit):
    """Cells of one value around the input, up to a size. ONNX `Pad`; PyTorch `F.pad`."""

    word = "pad_to"
    size: Sizes = parameter(doc="places of the output on each axis", minimum=1)
    offset: Sizes | None = parameter(None, doc="cells added before it; as behind it if not given", minimum=0)
    value: float = parameter(0.0, doc="what the new cells hold")


@operation
class PadLike(LikeAnother, PadFit):
    """Cells of one value around the first tensor, up to the size of the second. ONNX `Pad`; PyTorch `F.pad`."""

    word = "pad_like"
    offset: Sizes | None = parameter(None, doc="cells added before it; as behind it if not given", minimum=0)
    value: float = parameter(0.0, doc="what the new cells hold")
