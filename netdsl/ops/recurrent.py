"""Layers that go along a sequence and remember: `lstm`, `gru`, `rnn`."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any, ClassVar

from netdsl.diagnostics import operations, parameters
from netdsl.ops.channels import channel_count, open_channels_misfit
from netdsl.ops.contract import EVERYWHERE, Misfit, Operation, ReceptiveStep, Site, Weight, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, TorchModule
from netdsl.types.sizes import Size
from netdsl.types.tensors import TensorType
from netdsl.weights.initializers import pytorch_default

RECURRENCE = "recurrence"
TANH = "tanh"
RELU = "relu"
_BACKWARDS = "_reverse"


@operation
class Recurrent(Operation):
    """What the three have in common: a state of `units` numbers, made at every place of what is there and of itself.

    Attributes:
        gates: how many sums of all inputs and states there are for each unit.
        order: PyTorch's gates in the order in which ONNX has them.
        operator: the ONNX operator, and the PyTorch class.
    """

    gates: ClassVar[int]
    order: ClassVar[tuple[int, ...]]
    operator: ClassVar[str]

    units: int = parameter(doc="numbers of the state", minimum=1)
    layers: int = parameter(1, doc="how many, each on the states of the one before", minimum=1)
    bidirectional: bool = parameter(False, doc="whether as many units go from the end to the start")
    dropout: float = parameter(0.0, doc="part of the states between layers that is set to 0", minimum=0, below=1)
    bias: bool = parameter(True, doc="whether sums have numbers of their own, for inputs and for states")

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        if x.rank != 1:
            return Misfit(operations.NeedsSequence(self.word, str(x), x.rank))
        if self.dropout and self.layers == 1:
            allowed = "0 for one layer, since it stands between layers"
            return Misfit(parameters.OutOfRange(self.word, "dropout", f"{self.dropout:g}", allowed), "dropout")
        return open_channels_misfit(self.word, x) or x.with_channels(self.units * len(self._directions))

    def weights(self, at: Site) -> tuple[Weight, ...]:
        rows, scheme = self.gates * self.units, pytorch_default(self.units)
        shapes: list[tuple[str, tuple[int, ...]]] = []
        for layer, inputs in enumerate(self._inputs(at)):
            for direction in self._directions:
                shapes += [(f"weight_ih_l{layer}{direction}", (rows, inputs))]
                shapes += [(f"weight_hh_l{layer}{direction}", (rows, self.units))]
                if self.bias:
                    shapes += [(f"bias_{kind}_l{layer}{direction}", (rows,)) for kind in ("ih", "hh")]
        return tuple(Weight(name, shape, scheme) for name, shape in shapes)

    def further_macs(self, at: Site) -> tuple[tuple[str, Size], ...]:
        sums = self.gates * self.units * len(self._directions)
        each = sum(sums * (inputs + self.units) for inputs in self._inputs(at))
        return ((RECURRENCE, at.x.spatial[0] * each),)

    def reach(self, at: Site) -> ReceptiveStep:
        return EVERYWHERE

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        factors = [*([2] if self.bidirectional else []), *([self.gates] if self.gates > 1 else []), self.units]
        lines: dict[str, list[int]] = {}
        for layer, inputs in enumerate(self._inputs(at), start=1):
            products = prod(factors) * (inputs + self.units)
            line = f"{' * '.join(map(str, factors))} * ({inputs} + {self.units}) = {products:,} products a place"
            lines.setdefault(line, []).append(layer)
        if self.layers == 1:
            return tuple(lines)
        return tuple(f"{_layer_words(layers)}: {line}" for line, layers in lines.items())

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        x = graph.node("Transpose", graph.x, perm=[2, 0, 1])
        for layer in range(self.layers):
            states = self._layer(graph, x, layer)
            x = self._directions_as_channels(graph, states)
        return graph.node("Transpose", x, perm=[1, 2, 0])

    def pytorch(self, at: Site) -> TorchModule:
        changed: dict[str, Any] = {
            "num_layers": (self.layers, 1),
            "bias": (self.bias, True),
            "dropout": (self.dropout, 0.0),
            "bidirectional": (self.bidirectional, False),
            **self.own_keywords(),
        }
        keywords = {name: value for name, (value, default) in changed.items() if value != default}
        sizes = (channel_count(at.x), self.units)
        return TorchModule(f"Channel{self.operator}", sizes, keywords, support=f"channel_{self.word}.py")

    def own_keywords(self) -> dict[str, tuple[Any, Any]]:
        """PyTorch's arguments that only this kind has, each with its default."""
        return {}

    def own_attributes(self) -> dict[str, Any]:
        """ONNX's attributes that only this kind has."""
        return {}

    # ---- sizes -------------------------------------------------------------------------------

    @property
    def _directions(self) -> tuple[str, ...]:
        """What the names of the weights end with, for each direction."""
        return ("", _BACKWARDS) if self.bidirectional else ("",)

    def _inputs(self, at: Site) -> Iterator[int]:
        """What each layer takes at a place: the channels, and then the states of the layer before."""
        yield channel_count(at.x)
        yield from [self.units * len(self._directions)] * (self.layers - 1)

    # ---- ONNX --------------------------------------------------------------------------------

    def _layer(self, graph: OnnxRecorder, x: str, layer: int) -> str:
        """The states of one layer, from (places, batch, channels) to (places, directions, batch, units)."""
        inputs, states = (self._of_both(graph, f"weight_{kind}_l{layer}") for kind in ("ih", "hh"))
        biases = [self._biases(graph, layer)] if self.bias else []
        direction = "bidirectional" if self.bidirectional else "forward"
        attributes = {"hidden_size": self.units, "direction": direction, **self.own_attributes()}
        return graph.node(self.operator, x, inputs, states, *biases, **attributes)

    def _of_both(self, graph: OnnxRecorder, name: str) -> str:
        """A weight of every direction, one above the other."""
        return self._stacked(graph, [self._ordered(graph, name + direction) for direction in self._directions])

    def _biases(self, graph: OnnxRecorder, layer: int) -> str:
        """The biases of every direction, each with those of the inputs before those of the states."""
        rows = []
        for direction in self._directions:
            both = [self._ordered(graph, f"bias_{kind}_l{layer}{direction}") for kind in ("ih", "hh")]
            rows.append(graph.node("Concat", *both, axis=0))
        return self._stacked(graph, rows)

    def _ordered(self, graph: OnnxRecorder, name: str) -> str:
        """A weight with its gates in ONNX's order."""
        weight = graph.weights[name]
        if self.gates == 1:
            return weight
        sizes = graph.integers(*(self.units,) * self.gates)
        gates = graph.node_with_outputs("Split", self.gates, weight, sizes, axis=0)
        return graph.node("Concat", *(gates[place] for place in self.order), axis=0)

    @staticmethod
    def _stacked(graph: OnnxRecorder, parts: list[str]) -> str:
        rows = [graph.node("Unsqueeze", part, graph.integers(0)) for part in parts]
        return rows[0] if len(rows) == 1 else graph.node("Concat", *rows, axis=0)

    def _directions_as_channels(self, graph: OnnxRecorder, states: str) -> str:
        """From (places, directions, batch, units) to (places, batch, channels)."""
        if not self.bidirectional:
            return graph.node("Squeeze", states, graph.integers(1))
        states = graph.node("Transpose", states, perm=[0, 2, 1, 3])
        return graph.node("Reshape", states, graph.integers(0, 0, 2 * self.units))


