"""Runs one operation in onnxruntime and in PyTorch, from its lowerings alone, and compares what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper, shape_inference
from torch import nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from netdsl.ops import operations
from netdsl.ops.contract import Misfit, Operation, Site
from netdsl.ops.lowering import OnnxConstant, OnnxRecorder, TorchExpression, TorchModule
from netdsl.resources import read_text
from netdsl.targets.onnx.lower import OPSETS
from netdsl.types.sizes import Size, substitute
from netdsl.types.tensors import FLOAT32, INT64, TensorType

OPSET = 21
BATCH = 2
TOLERANCE = 1e-5
SMALLEST_TABLE = 3

_ELEMENTS = {FLOAT32: onnx.TensorProto.FLOAT, INT64: onnx.TensorProto.INT64}

torch.set_num_threads(1)


def make(word: str, **settings: Any) -> Operation:
    """The operation with that word; parameters that are left out have their defaults."""
    return operations()[word](**settings)


def tensor(*shape: Size) -> TensorType:
    return TensorType(shape)


class RefusedError(Exception):
    """The shape rule does not take these inputs."""


@dataclass(frozen=True)
class Recorded:
    """An operation at a site with everything that it becomes."""

    operation: Operation
    site: Site
    graph: OnnxRecorder
    outputs: tuple[str, ...]


def site_of(operation: Operation, *inputs: TensorType) -> Site:
    """The site that the shape rule makes.

    Raises:
        RefusedError: with the words of the fact.
    """
    result = operation.infer(*inputs)
    if isinstance(result, Misfit):
        raise RefusedError(result.fact.message)
    return Site(inputs, result if isinstance(result, tuple) else (result,))


def record(operation: Operation, *inputs: TensorType, opset: int = OPSET) -> Recorded:
    """The lowerings of one layer."""
    return _record(operation, inputs, "layer", tuple(f"x{place}" for place in range(max(len(inputs), 1))), opset)


def record_chain(x: TensorType, *operations: Operation, opset: int = OPSET) -> tuple[Recorded, ...]:
    """The lowerings of layers without weights, each on what the last one left; the last has the nodes of all."""
    layers: list[Recorded] = []
    for place, operation in enumerate(operations):
        inputs = layers[-1].site.outputs if layers else (x,)
        layer = _record(operation, inputs, f"layer{place}", layers[-1].outputs if layers else ("x0",), opset)
        if layers:
            layer.graph.nodes[:0] = layers[-1].graph.nodes
            layer.graph.constants[:0] = layers[-1].graph.constants
        layers.append(layer)
    return tuple(layers)


def _record(
    operation: Operation, inputs: tuple[TensorType, ...], layer: str, names: tuple[str, ...], opset: int
) -> Recorded:
    site = site_of(operation, *inputs)
    weights = {weight.name: f"{layer}.{weight.name}" for weight in operation.weights(site)}
    graph = OnnxRecorder(layer, names, weights, opset)
    outputs = operation.onnx(graph, site)
    return Recorded(operation, site, graph, (outputs,) if isinstance(outputs, str) else outputs)


# ---- ONNX ------------------------------------------------------------------------------------


def onnx_model(
    recorded: Recorded, weights: Mapping[str, NDArray[np.float32]], inputs: Mapping[str, TensorType]
) -> onnx.ModelProto:
    """A model of the recorded nodes whose output has no declared shape."""
    graph = recorded.graph
    nodes = [helper.make_node(n.operator, n.inputs, n.outputs, **n.attributes) for n in graph.nodes]
    names = [f"y{place}" for place in range(len(recorded.outputs))]
    nodes += [
        helper.make_node("Identity", [inner], [name]) for inner, name in zip(recorded.outputs, names, strict=True)
    ]
    fed = [
        helper.make_tensor_value_info(name, _ELEMENTS[x.element], ["N", *map(_dimension, x.shape)])
        for name, x in inputs.items()
    ]
    outputs = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names]
    arrays = [numpy_helper.from_array(array, graph.weights[name]) for name, array in weights.items()]
    arrays += [numpy_helper.from_array(_array(constant), constant.name) for constant in graph.constants]
    opsets = [helper.make_opsetid("", graph.opset)]
    return helper.make_model(
        helper.make_graph(nodes, "layer", fed, outputs, arrays), opset_imports=opsets, ir_version=OPSETS[graph.opset]
    )


def _dimension(size: Any) -> int | str:
    return size if isinstance(size, int) else str(size)


def _array(constant: OnnxConstant) -> NDArray[Any]:
    return np.array(constant.values, constant.element).reshape(constant.shape)


def inferred_shapes(model: onnx.ModelProto) -> list[tuple[int | str, ...]]:
    """What ONNX's strict shape inference says of the outputs."""
    inferred = shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    onnx.checker.check_model(inferred)
    shapes = [output.type.tensor_type.shape for output in inferred.graph.output]
    return [tuple(axis.dim_value or axis.dim_param for axis in shape.dim) for shape in shapes]


def run_onnx(model: onnx.ModelProto, arrays: Mapping[str, NDArray[np.float32]], optimise: bool) -> NDArray[np.float32]:
    """The first output."""
    return run_all_onnx(model, arrays, optimise)[0]


