"""Cells added to a tensor's sides and taken away from them, and channels of zeros."""

from __future__ import annotations

from netdsl.diagnostics import operations, parameters, shapes
from netdsl.ops.contract import Misfit, Operation, Reach, ReceptiveStep, Site, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchExpression
from netdsl.ops.padding import onnx_pad, onnx_pad_channels, onnx_pad_with_own, sums_by_axis, torch_pads
from netdsl.ops.windows import SAME, Padding, Pairs
from netdsl.types.sizes import Size, always_at_least, is_open, never_at_least
from netdsl.types.tensors import TensorType, axis_name

CONSTANT = "constant"
REFLECT = "reflect"
EDGE = "edge"
_TORCH_MODES = {CONSTANT: "constant", REFLECT: "reflect", EDGE: "replicate"}
_END = 2**63 - 1


@operation
class Pad(Operation):
    """Cells around the input: of one value, mirrored at the outermost cells, or those repeated.

    ONNX `Pad`; PyTorch `F.pad`, whose word for `edge` is `replicate`.
    """

    word = "pad"
    width: Padding = parameter(doc="cells on each side: a number, one for each axis, or (before, after)")
    value: float = parameter(0.0, doc="what the new cells hold")
    mode: str = parameter(CONSTANT, doc="`value`, or the tensor's own cells", choices=tuple(_TORCH_MODES))

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        misfit = _misfit(self.word, "width", self.width, x)
        if misfit is not None:
            return misfit
        if self.value and self.mode != CONSTANT:
            needed = f"left out where `mode` is `{self.mode}`"
            return Misfit(parameters.WrongKindOfValue(self.word, "value", f"{self.value:g}", needed), "value")
        for axis, (size, least) in enumerate(zip(x.spatial, self._least, strict=True)):
            if never_at_least(size, least):
                fact = operations.TooSmallToMirror(self.word, least - 1, axis_name(x.rank, axis), str(size), str(x))
                return Misfit(fact, "width")
        return x.with_spatial(_resized(x, _pairs(self.width)))

    def needs(self, at: Site) -> tuple[tuple[Size, int], ...]:
        pairs = zip(at.x.spatial, self._least, strict=True)
        return tuple((size, least) for size, least in pairs if is_open(size) and not always_at_least(size, least))

    def reach(self, at: Site) -> ReceptiveStep:
        return Reach((1,) * at.x.rank, (1,) * at.x.rank, tuple(before for before, _ in _pairs(self.width)))

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        return sums_by_axis(at.x, _pairs(self.width), "+")

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        if self.mode == CONSTANT:
            return onnx_pad(graph, graph.x, _pairs(self.width), self.value)
        return onnx_pad_with_own(graph, graph.x, _pairs(self.width), self.mode)

    def pytorch(self, at: Site) -> TorchExpression:
        value = f", value={self.value!r}" if self.value else ""
        mode = f', mode="{_TORCH_MODES[self.mode]}"' if self.mode != CONSTANT else ""
        return TorchExpression(f"F.pad({{0}}, {torch_pads(_pairs(self.width))}{mode}{value})")

    @property
    def _least(self) -> tuple[int, ...]:
        """What every axis must have: a mirror takes its cells from behind the outermost one."""
        return tuple(max(pair) + 1 if self.mode == REFLECT else 1 for pair in _pairs(self.width))


@operation
class Crop(Operation):
    """The input without the cells at its sides. ONNX `Slice`; a slice in PyTorch."""

    word = "crop"
    any_element = True
    margin: Padding = parameter(doc="cells taken from each side: a number, one for each axis, or (before, after)")

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        misfit = _misfit(self.word, "margin", self.margin, x)
        if misfit is not None:
            return misfit
        y = x.with_spatial(_resized(x, self._added))
        if any(never_at_least(size, 1) for size in y.spatial):
            return Misfit(shapes.SizeIsNotPositive(str(y)), "margin")
        return y

    def needs(self, at: Site) -> tuple[tuple[Size, int], ...]:
        return tuple((size, 1) for size in at.y.spatial if is_open(size) and not always_at_least(size, 1))

    def reach(self, at: Site) -> ReceptiveStep:
        return Reach((1,) * at.x.rank, (1,) * at.x.rank, tuple(before for before, _ in self._added))

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        return sums_by_axis(at.x, _pairs(self.margin), "-")

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        pairs = _pairs(self.margin)
        starts = graph.integers(*(before for before, _ in pairs))
        ends = graph.integers(*(-after or _END for _, after in pairs))
        return graph.node("Slice", graph.x, starts, ends, graph.integers(*range(2, 2 + len(pairs))))

    def pytorch(self, at: Site) -> TorchExpression:
        if not any(before or after for before, after in _pairs(self.margin)):
            return TorchExpression("{0}")
        slices = (f"{before or ''}:{-after or ''}" for before, after in _pairs(self.margin))
        return TorchExpression(f"{{0}}[:, :, {', '.join(slices)}]")

    @property
    def _added(self) -> Pairs:
        return tuple((-before, -after) for before, after in _pairs(self.margin))


@operation
class PadChannels(Operation):
    """Channels of zeros beside those of the input, as in the shortcuts without weights of He et al. 2015 (option A).

    ONNX `Pad`; PyTorch `F.pad`.
    """

    word = "pad_channels"
    after: int = parameter(doc="channels added behind", minimum=0)
    before: int = parameter(0, doc="channels added in front", minimum=0)

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        return x.with_channels(x.channels + self.before + self.after)

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        front = f"{self.before} + " if self.before else ""
        return (f"{front}{at.x.channels} + {self.after} channels = {at.y.channels}",)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return onnx_pad_channels(graph, graph.x, self.before, self.after, at.x.rank)

    def pytorch(self, at: Site) -> TorchExpression:
        return TorchExpression(f"F.pad({{0}}, {(*(0, 0) * at.x.rank, self.before, self.after)})")


def _misfit(word: str, name: str, cells: Padding, x: TensorType) -> Misfit | None:
    if cells == SAME:
        return Misfit(
            parameters.WrongKindOfValue(word, name, SAME, "a number of cells: only windows have a `same`"), name
        )
    return Misfit(shapes.NeedsSpatialAxes(word, str(x))) if x.rank == 0 else None


def _pairs(cells: Padding) -> Pairs:
    assert not isinstance(cells, str), "the shape rule refuses `same`"
    return cells


def _resized(x: TensorType, added: Pairs) -> tuple[Size, ...]:
    return tuple(size + before + after for size, (before, after) in zip(x.spatial, added, strict=True))
