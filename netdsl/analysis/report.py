"""The graph of a net to its report: costs and shapes layer by layer, and their totals, as plain data.

Conventions, which every printed report states: MACs are the multiply-accumulates of convolutions and dense layers
for one example, those of attention and recurrent layers are added apart; FLOPs are 2 x MACs; bias, normalisation and
activations are not counted. Activations
are the numbers that the layers with MACs put out (the "neurons" of the AlexNet paper; "Acts" of Radosavovic et
al. 2020). Numbers take 4 bytes, indices 8.
"""

from __future__ import annotations

from dataclasses import dataclass

from netdsl.analysis.receptive import ReceptiveField, receptive_fields
from netdsl.graph.model import Graph, Layer, Tensor
from netdsl.source import Span
from netdsl.types.sizes import Size, is_open
from netdsl.types.tensors import INT64, TensorType

CONVENTION = (
    "MACs: multiply-accumulates of convolutions and matrix products; FLOPs = 2 x MACs; "
    "bias, normalisation and activations not counted"
)


@dataclass(frozen=True, eq=False, slots=True)
class LayerReport:
    """One layer's figures; shapes without the batch, sizes and costs exact, for one example."""

    name: str
    operation: str
    span: Span
    inputs: tuple[TensorType, ...]
    outputs: tuple[TensorType, ...]
    parameters: int
    trainable: int
    buffers: int
    macs: Size
    activations: Size
    receptive_field: ReceptiveField
    training_only: bool = False
    further_macs: tuple[tuple[str, Size], ...] = ()

    @property
    def output(self) -> TensorType:
        """The output, or the first of several."""
        return self.outputs[0]

    @property
    def output_bytes(self) -> Size:
        """Memory of the outputs for one example."""
        return self.activations * (8 if self.output.element == INT64 else 4)


@dataclass(frozen=True, eq=False, slots=True)
class NamedTensor:
    """An input or output of the net."""

    name: str
    type: TensorType


@dataclass(frozen=True, eq=False, slots=True)
class Totals:
    """A net's figures, for one example."""

    params: int
    trainable: int
    buffers: int
    macs: Size
    flops: Size
    activations: Size
    bytes: Size
    attention: Size = 0
    recurrence: Size = 0

    @property
    def further_macs(self) -> tuple[tuple[str, Size], ...]:
        """The addends that stand beside `macs`, by what makes them; those that are not there left out."""
        addends = (("attention", self.attention), ("recurrence", self.recurrence))
        return tuple((name, macs) for name, macs in addends if is_open(macs) or macs != 0)


@dataclass(frozen=True, eq=False, slots=True)
class Report:
    """A net's report.

    Attributes:
        complete: whether the net is without mistakes; otherwise the layers are those up to the first.
        needs: what open sizes must reach, as (size, least value).
    """

    name: str
    span: Span
    inputs: tuple[NamedTensor, ...]
    outputs: tuple[NamedTensor, ...]
    training_outputs: tuple[NamedTensor, ...]
    layers: tuple[LayerReport, ...]
    totals: Totals
    complete: bool
    needs: tuple[tuple[Size, int], ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether any size is an expression in symbols."""
        return any(tensor.type.is_open for tensor in self.inputs)


def report(graph: Graph) -> Report:
    """The report of a net; of one with mistakes, whatever is well-typed."""
    fields = receptive_fields(graph)
    layers = tuple(_layer(layer, fields) for layer in graph.root.layers() if layer.well_typed)
    return Report(
        graph.name,
        graph.span,
        _named([(tensor.name or "input", tensor) for tensor in graph.inputs]),
        _named(list(graph.outputs.items())),
        _named(list(graph.training_outputs.items())),
        layers,
        _totals(layers),
        graph.complete,
        tuple((requirement.size, requirement.least) for requirement in graph.requirements),
    )


def _layer(layer: Layer, fields: dict[int, ReceptiveField]) -> LayerReport:
    site = layer.site
    owned = () if layer.shares_weights else layer.weights
    params = sum(weight.count for weight in owned if not weight.buffer)
    outputs = sum((tensor.elements for tensor in site.outputs), start=0)
    return LayerReport(
        layer.name,
        layer.operation.word,
        layer.span,
        site.inputs,
        site.outputs,
        params,
        sum(weight.count for weight in owned if weight.trainable and not weight.buffer),
        sum(weight.count for weight in owned if weight.buffer),
        layer.operation.macs(site),
        outputs,
        fields.get(id(layer.outputs[0])),
        layer.training_only,
        layer.operation.further_macs(site),
    )


def _named(tensors: list[tuple[str, Tensor]]) -> tuple[NamedTensor, ...]:
    return tuple(NamedTensor(name, tensor.type) for name, tensor in tensors if tensor.type is not None)


def _totals(layers: tuple[LayerReport, ...]) -> Totals:
    """Costs are those of inference; parameters include the layers that only training needs."""
    inference = [layer for layer in layers if not layer.training_only]
    macs = sum((layer.macs for layer in inference), start=0)
    params = sum(layer.parameters for layer in inference)
    return Totals(
        params,
        sum(layer.trainable for layer in inference),
        sum(layer.buffers for layer in inference),
        macs,
        2 * macs,
        sum((layer.activations for layer in inference if _has_macs(layer)), start=0),
        4 * (params + sum(layer.buffers for layer in inference)),
        _further(inference, "attention"),
        _further(inference, "recurrence"),
    )


def _further(layers: list[LayerReport], addend: str) -> Size:
    return sum((macs for layer in layers for name, macs in layer.further_macs if name == addend), start=0)


def _has_macs(layer: LayerReport) -> bool:
    return bool(layer.further_macs) or is_open(layer.macs) or layer.macs != 0
