"""A model to one that computes the same with fewer nodes: what stands behind a kernel is worked into it.

In this order:

* weights are stored as their readers take them, where nodes only moved their numbers (`Unsqueeze`, `Concat` …);
* a batch normalisation or a factor for each channel, behind a convolution or dense layer whose result goes nowhere
  else, moves into that layer's kernel and bias (Jacob et al. 2018, section 3.2);
* a concatenation that is only a part of another one along the same axis becomes a part of that one's list.

Kernels that several layers share stay as they are. Dropout has no nodes from the outset.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import onnx
from onnx import helper, numpy_helper

from netdsl.targets.onnx.arranged import MOVERS, arranged
from netdsl.targets.onnx.lower import Lowered
from netdsl.targets.onnx.tensors import Affine, ModelTensor, MovedBias, Reshaped, ScaledKernel, normalisation, vector

if TYPE_CHECKING:
    from netdsl.targets.onnx.tensors import Numbers

_KERNELS = ("Conv", "ConvTranspose", "Gemm")
_BIAS = 2


@dataclass(frozen=True, eq=False)
class Optimised:
    """A net in ONNX, as `Lowered`, whose tensors are no longer the layers' own."""

    model: onnx.ModelProto
    weights: tuple[ModelTensor, ...]


def optimise(lowered: Lowered) -> Optimised:
    """The same net with fewer nodes; `lowered` stays as it is."""
    model = onnx.ModelProto()
    model.CopyFrom(lowered.model)
    draft = _Draft(list(model.graph.node), model, {weight.name: weight for weight in lowered.weights})
    draft.arrange_weights()
    draft.fold_into_kernels()
    draft.merge_concatenations()
    return draft.finish()


