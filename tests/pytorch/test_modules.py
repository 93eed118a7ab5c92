"""The generated modules hold the weights that the report names, give the shapes that it says, and compute the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

import netdsl
from netdsl.graph.model import Graph
from netdsl.targets.pytorch import build_module
from netdsl.verify import concrete_shape, smallest_sizes, verify
from tests.pytorch.goldens import ALL, ROOT, SMALL, TOUR, graph_of, title

BATCH = 2


def built(graph: Graph) -> torch.nn.Module:
    """The module without memory for its numbers."""
    with torch.device("meta"):
        return build_module(graph)


def inputs(graph: Graph, device: str = "meta") -> list[torch.Tensor]:
    """Inputs for a batch."""
    sizes = smallest_sizes(graph)
    types = [tensor.type for tensor in graph.inputs if tensor.type is not None]
    return [torch.randn((BATCH, *concrete_shape(each, sizes)), device=device) for each in types]


def shapes(graph: Graph, tensors: Any) -> list[tuple[int, ...]]:
    """The shapes that the graph says tensors have."""
    sizes = smallest_sizes(graph)
    return [(BATCH, *concrete_shape(tensor.type, sizes)) for tensor in tensors]


def results(output: Any) -> tuple[torch.Tensor, ...]:
    """What a module returns, as a tuple."""
    return output if isinstance(output, tuple) else (output,)


@pytest.mark.parametrize("case", ALL, ids=title)
def test_state_dict_has_the_names_and_shapes_of_the_weights(case: tuple[Path, str]) -> None:
    graph = graph_of(*case)
    expected = {each.name_of(weight): weight.shape for each in graph.layers() for weight in each.weights}
    state = built(graph).state_dict()

    assert {name: tuple(value.shape) for name, value in state.items() if "num_batches" not in name} == expected


@pytest.mark.parametrize("case", ALL, ids=title)
def test_outputs_have_the_shapes_of_the_graph(case: tuple[Path, str]) -> None:
    graph = graph_of(*case)
    module = built(graph)
    inference = shapes(graph, graph.outputs.values())
    training = shapes(graph, graph.training_outputs.values())

    assert [tuple(each.shape) for each in results(module.eval()(*inputs(graph)))] == inference
    assert [tuple(each.shape) for each in results(module.train()(*inputs(graph)))] == inference + training


@pytest.mark.parametrize("case", SMALL, ids=title)
def test_both_targets_compute_the_same(case: tuple[Path, str]) -> None:
    found = verify(graph_of(*case), batch=BATCH)

    assert found.agrees, found


def test_resnet50_has_the_keys_of_the_published_weights() -> None:
    lines = (ROOT / "tests" / "specs" / "resnet50_keys.txt").read_text(encoding="utf-8").splitlines()
    state = built(graph_of(TOUR / "resnet.net", "ResNet50")).state_dict()
    found = [f"{name} {'x'.join(map(str, value.shape))}" for name, value in state.items() if "num_batches" not in name]

    assert sorted(found) == sorted(lines)


def test_auxiliary_output_is_computed_in_training_only() -> None:
    graph = graph_of(TOUR / "inception.net", "GoogLeNet")
    module = built(graph)
    called: list[str] = []
    module.get_submodule("fc3").register_forward_hook(lambda *_: called.append("fc3"))

    module.eval()(*inputs(graph))
    assert called == []
    module.train()(*inputs(graph))
    assert called == ["fc3"]


def test_shared_tower_is_held_once_and_used_twice() -> None:
    graph = graph_of(TOUR / "siamese.net", "Siamese")
    module = built(graph)
    called: list[torch.nn.Module] = []
    module.get_submodule("tower.conv1").register_forward_hook(lambda each, *_: called.append(each))
    module(*inputs(graph))

    assert len(called) == 2
    assert sum(name.endswith("conv1.weight") for name in module.state_dict()) == 1


@pytest.mark.parametrize("net", ["Hourglass", "SharedSizes", "SharedInside", "Chains", "Pooled"])
def test_torch_exports_it_with_the_same_results(net: str) -> None:
    graph = graph_of(ROOT / "tests" / "pytorch" / "nets" / "structure.net", net)
    module = build_module(graph).eval()
    given = tuple(inputs(graph, "cpu"))
    exported = torch.export.export(module, given).module()

    for one, two in zip(results(module(*given)), results(exported(*given)), strict=True):
        assert torch.allclose(one, two, atol=1e-5)


@pytest.mark.parametrize("length", [1_000])
def test_long_nets_are_written_flat(length: int) -> None:
    text = f"net Long {{ input 2x4x4; {{ conv 1x1 x2 -> relu }} * {length} }}"
    module = netdsl.parse(text).only().module()

    assert tuple(module(torch.randn(1, 2, 4, 4)).shape) == (1, 2, 4, 4)


def test_a_step_of_training_reaches_every_weight() -> None:
    graph = graph_of(ROOT / "tests" / "pytorch" / "nets" / "mobilenet_v2.net", "MobileNetV2")
    module = build_module(graph).train()
    results(module(*inputs(graph, "cpu")))[0].square().mean().backward()

    assert [name for name, weight in module.named_parameters() if weight.grad is None] == []
