"""A node that only moves the numbers of weights, to the tensors that it makes: they can be stored instead of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import onnx
from onnx import TensorProto, helper, shape_inference
from onnx.reference import ReferenceEvaluator

from netdsl.targets.onnx.tensors import ModelTensor
from netdsl.weights.sources import WeightSource

if TYPE_CHECKING:
    import numpy as np

MOVERS = ("Concat", "Gather", "Reshape", "Slice", "Split", "Squeeze", "Transpose", "Unsqueeze")


@dataclass(frozen=True, eq=False, slots=True)
class Arranged:
    """One output of a node whose inputs are weights and constants; it is computed when it is written."""

    name: str
    shape: tuple[int, ...]
    model: onnx.ModelProto
    inputs: Mapping[str, ModelTensor]

    def pieces(self, source: WeightSource) -> Iterator[memoryview]:
        """The output in one piece."""
        import numpy as np

        arrays = {name: _array(tensor, source) for name, tensor in self.inputs.items()}
        (result,) = ReferenceEvaluator(self.model).run([self.name], arrays)
        yield np.ascontiguousarray(result, "<f4").reshape(-1).view(np.uint8).data


def arranged(
    node: onnx.NodeProto, weights: Mapping[str, ModelTensor], constants: Mapping[str, TensorProto], opset: int
) -> tuple[Arranged, ...]:
    """The outputs of a node whose float inputs are `weights`, and whose others are `constants`."""
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, weight.shape) for name, weight in weights.items()]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in node.output]
    graph = helper.make_graph([node], "node", inputs, outputs, list(constants.values()))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    inferred = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph.output
    return tuple(Arranged(output.name, _shape(output), model, weights) for output in inferred)


def _shape(value: onnx.ValueInfoProto) -> tuple[int, ...]:
    return tuple(axis.dim_value for axis in value.type.tensor_type.shape.dim)


def _array(tensor: ModelTensor, source: WeightSource) -> np.ndarray[Any, np.dtype[np.float32]]:
    import numpy as np

    return np.frombuffer(b"".join(map(bytes, tensor.pieces(source))), "<f4").reshape(tensor.shape)
