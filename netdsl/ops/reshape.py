"""The same numbers in other places: `reshape`, `permute` and `roll`."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod

from netdsl.diagnostics import attention as facts
from netdsl.diagnostics import shapes
from netdsl.ops.axes import AXES, axis_words, place_of_axis
from netdsl.ops.contract import (
    EVERYWHERE,
    POINTWISE,
    Misfit,
    Operation,
    Reach,
    ReceptiveStep,
    Site,
    operation,
    parameter,
)
from netdsl.ops.lowering import OnnxRecorder, TorchExpression, TorchModule
from netdsl.ops.windows import Sizes, decimal
from netdsl.types.sizes import Size, always_at_least, divides, is_open
from netdsl.types.tensors import TensorType, shape_words

REST = -1
_END = 2**63 - 1


@operation
class Reshape(Operation):
    """The numbers of an example, in their order, in another shape. ONNX `Reshape`; PyTorch `nn.Unflatten`.

    The batch stays what it is, a batch of no examples too.
    """

    word = "reshape"
    any_element = True
    shape: tuple[int, ...] = parameter(doc="the new shape; one size may be -1, which is what is left", minimum=-1)

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        if 0 in self.shape:
            return Misfit(shapes.SizeIsNotPositive(shape_words(self.shape)), "shape")
        known = prod(size for size in self.shape if size != REST)
        if self.shape.count(REST) == 1 and divides(x.elements, known):
            rest = x.elements // known
            return x.with_shape(*(rest if size == REST else size for size in self.shape))
        if REST in self.shape or x.elements != known:
            return Misfit(self._wrong_number(x, known), "shape")
        return x.with_shape(*self.shape)

    def reach(self, at: Site) -> ReceptiveStep:
        """A place stays one where the last axes become one; in any other shape places are put together anew."""
        kept = at.y.rank - 1
        return POINTWISE if 0 <= kept < at.x.rank and at.x.shape[: kept + 1] == at.y.shape[:-1] else EVERYWHERE

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        return (f"{' * '.join(map(str, at.x.shape))} = {' * '.join(map(str, at.y.shape))}",)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        if not at.y.is_open:
            return graph.node("Reshape", graph.x, graph.integers(0, *map(int, at.y.shape)))  # type: ignore[arg-type]
        place = self.shape.index(REST)
        numbers = graph.node("ReduceProd", graph.node("Shape", graph.x, start=1), keepdims=1)
        rest = graph.node("Div", numbers, graph.integers(prod(size for size in self.shape if size != REST)))
        before, after = (graph.integers(*sizes) for sizes in (self.shape[:place], self.shape[place + 1 :]))
        batch = graph.node("Shape", graph.x, end=1)
        return graph.node("Reshape", graph.x, graph.node("Concat", batch, before, rest, after, axis=0))

    def pytorch(self, at: Site) -> TorchModule:
        if at.y.rank == 0:
            return TorchModule("nn.Flatten")
        sizes = tuple(size if isinstance(size, int) else REST for size in at.y.shape)
        return TorchModule("nn.Unflatten", (1, sizes), flatten=at.x.rank > 0)

    def _wrong_number(self, x: TensorType, known: int) -> facts.ReshapeDoesNotFit:
        many = "a multiple of " if REST in self.shape else ""
        written = f"({', '.join(map(str, self.shape))})"
        wanted = _product([size for size in self.shape if size != REST], known)
        return facts.ReshapeDoesNotFit(
            written, f"{many}{wanted}", str(x), _product(x.shape, x.elements), self._advice(x)
        )

    def _advice(self, x: TensorType) -> str | None:
        if self.shape.count(REST) > 1:
            return "only one size can be -1, which is what is left"
        if REST in self.shape and isinstance(x.elements, int):
            others = -prod(self.shape)
            return f"-1 would be {x.elements:,} / {others:,} = {decimal(Fraction(x.elements, others))}"
        if len(self.shape) == 2 and x.rank and self.shape[0] == x.channels:
            return f"`flatten places` makes it {x.with_shape(x.channels, prod(x.spatial, start=1))}"
        if x.elements == prod(self.shape[1:]):
            return f"the batch stays what it is: `{self.word} {shape_words(self.shape[1:])}`"
        return None if REST in self.shape else self._with_rest(x)

    def _with_rest(self, x: TensorType) -> str | None:
        """The shape with one size that is what is left, if it divides the numbers; the last size is tried first."""
        for place in reversed(range(len(self.shape))):
            before, after = self.shape[:place], self.shape[place + 1 :]
            others = prod((*before, *after))
            if divides(x.elements, others):
                sizes = ", ".join(map(str, (*before, REST, *after)))
                return f"`{self.word} ({sizes})` makes {x.with_shape(*before, x.elements // others, *after)} of it"
        return None


def _product(sizes: Sequence[Size], total: Size) -> str:
    """`64 * 7 * 7 = 3,136`."""
    factors = " * ".join(map(str, sizes))
    return f"{factors} = {total:,}" if len(sizes) > 1 and isinstance(total, int) else f"{total:,}"


@operation
class Permute(Operation):
    """The axes in another order: `permute (width, channels, height)`. ONNX `Transpose`; PyTorch `torch.permute`."""

    word = "permute"
    any_element = True
    axes: tuple[str, ...] = parameter(doc="all axes, in the order in which they shall stand", choices=AXES)

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        words = axis_words(x)
        if sorted(self.axes) != sorted(words):
            return Misfit(facts.NotAnOrderOfAxes(self.word, self.axes, str(x), words), "axes")
        return x.with_shape(*(x.shape[words.index(axis)] for axis in self.axes))

    def reach(self, at: Site) -> ReceptiveStep:
        return POINTWISE if self.axes == axis_words(at.x) else EVERYWHERE

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        pairs = zip(self.axes, at.y.shape, strict=True)
        return (", ".join(f"{axis} {size}" for axis, size in pairs),)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return graph.node("Transpose", graph.x, perm=self._places(at.x))

    def pytorch(self, at: Site) -> TorchExpression:
        return TorchExpression(f"{{0}}.permute({', '.join(map(str, self._places(at.x)))})")

    def _places(self, x: TensorType) -> tuple[int, ...]:
        return (0, *(place_of_axis(axis, x) for axis in self.axes))


@operation
class Roll(Operation):
    """Every place `shift` cells further on, those that leave the tensor at its end coming in again at its start.

    ONNX `Slice` and `Concat`; PyTorch `torch.roll`.
    """

    word = "roll"
    any_element = True
    shift: Sizes = parameter(doc="cells that the places of every axis move; negative towards the start")

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        return x

    def needs(self, at: Site) -> tuple[tuple[Size, int], ...]:
        pairs = zip(at.x.spatial, map(abs, self.shift), strict=True)
        return tuple((size, cells) for size, cells in pairs if is_open(size) and not always_at_least(size, cells))

    def reach(self, at: Site) -> ReceptiveStep:
        ones = (1,) * at.x.rank
        return Reach(ones, ones, self.shift)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        return onnx_roll(graph, graph.x, at.x, self.shift)

    def pytorch(self, at: Site) -> TorchExpression:
        moved = {2 + axis: cells for axis, cells in enumerate(self.shift) if cells}
        if not moved:
            return TorchExpression("{0}")
        if len(moved) == 1:
            ((axis, cells),) = moved.items()
            return TorchExpression(f"{{0}}.roll({cells}, {axis})")
        return TorchExpression(f"{{0}}.roll({tuple(moved.values())}, {tuple(moved)})")


def onnx_roll(graph: OnnxRecorder, value: str, x: TensorType, shift: tuple[int, ...]) -> str:
    """The value, of a tensor's type, with the places of every axis moved on, and in again at the other end."""
    for axis, (size, cells) in enumerate(zip(x.spatial, shift, strict=True)):
        moved = cells if is_open(size) else cells % size
        if moved == 0:
            continue
        cut, along = graph.integers(-moved), graph.integers(2 + axis)  # type: ignore[arg-type]
        end = graph.node("Slice", value, cut, graph.integers(_END), along)
        start = graph.node("Slice", value, graph.integers(0), cut, along)
        value = graph.node("Concat", end, start, axis=2 + axis)
    return value
