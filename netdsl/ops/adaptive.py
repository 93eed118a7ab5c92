"""The pool that is told its output's size."""

from __future__ import annotations

from netdsl.diagnostics import shapes
from netdsl.ops.contract import EVERYWHERE, Misfit, Operation, Reach, ReceptiveStep, Site, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchModule, one_or_all
from netdsl.ops.padding import pool_pads
from netdsl.ops.windows import Sizes
from netdsl.types.sizes import is_open
from netdsl.types.tensors import TensorType


@operation
class AdaptiveAveragePool(Operation):
    """The means of as many windows as are asked for, which together see everything.

    Along an axis of n cells, window i of m is from floor(i * n / m) up to ceil((i + 1) * n / m), so that windows
    overlap where m does not divide n (PyTorch's rule). PyTorch `nn.AdaptiveAvgPool1d`, `2d`, `3d`. ONNX has none:
    it is `AveragePool` where the sizes divide, and otherwise a product with a matrix for each axis.
    """

    word = "adaptive_avgpool"
    size: Sizes = parameter(doc="places of the output on each axis", minimum=1)

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        if x.rank == 0:
            return Misfit(shapes.NeedsSpatialAxes(self.word, str(x)))
        if not self._is_global and any(map(is_open, x.spatial)):
            advice = "`adaptive_avgpool 1` takes any size, and `--size` fixes one"
            return Misfit(shapes.NeedsKnownSize(self.word, "the sizes of its input", f"open in {x}", advice))
        return x.with_spatial(self.size)

    def reach(self, at: Site) -> ReceptiveStep:
        if self._is_global:
            return EVERYWHERE
        pairs = list(zip(_numbers(at.x), self.size, strict=True))
        windows = tuple(max(end - start for start, end in _windows(cells, places)) for cells, places in pairs)
        return Reach(windows, tuple(max(cells // places, 1) for cells, places in pairs), (0,) * at.x.rank)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        if self._is_global:
            return graph.node("GlobalAveragePool", graph.x)
        sizes = _numbers(at.x)
        if any(cells % places for cells, places in zip(sizes, self.size, strict=True)):
            return self._products(graph, at)
        steps = tuple(cells // places for cells, places in zip(sizes, self.size, strict=True))
        return graph.node(
            "AveragePool",
            graph.x,
            kernel_shape=steps,
            strides=steps,
            count_include_pad=0,
            **pool_pads(((0, 0),) * at.x.rank),
        )

    def pytorch(self, at: Site) -> TorchModule:
        module, function = f"nn.AdaptiveAvgPool{at.x.rank}d", f"F.adaptive_avg_pool{at.x.rank}d"
        return TorchModule(module, (one_or_all(self.size),), function=function)

    @property
    def _is_global(self) -> bool:
        return set(self.size) == {1}

    def _products(self, graph: OnnxRecorder, at: Site) -> str:
        """Every axis in turn as the last one, times the matrix of its means; after all turns they are in order."""
        x, rank = graph.x, at.x.rank
        turned = [0, 1, rank + 1, *range(2, rank + 1)]
        for cells, places in reversed(list(zip(_numbers(at.x), self.size, strict=True))):
            if cells != places:
                x = graph.node("MatMul", x, graph.floats(_means(cells, places), cells, places))
            if rank > 1:
                x = graph.node("Transpose", x, perm=turned)
        return x


def _numbers(x: TensorType) -> tuple[int, ...]:
    """The spatial sizes, which the shape rule wants to be numbers."""
    return tuple(size for size in x.spatial if isinstance(size, int))


def _windows(cells: int, places: int) -> list[tuple[int, int]]:
    """Where every window begins, and the first cell behind it."""
    return [(place * cells // places, -(-(place + 1) * cells // places)) for place in range(places)]


def _means(cells: int, places: int) -> tuple[float, ...]:
    """The matrix (cells, places) whose product with a row gives the means of its windows, row by row."""
    windows = _windows(cells, places)
    return tuple(1 / (end - start) if start <= cell < end else 0.0 for cell in range(cells) for start, end in windows)
