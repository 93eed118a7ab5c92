"""Gates: one half of the channels decides how much of the other half passes."""

from __future__ import annotations

from netdsl.ops.channels import channel_count, group_misfit, open_channels_misfit
from netdsl.ops.contract import Misfit, Operation, Site, operation
from netdsl.ops.lowering import OnnxRecorder, TorchModule
from netdsl.types.tensors import TensorType


@operation
class GatedLinearUnit(Operation):
    """The first half of the channels times the sigmoid of the second half. Dauphin et al. 2017; PyTorch `nn.GLU`."""

    word = "glu"

    def infer(self, x: TensorType) -> TensorType | Misfit:  # type: ignore[override]
        misfit = open_channels_misfit(self.word, x)
        if misfit is not None:
            return misfit
        channels = channel_count(x)
        return group_misfit(2, channels, channels) or x.with_channels(channels // 2)

    def arithmetic(self, at: Site) -> tuple[str, ...]:
        return (f"{at.x.channels} channels = {at.y.channels} that pass + {at.y.channels} that decide how much",)

    def onnx(self, graph: OnnxRecorder, at: Site) -> str:
        half = channel_count(at.y)
        passing, deciding = graph.node_with_outputs("Split", 2, graph.x, graph.integers(half, half), axis=1)
        return graph.node("Mul", passing, graph.node("Sigmoid", deciding))

    def pytorch(self, at: Site) -> TorchModule:
        return TorchModule("nn.GLU", (), {"dim": 1}, function="F.glu")
