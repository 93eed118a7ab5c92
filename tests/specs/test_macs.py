"""The MACs of every net of specs/ are those that PyTorch counts while the generated module runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import netdsl
from netdsl import resources

FIGURES: dict[str, list[Any]] = json.loads((Path(__file__).parent / "figures.json").read_text(encoding="utf-8"))

DTYPES = {"float32": torch.float32, "int64": torch.int64}


@pytest.mark.parametrize("path", sorted(resources.path("specs").glob("*.net")), ids=lambda path: path.stem)
def test_pytorch_counts_the_same_macs(path: Path) -> None:
    for net in netdsl.load(path):
        figures = FIGURES[net.name]
        sizes = figures[2] if len(figures) > 2 else {}
        fixed = netdsl.load(path, net=net.name, sizes=sizes)[net.name]

        further = sum(macs for _, macs in fixed.report.totals.further_macs)
        assert _counted(fixed) == (figures[0], figures[1] + further), net.name


def _counted(net: netdsl.api.Net) -> tuple[int, int]:
    """Parameters that inference needs, and half of the FLOPs of one forward pass, on the meta device."""
    with torch.device("meta"):
        module = net.module().eval()
        inputs = [torch.empty(1, *each.type.shape, dtype=DTYPES[each.type.element]) for each in net.report.inputs]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(*inputs)
    training_only = sum(layer.parameters for layer in net.report.layers if layer.training_only)
    parameters = sum(parameter.numel() for parameter in module.parameters()) - training_only
    return parameters, counter.get_total_flops() // 2