def run_all_onnx(
    model: onnx.ModelProto, arrays: Mapping[str, NDArray[np.float32]], optimise: bool
) -> list[NDArray[np.float32]]:
    """All outputs."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    if not optimise:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, dict(arrays))


# ---- PyTorch ---------------------------------------------------------------------------------


def torch_names(lowering: TorchModule) -> dict[str, Any]:
    """What generated source has in sight."""
    names: dict[str, Any] = {"torch": torch, "nn": nn, "F": F}
    if lowering.support:
        exec(read_text("codegen_templates", "support", lowering.support), names)  # noqa: S102 - our own file
    return names


def torch_module(lowering: TorchModule) -> nn.Module:
    module = eval(lowering.name, torch_names(lowering))  # noqa: S307 - a name from our own lowering
    return module(*lowering.positional, **lowering.keywords)


def run_torch(
    recorded: Recorded, arrays: list[NDArray[np.float32]], weights: Mapping[str, NDArray[np.float32]]
) -> list[list[NDArray[np.float64]]]:
    """The layer's outputs in float64, and then those of the function of the same meaning, if there is one."""
    lowering = recorded.operation.pytorch(recorded.site)
    inputs = [torch.from_numpy(array) for array in arrays]
    inputs = [each.double() if each.is_floating_point() else each for each in inputs]
    if isinstance(lowering, TorchExpression):
        names = [f"x{place}" for place in range(len(inputs))]
        text = lowering.template.format(*names, all=", ".join(names))
        scope = {"torch": torch, "F": F, **dict(zip(names, inputs, strict=True))}
        return [_arrays(eval(text, scope))]  # noqa: S307 - an expression from our own lowering
    module = torch_module(lowering)
    missing = module.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    assert not missing.missing_keys
    assert not missing.unexpected_keys
    x = inputs[0].flatten(1) if lowering.flatten else inputs[0]
    if lowering.padding:
        x = F.pad(x, lowering.padding, value=lowering.padding_value)
    with torch.no_grad():
        results = [module.double().eval()(x, *inputs[1:])]
        if lowering.function:
            function = eval(lowering.function, torch_names(lowering))  # noqa: S307 - as above
            results.append(function(x, *lowering.positional, **lowering.keywords))
    return [_arrays(result) for result in results]


def _arrays(result: torch.Tensor | tuple[torch.Tensor, ...]) -> list[NDArray[np.float64]]:
    return [result.numpy()] if isinstance(result, torch.Tensor) else [each.numpy() for each in result]


# ---- the comparison --------------------------------------------------------------------------


def drawn_weights(recorded: Recorded, random: np.random.Generator) -> dict[str, NDArray[np.float32]]:
    """Numbers around 0 for all weights, and positive ones for a variance."""
    drawn = {}
    for weight in recorded.operation.weights(recorded.site):
        array = random.standard_normal(weight.shape).astype(np.float32)
        drawn[weight.name] = np.abs(array) + np.float32(0.5) if weight.name.endswith("var") else array
    return drawn


def check(operation: Operation, *inputs: TensorType, seed: int = 0, opset: int = OPSET, **sizes: int) -> Recorded:
    """Shape rule, ONNX's inference, onnxruntime and PyTorch say the same.

    Args:
        operation: the operation.
        inputs: its inputs.
        seed: for the numbers.
        opset: of the ONNX model.
        sizes: what the symbols of open sizes are in the run.

    Raises:
        RefusedError: the shape rule does not take these inputs.
    """
    recorded = record(operation, *inputs, opset=opset)
    _compare((recorded,), inputs, seed, sizes)
    return recorded


def check_chain(x: TensorType, *operations: Operation, seed: int = 0, opset: int = OPSET) -> None:
    """As `check`, for layers one after the other."""
    _compare(record_chain(x, *operations, opset=opset), (x,), seed, {})


def _compare(layers: tuple[Recorded, ...], inputs: tuple[TensorType, ...], seed: int, sizes: Mapping[str, int]) -> None:
    random = np.random.default_rng(seed)
    last = layers[-1]
    weights = drawn_weights(last, random)
    fed = {f"x{place}": x for place, x in enumerate(inputs)}
    arrays = [_numbers(x, (BATCH, *_known(x, sizes)), random) for x in inputs]
    where = " -> ".join(f"{type(layer.operation).__name__}({dict(layer.operation.settings())})" for layer in layers)
    where = f"{where} on {', '.join(map(str, inputs))}"
    model = onnx_model(last, weights, fed)
    inferred, expected = inferred_shapes(model), [_known(y, sizes) for y in last.site.outputs]
    assert sizes or [shape[1:] for shape in inferred] == expected, f"{where}: inference says {inferred}, not {expected}"
    answers = [arrays]
    for layer in layers:
        answers = run_torch(layer, answers[0], weights)
    for optimise in (False, True):
        results = run_all_onnx(model, dict(zip(fed, arrays, strict=True)), optimise)
        for truths in answers:
            for result, truth, shape in zip(results, truths, expected, strict=True):
                assert result.shape == truth.shape == (BATCH, *shape), f"{where}: {result.shape}, {truth.shape}"
                assert_close(result, truth, where)


def _numbers(x: TensorType, shape: tuple[int, ...], random: np.random.Generator) -> NDArray[Any]:
    if x.element == INT64:
        return random.integers(0, SMALLEST_TABLE, shape)
    return random.standard_normal(shape).astype(np.float32)


def _known(x: TensorType, sizes: Mapping[str, int]) -> tuple[int, ...]:
    shape = [substitute(size, sizes) for size in x.shape]
    assert all(isinstance(size, int) for size in shape), "the test must say what every symbol is"
    return tuple(shape)  # type: ignore[arg-type]


def assert_close(result: NDArray[np.float32], truth: NDArray[np.float64], where: str = "") -> None:
    """No number is off by more than 1e-5 of the largest, or of 1."""
    bound = TOLERANCE * max(1.0, float(np.abs(truth).max()))
    error = float(np.abs(result - truth).max())
    assert error <= bound, f"{where}: off by {error:g}, where {bound:g} is allowed"