@dataclass(eq=False)
class _Draft:
    """A model on the way: nodes come and go, tensors change under their names."""

    nodes: list[onnx.NodeProto]
    model: onnx.ModelProto
    tensors: dict[str, ModelTensor]

    def __post_init__(self) -> None:
        self.constants = {constant.name: constant for constant in self.model.graph.initializer}
        self.outputs = {output.name for output in self.model.graph.output}
        self.uses = Counter(name for node in self.nodes for name in node.input)
        self.makers = {name: node for node in self.nodes for name in node.output}

    # ---- the steps ---------------------------------------------------------------------------

    def arrange_weights(self) -> None:
        """Store weights as their readers take them, instead of nodes that move their numbers."""
        gone: set[int] = set()
        moved: set[str] = set()
        for node in self.nodes:
            weights = {name: self.tensors[name] for name in node.input if name in moved or self._is_own(name)}
            constants = {name: self.constants[name] for name in node.input if name in self.constants}
            if node.op_type in MOVERS and weights and len(weights) + len(constants) == len(set(node.input)):
                self.tensors |= zip(node.output, self._arranged(node, weights, constants), strict=True)
                moved |= set(node.output)
                gone.add(id(node))
        self._drop(lambda node: id(node) in gone)
        self._call_weights_by_their_own_names()

    def fold_into_kernels(self) -> None:
        """Work normalisations and factors into the kernels before them."""
        gone: set[int] = set()
        for node in self.nodes:
            found = self._affine(node)
            if found is None:
                continue
            kernel = self._kernel_before(found[0])
            if kernel is not None:
                self._fold(kernel, found[1])
                kernel.output[0] = node.output[0]
                self.makers[node.output[0]] = kernel
                gone.add(id(node))
        self._drop(lambda node: id(node) in gone)

    def merge_concatenations(self) -> None:
        """Make one list of lists along the same axis."""
        gone: set[int] = set()
        for node in self.nodes:
            if node.op_type != "Concat":
                continue
            inner = {name: self.makers[name] for name in node.input if self._is_part(node, name)}
            parts = [part for name in node.input for part in (inner[name].input if name in inner else [name])]
            del node.input[:]
            node.input.extend(parts)
            gone |= {id(part) for part in inner.values()}
        self._drop(lambda node: id(node) in gone)

    def finish(self) -> Optimised:
        """The model of the nodes that are left, with the tensors, constants and types that they need."""
        graph = self.model.graph
        read = {name for node in self.nodes for name in node.input}
        made = {name for node in self.nodes for name in node.output}
        constants = [constant for constant in graph.initializer if constant.name in read]
        types = [value for value in graph.value_info if value.name in made]
        smaller = helper.make_graph(
            self.nodes, graph.name, list(graph.input), list(graph.output), constants, value_info=types
        )
        self.model.graph.CopyFrom(smaller)
        return Optimised(self.model, tuple(tensor for name, tensor in self.tensors.items() if name in read))

    # ---- weights -----------------------------------------------------------------------------

    def _arranged(
        self, node: onnx.NodeProto, weights: Mapping[str, ModelTensor], constants: Mapping[str, onnx.TensorProto]
    ) -> tuple[ModelTensor, ...]:
        """What a node makes of weights; those that only change their shape keep their names and need no memory."""
        outputs = arranged(node, weights, constants, self.model.opset_import[0].version)
        if node.op_type not in ("Reshape", "Squeeze", "Unsqueeze"):
            return outputs
        return tuple(Reshaped(weights[node.input[0]], output.shape) for output in outputs)

    # ---- what a node does --------------------------------------------------------------------

    def _affine(self, node: onnx.NodeProto) -> tuple[str, Affine] | None:
        """The value that a node takes, and what it does to each of its channels by numbers of the model."""
        if node.op_type == "BatchNormalization":
            numbers = [self._numbers(name) for name in node.input[1:]]
            scale, bias, mean, variance = numbers
            if scale is None or bias is None or mean is None or variance is None:
                return None
            return node.input[0], normalisation(
                scale, bias, mean, variance, helper.get_node_attr_value(node, "epsilon")
            )
        if node.op_type != "Mul":
            return None
        for value, name in ((0, 1), (1, 0)):
            factor = self._factor_of_channels(node.input[name], node.input[value])
            if factor is not None:
                return node.input[value], Affine(factor, lambda source, factor=factor: 0 * factor(source))  # type: ignore[misc]
        return None

    def _numbers(self, name: str) -> Numbers | None:
        """The reader of a weight or a constant; None for a value that flows."""
        if name in self.tensors:
            tensor = self.tensors[name]
            return lambda source: vector(tensor, source)
        if name in self.constants:
            numbers = numpy_helper.to_array(self.constants[name]).astype("f8").reshape(-1)
            return lambda _: numbers
        return None

    def _factor_of_channels(self, name: str, value: str) -> Numbers | None:
        """The reader of a weight of shape (channels, 1, …) that a kernel's result is multiplied by."""
        maker, tensor = self.makers.get(value), self.tensors.get(name)
        if tensor is None or maker is None or maker.op_type not in _KERNELS or maker.input[1] not in self.tensors:
            return None
        axes = len(self.tensors[maker.input[1]].shape) - 2
        wanted = (self._channels(maker), *(1,) * axes)
        return self._numbers(name) if tensor.shape == wanted else None

    # ---- kernels -----------------------------------------------------------------------------

    def _kernel_before(self, value: str) -> onnx.NodeProto | None:
        """The node whose result this is, if it has a kernel to itself, and nobody else takes the result."""
        node = self.makers.get(value)
        if node is None or node.op_type not in _KERNELS or self.uses[value] != 1 or value in self.outputs:
            return None
        own = all(self._is_own(name) for name in node.input[1:])
        return node if own and _is_plain(node) else None

    def _channels(self, kernel: onnx.NodeProto) -> int:
        shape = self.tensors[kernel.input[1]].shape
        return shape[1] * _groups(kernel) if kernel.op_type == "ConvTranspose" else shape[0]

    def _fold(self, kernel: onnx.NodeProto, affine: Affine) -> None:
        name, channels = kernel.input[1], self._channels(kernel)
        tensor = self.tensors[name]
        self.tensors[name] = ScaledKernel(tensor, affine, _groups(kernel), kernel.op_type == "ConvTranspose")
        if len(kernel.input) > _BIAS:
            bias = kernel.input[_BIAS]
            self.tensors[bias] = MovedBias(bias, self.tensors[bias], affine, (channels,))
            return
        bias = self._free_name(f"{name.rpartition('.')[0]}.bias")
        kernel.input.append(bias)
        self.uses[bias] = 1
        self.tensors[bias] = MovedBias(bias, None, affine, (channels,))

    def _free_name(self, name: str) -> str:
        while name in self.tensors or name in self.makers or name in self.constants:
            name += "_"
        return name

    # ---- the graph ---------------------------------------------------------------------------

    def _is_own(self, name: str) -> bool:
        """Whether a name is a weight's that one node reads."""
        return name in self.tensors and self.uses[name] == 1

    def _is_part(self, outer: onnx.NodeProto, name: str) -> bool:
        inner = self.makers.get(name)
        if inner is None or inner.op_type != "Concat" or self.uses[name] != 1 or name in self.outputs:
            return False
        axes = [helper.get_node_attr_value(node, "axis") for node in (inner, outer)]
        return bool(axes[0] == axes[1])

    def _call_weights_by_their_own_names(self) -> None:
        """Where a change of shape went, its reader takes the weight itself."""
        renamed = {name: tensor.name for name, tensor in self.tensors.items() if name != tensor.name}
        for node in self.nodes:
            for place, name in enumerate(node.input):
                node.input[place] = renamed.get(name, name)
        self.tensors = {tensor.name: tensor for tensor in self.tensors.values()}
        self.uses = Counter(name for node in self.nodes for name in node.input)

    def _drop(self, unwanted: Callable[[onnx.NodeProto], bool]) -> None:
        self.nodes = [node for node in self.nodes if not unwanted(node)]


def _is_plain(node: onnx.NodeProto) -> bool:
    """Whether the rows of a dense layer's kernel are its outputs, and nothing else is done to it."""
    settings = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    return node.op_type != "Gemm" or settings == {"transB": 1}


def _groups(node: onnx.NodeProto) -> int:
    found = [attribute.i for attribute in node.attribute if attribute.name == "group"]
    return found[0] if found else 1
