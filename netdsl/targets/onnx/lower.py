"""The typed graph of a net to an ONNX model without weights, and the list of initializers that go with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import onnx
from onnx import TensorProto, helper

from netdsl.graph.model import Graph, Layer, Tensor
from netdsl.ops.lowering import OnnxConstant, OnnxNode, OnnxRecorder
from netdsl.targets.onnx.opsets import DEFAULT_OPSET, OPSETS
from netdsl.targets.onnx.tensors import NamedWeight
from netdsl.types.tensors import INT64, TensorType

BATCH = "batch"
SOURCE_KEY = "netdsl.source"
_IR_WITH_NODE_METADATA = 10
_ELEMENTS = {"float32": TensorProto.FLOAT, "float64": TensorProto.DOUBLE, INT64: TensorProto.INT64}


@dataclass(frozen=True, eq=False)
class Lowered:
    """A net in ONNX.

    Attributes:
        model: the model, without initializers for weights; small constants are in it.
        weights: the weights that its nodes read, in the order of the flow.
    """

    model: onnx.ModelProto
    weights: tuple[NamedWeight, ...]


def lower(graph: Graph, *, opset: int = DEFAULT_OPSET, training_outputs: bool = False) -> Lowered:
    """The ONNX model of a net that has been checked; the batch is a free dimension.

    Args:
        graph: a complete graph.
        opset: one of `OPSETS`.
        training_outputs: whether the outputs that are there in training only are wanted too.

    Raises:
        ValueError: the graph has mistakes, or the opset is not one of `OPSETS`.
    """
    if not graph.complete:
        raise ValueError(f"{graph.name} has mistakes and cannot be lowered")
    if opset not in OPSETS:
        raise ValueError(f"opset {opset} is not one of {min(OPSETS)} to {max(OPSETS)}")
    return _Lowering(graph, opset, training_outputs).run()


@dataclass(eq=False)
class _Lowering:
    graph: Graph
    opset: int
    training_outputs: bool
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    weights: dict[str, NamedWeight] = field(default_factory=dict)
    values: dict[int, str] = field(default_factory=dict)
    types: list[onnx.ValueInfoProto] = field(default_factory=list)

    def run(self) -> Lowered:
        outputs = dict(self.graph.outputs)
        if self.training_outputs:
            outputs.update(self.graph.training_outputs)
        self.taken = {tensor.name or "input" for tensor in self.graph.inputs} | set(outputs)
        self.wanted = self._names_of_outputs(outputs)
        for tensor in self.graph.inputs:
            self.values[id(tensor)] = tensor.name or "input"
        for layer in self.graph.root.layers():
            if self.training_outputs or not layer.training_only:
                self._layer(layer)
        results = [self._output(name, tensor) for name, tensor in outputs.items()]
        inputs = [_value(tensor.name or "input", tensor.type) for tensor in self.graph.inputs if tensor.type]
        onnx_graph = helper.make_graph(
            self.nodes, self.graph.name, inputs, results, self.constants, value_info=self.types
        )
        model = helper.make_model(
            onnx_graph,
            producer_name="netdsl",
            ir_version=OPSETS[self.opset],
            opset_imports=[helper.make_opsetid("", self.opset)],
        )
        return Lowered(model, tuple(self.weights.values()))

    def _names_of_outputs(self, outputs: dict[str, Tensor]) -> dict[int, str]:
        """The output name that a layer's value takes directly: the first where a tensor is several outputs."""
        names: dict[int, str] = {}
        for name, tensor in outputs.items():
            names.setdefault(id(tensor), name)
        return names

    # ---- layers ------------------------------------------------------------------------------

    def _layer(self, layer: Layer) -> None:
        inputs = tuple(self.values[id(tensor)] for tensor in layer.reads)
        recorder = OnnxRecorder(layer.name, inputs, self._initializers(layer), self.opset)
        results = layer.operation.onnx(recorder, layer.site)
        results = (results,) if isinstance(results, str) else results
        renamed = self._rename(layer, recorder, results)
        for tensor, result in zip(layer.outputs, results, strict=True):
            self.values[id(tensor)] = renamed.get(result, result)
        last = len(recorder.nodes) - 1
        for place, node in enumerate(recorder.nodes):
            self.nodes.append(self._node(layer, node, renamed, is_last=place == last))
        self.constants.extend(_constant(constant) for constant in recorder.constants)

    def _initializers(self, layer: Layer) -> dict[str, str]:
        """The initializers' names by the weights' own; one that has its layer's name must not be a value as well."""
        names: dict[str, str] = {}
        for weight in layer.weights:
            path = layer.name_of(weight)
            name = names[weight.name] = f"{path}.weight" if path in self.taken else path
            self.weights.setdefault(path, NamedWeight(name, path, weight, layer))
        return names

    def _rename(self, layer: Layer, recorder: OnnxRecorder, results: tuple[str, ...]) -> dict[str, str]:
        """The results' names: the net's outputs keep theirs, other values are named after their layer."""
        made = {output for node in recorder.nodes for output in node.outputs}
        renamed: dict[str, str] = {}
        for place, (tensor, result) in enumerate(zip(layer.outputs, results, strict=True)):
            if result not in made or result in renamed:
                continue
            name = layer.name if len(results) == 1 else f"{layer.name}.{place}"
            wanted = self.wanted.get(id(tensor))
            taken = name in self.taken or name in recorder.weights.values()
            renamed[result] = wanted or (f"{name}.value" if taken else name)
            if wanted is None and tensor.type is not None:
                self.types.append(_value(renamed[result], tensor.type))
        return renamed

    def _node(self, layer: Layer, node: OnnxNode, renamed: dict[str, str], *, is_last: bool) -> onnx.NodeProto:
        outputs = [renamed.get(name, name) for name in node.outputs]
        proto = helper.make_node(
            node.operator,
            [renamed.get(name, name) for name in node.inputs],
            outputs,
            name=layer.name if is_last else node.outputs[0].rsplit(".", 1)[0],
            **{name: _attribute(value) for name, value in node.attributes.items()},
        )
        place = f"{PurePath(layer.span.source.name).name}:{layer.span.row}"
        if OPSETS[self.opset] >= _IR_WITH_NODE_METADATA:
            entry = proto.metadata_props.add()
            entry.key, entry.value = SOURCE_KEY, place
        else:
            proto.doc_string = place
        return proto

    def _output(self, name: str, tensor: Tensor) -> onnx.ValueInfoProto:
        """The declaration of an output; a value that has another name already is passed through `Identity`."""
        assert tensor.type is not None, "a complete graph has typed outputs"
        value = self.values[id(tensor)]
        if value != name:
            self.nodes.append(helper.make_node("Identity", [value], [name], name=f"{name}.output"))
        return _value(name, tensor.type)


def _value(name: str, tensor: TensorType) -> onnx.ValueInfoProto:
    """A value's declaration: the batch first, open sizes by their expression."""
    dims: list[str | int | None] = [BATCH, *(size if isinstance(size, int) else str(size) for size in tensor.shape)]
    return helper.make_tensor_value_info(name, _ELEMENTS[tensor.element], dims)


def _constant(constant: OnnxConstant) -> onnx.TensorProto:
    return helper.make_tensor(constant.name, _ELEMENTS[constant.element], constant.shape, constant.values)


def _attribute(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return list(value) if isinstance(value, tuple) else value
