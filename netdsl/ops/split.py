"""Parts of a tensor: all parts of its channels, a range along an axis, and the channels in another order."""

from __future__ import annotations

from netdsl.diagnostics import operations
from netdsl.ops.axes import AXES, CHANNELS, axis_words, no_such_axis, place_of_axis
from netdsl.ops.channels import channel_count, group_misfit, open_channels_misfit
from netdsl.ops.contract import POINTWISE, Misfit, Operation, Reach, ReceptiveStep, Site, operation, parameter
from netdsl.ops.lowering import OnnxRecorder, Torch, TorchExpression, TorchModule
from netdsl.types.sizes import Size, always_at_least, is_open, never_at_least
from netdsl.types.tensors import TensorType

_END = 2**63 - 1


@operation
class Split(Operation):
    """The channels in parts, each a tensor of its own: `split 2 as a, b`.

    ONNX `Split`; PyTorch `torch.chunk`, `torch.split`.
    """

    word = "split"
    any_element = True
    parts: tuple[int, ...] = parameter(doc="how many equal parts, or the channels of each part", minimum=1)

    def infer(self, x: TensorType) -> tuple[TensorType, ...] | Misfit:  # type: ignore[override]
        misfit = open_channels_misfit(self.word, x)
        if misfit is not None:
            return misfit
        channels = self._channels(channel_count(x))
        if sum(channels) != x.channels:
            return Misfit(operations.PartsDoNotFit(self.parts, str(x.channels), str(x)), "parts")
        return tuple(x.with_channels(count) for count in channels)

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        return (f"{at.x.channels} channels = {' + '.join(str(y.channels) for y in at.outputs)}",)

    def onnx(self, graph: OnnxRecorder, at: Site) -> tuple[str, ...]:
        if len(at.outputs) == 1:
            return graph.inputs
        sizes = graph.integers(*map(channel_count, at.outputs))
        return graph.node_with_outputs("Split", len(at.outputs), graph.x, sizes, axis=1)

    def pytorch(self, at: Site) -> TorchExpression:
        if len(at.outputs) == 1:
            return TorchExpression("{0}")
        if len(self.parts) == 1:
            return TorchExpression(f"torch.chunk({{0}}, {self.parts[0]}, dim=1)")
        return TorchExpression(f"torch.split({{0}}, {self.parts}, dim=1)")

    def _channels(self, total: int) -> tuple[int, ...]:
        """The channels of each part; too few in all where they do not come out even."""
        if len(self.parts) > 1:
            return self.parts
        return (total // self.parts[0],) * self.parts[0] if total >= self.parts[0] else ()


@operation
class Slice(Operation):
    """The places `start`, `start + step`, … before `stop` along an axis. ONNX `Slice`; a slice in PyTorch.

    As in Python, negative numbers count from the end; unlike there, both ends must lie inside the tensor.
    """

    word = "slice"
    any_element = True
    start: int = parameter(0, doc="the first place that is taken; negative from the end")
    stop: int | None = parameter(None, doc="the first place that is not; negative from the end")
    step: int = parameter(1, doc="distance of the places", minimum=1)
    axis: str = parameter(CHANNELS, doc="axis along which they are taken", choices=AXES)

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        misfit = no_such_axis(self.word, self.axis, x)
        if misfit is not None:
            return misfit
        place = axis_words(x).index(self.axis)
        if any(never_at_least(size, least) for size, least in self._conditions(x)):
            name = self.axis if self.axis == CHANNELS else f"places of {self.axis}"
            size = str(x.shape[place])
            fact = operations.RangeOutside(self.word, self.start, self.stop, name, size, str(x))
            return Misfit(fact, "start" if self.stop is None else "stop")
        shape = list(x.shape)
        begin, end = self._ends(x.shape[place])
        shape[place] = (end - begin + self.step - 1) // self.step
        return x.with_shape(*shape)

    def needs(self, at: Site) -> tuple[tuple[Size, int], ...]:
        return tuple(
            (size, least)
            for size, least in self._conditions(at.x)
            if is_open(size) and not always_at_least(size, least)
        )

    def reach(self, at: Site) -> ReceptiveStep:
        if self.axis == CHANNELS:
            return POINTWISE
        axis, ones = axis_words(at.x).index(self.axis) - 1, (1,) * at.x.rank
        begin, _ = self._ends(at.x.spatial[axis])
        before: list[Size] = [0] * at.x.rank
        before[axis] = begin * -1
        return Reach(ones, (*ones[:axis], self.step, *ones[axis + 1 :]), tuple(before))

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        stop = _END if self.stop is None else self.stop
        numbers = (self.start, stop, place_of_axis(self.axis, at.x), self.step)
        return graph.node("Slice", graph.x, *(graph.integers(number) for number in numbers))

    def pytorch(self, at: Site) -> TorchExpression:
        stop = "" if self.stop is None else self.stop
        step = f":{self.step}" if self.step > 1 else ""
        whole = ":, " * place_of_axis(self.axis, at.x)
        return TorchExpression(f"{{0}}[{whole}{self.start or ''}:{stop}{step}]")

    def _ends(self, size: Size) -> tuple[Size, Size]:
        """The first place that is taken and the first one behind, counted from 0."""
        begin = self.start if self.start >= 0 else size + self.start
        if self.stop is None:
            return begin, size
        return begin, self.stop if self.stop >= 0 else size + self.stop

    def _conditions(self, x: TensorType) -> tuple[tuple[Size, int], ...]:
        """What must be how large for the range to lie inside the tensor and not to be empty."""
        size = x.shape[axis_words(x).index(self.axis)]
        begin, end = self._ends(size)
        return ((begin, 0), (size - end, 0), (end - begin, 1))


@operation
class ChannelShuffle(Operation):
    """The channels of several groups by turns: the first of each group, the second of each, and so on.

    Zhang et al. 2018 (ShuffleNet). ONNX `Gather`; PyTorch `nn.ChannelShuffle`.
    """

    word = "channel_shuffle"
    any_element = True
    groups: int = parameter(doc="how many groups the channels come from", minimum=1)

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        misfit = open_channels_misfit(self.word, x)
        return misfit or group_misfit(self.groups, channel_count(x), channel_count(x)) or x

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        channels = channel_count(at.x)
        in_group = channels // self.groups
        order = (group * in_group + place for place in range(in_group) for group in range(self.groups))
        return graph.node("Gather", graph.x, graph.integers(*order), axis=1)

    def pytorch(self, at: Site) -> Torch:
        if at.x.rank:
            return TorchModule("nn.ChannelShuffle", (self.groups,), function="F.channel_shuffle")
        in_group = channel_count(at.x) // self.groups
        return TorchExpression(f"{{0}}.unflatten(1, ({self.groups}, {in_group})).mT.flatten(1)")