@operation
class LongShortTermMemory(Recurrent):
    """A state and a memory behind it, which gates write, erase and read.

    Hochreiter and Schmidhuber 1997, with the forget gate of Gers, Schmidhuber and Cummins 2000 and no peepholes; ONNX
    `LSTM`; PyTorch `nn.LSTM`.
    """

    word = "lstm"
    gates = 4
    order = (0, 3, 1, 2)
    operator = "LSTM"


@operation
class GatedRecurrentUnit(Recurrent):
    """A state of which one gate tells how much is kept, and another how much of it goes into the new one.

    Cho et al. 2014, with the second gate behind the matrix product, as cuDNN has it; ONNX `GRU`; PyTorch `nn.GRU`.
    """

    word = "gru"
    gates = 3
    order = (1, 0, 2)
    operator = "GRU"

    def own_attributes(self) -> dict[str, Any]:
        return {"linear_before_reset": 1}


@operation
class RecurrentNet(Recurrent):
    """A state that is the activation of a sum of inputs and states. Elman 1990; ONNX `RNN`; PyTorch `nn.RNN`."""

    word = "rnn"
    gates = 1
    order = (0,)
    operator = "RNN"
    activation: str = parameter(TANH, doc="function that makes the state of the sum", choices=(TANH, RELU))

    def own_attributes(self) -> dict[str, Any]:
        return {"activations": [self.activation.capitalize()] * len(self._directions)}

    def own_keywords(self) -> dict[str, tuple[Any, Any]]:
        return {"nonlinearity": (self.activation, TANH)}


def _layer_words(layers: list[int]) -> str:
    return f"layer {layers[0]}" if len(layers) == 1 else f"layers {layers[0]} to {layers[-1]}, each"
