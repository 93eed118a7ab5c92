"""Both targets against each other: the ONNX graph in onnxruntime and the PyTorch source, with the same weights.

The reference is the PyTorch side in float64. A target agrees when

    max|target - reference| <= 1e-5 * max(1, max|reference|)

The weights keep a signal alive through deep nets (`netdsl.weights.sources.Lively`), so that a mistake shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from netdsl.graph.model import Graph
from netdsl.ops.embedding import Embed
from netdsl.runtime import Session
from netdsl.targets.onnx.lower import Lowered, lower
from netdsl.targets.onnx.model import in_memory
from netdsl.targets.onnx.opsets import DEFAULT_OPSET
from netdsl.types.sizes import lower_bound, substitute, symbols
from netdsl.types.tensors import INT64, TensorType
from netdsl.weights.sources import Lively, WeightSource, array_of

if TYPE_CHECKING:
    import numpy as np

Arrays = Mapping[str, Any]
TOLERANCE = 1e-5
_LARGEST_TRIED = 1024


@dataclass(frozen=True, slots=True)
class Agreement:
    """One output's differences from the float64 reference.

    Attributes:
        onnx: largest absolute difference of onnxruntime's answer.
        pytorch: largest absolute difference of PyTorch's answer in float32.
        scale: max(1, largest absolute value of the reference).
    """

    output: str
    shape: tuple[int, ...]
    onnx: float
    pytorch: float
    scale: float

    @property
    def relative(self) -> float:
        """The ONNX difference as a part of the scale."""
        return self.onnx / self.scale

    @property
    def agrees(self) -> bool:
        """Whether onnxruntime's answer is within the tolerance; NaN never is."""
        return self.onnx <= TOLERANCE * self.scale


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found for one net at one set of sizes."""

    net: str
    batch: int
    sizes: Mapping[str, int]
    outputs: tuple[Agreement, ...]

    @property
    def agrees(self) -> bool:
        """Whether every output agrees."""
        return all(output.agrees for output in self.outputs)


def verify(  # noqa: PLR0913 - what can be chosen about a comparison
    graph: Graph,
    *,
    seed: int = 0,
    batch: int = 2,
    sizes: Mapping[str, int] | None = None,
    source: WeightSource | None = None,
    device: str = "cpu",
    opset: int = DEFAULT_OPSET,
    optimise: bool = True,
) -> Verification:
    """Compare the answers of both targets on random inputs.

    Args:
        graph: a complete graph.
        seed: of weights and inputs.
        batch: how many examples.
        sizes: values for symbols; the smallest legal ones, four times over, by default.
        source: the weights; lively ones by default.
        device: where onnxruntime runs.
        opset: of the ONNX graph.
        optimise: whether onnxruntime may rewrite the graph.
    """
    weights = source or Lively(seed)
    lowered = lower(graph, opset=opset)
    chosen = {**smallest_sizes(graph), **(sizes or {})}
    inputs = random_inputs(graph, chosen, batch, seed)
    found = Session(in_memory(lowered, weights).SerializeToString(), device, optimise=optimise).run(inputs)
    single, double = _pytorch(graph, lowered, weights, inputs)
    outputs = tuple(_compare(name, found[name], single[name], double[name]) for name in graph.outputs)
    return Verification(graph.name, batch, chosen, outputs)


def smallest_sizes(graph: Graph) -> dict[str, int]:
    """Values for the symbols of a net's inputs that satisfy all that the net needs, with some room."""
    names = sorted(
        {name for tensor in graph.inputs if tensor.type for size in tensor.type.shape for name in symbols(size)}
    )
    tried = (*(1 << power for power in range(2, 31)), *range(_LARGEST_TRIED, 0, -1))
    fitting = (
        value for value in tried if not any(_misses(each.size, each.least, names, value) for each in graph.requirements)
    )
    return dict.fromkeys(names, next(fitting, tried[0]))


def _misses(size: Any, least: int, names: list[str], value: int) -> bool:
    known = substitute(size, dict.fromkeys(names, value))
    bound = lower_bound(known)
    return bound is None or bound < least


def random_inputs(graph: Graph, sizes: Mapping[str, int], batch: int, seed: int) -> dict[str, Any]:
    """Normal numbers for float inputs, for integer ones indices that every table of the net has."""
    import numpy as np

    generator = np.random.default_rng(seed)
    arrays: dict[str, Any] = {}
    for tensor in graph.inputs:
        assert tensor.type is not None, "a complete graph has typed inputs"
        shape = (batch, *concrete_shape(tensor.type, sizes))
        if tensor.type.element == INT64:
            arrays[tensor.name or "input"] = generator.integers(0, _smallest_table(graph), shape)
        else:
            arrays[tensor.name or "input"] = generator.standard_normal(shape, dtype=np.float32)
    return arrays


def _smallest_table(graph: Graph) -> int:
    tables = [layer.operation.vocabulary for layer in graph.layers() if isinstance(layer.operation, Embed)]
    return min(tables, default=2)


def concrete_shape(tensor: TensorType, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The shape with numbers for its symbols."""
    known = tuple(substitute(size, dict(sizes)) for size in tensor.shape)
    return tuple(int(size) for size in known)  # type: ignore[arg-type]


def state_dict(lowered: Lowered, source: WeightSource, module: Any) -> dict[str, Any]:
    """The weights as a PyTorch state dict for a generated module, with its counters of batches as they are."""
    import torch

    state = {
        named.path: torch.from_numpy(array_of(source, named.path, named.weight).copy()) for named in lowered.weights
    }
    counters = {name: value for name, value in module.state_dict().items() if name.endswith("num_batches_tracked")}
    return {**state, **counters}


def _pytorch(graph: Graph, lowered: Lowered, source: WeightSource, inputs: Arrays) -> tuple[Arrays, Arrays]:
    """The generated module's answers in float32 and in float64."""
    import torch

    from netdsl.targets.pytorch import build_module

    module = build_module(graph)
    needed = lower(graph, training_outputs=True) if graph.training_outputs else lowered
    module.load_state_dict(state_dict(needed, source, module), strict=True)
    module.eval()
    arrays = [torch.from_numpy(array) for array in inputs.values()]
    with torch.inference_mode():
        single = _outputs(graph, module(*arrays))
        module.double()
        doubled = [array.double() if array.is_floating_point() else array for array in arrays]
        double = _outputs(graph, module(*doubled))
    return single, double


def _outputs(graph: Graph, result: Any) -> dict[str, Any]:
    results = result if isinstance(result, tuple) else (result,)
    return {name: tensor.numpy() for name, tensor in zip(graph.outputs, results, strict=True)}


def _compare(name: str, found: Any, single: Any, double: np.ndarray[Any, Any]) -> Agreement:
    import numpy as np

    if found.shape != double.shape:
        return Agreement(name, tuple(found.shape), float("inf"), float("inf"), 1.0)
    scale = max(1.0, float(np.abs(double).max(initial=0)))
    off = float(np.abs(found - double).max(initial=0))
    return Agreement(name, tuple(double.shape), off, float(np.abs(single - double).max(initial=0)), scale)
