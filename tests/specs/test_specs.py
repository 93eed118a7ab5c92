"""Every net of specs/ is without a diagnostic, and has the figures of papers and published implementations.

figures.json has for every net its parameters and MACs, and the sizes that they hold for where a net leaves sizes
open. They were counted with hand-written PyTorch modules, and by torch.utils.flop_counter.FlopCounterMode.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import netdsl
from netdsl import resources

SPECS = sorted(resources.path("specs").glob("*.net"))
FIGURES: dict[str, list[Any]] = json.loads((Path(__file__).parent / "figures.json").read_text(encoding="utf-8"))
WITH_TRAINING_OUTPUTS = {"GoogLeNet": 13_378_280, "InceptionV3": 27_161_264}


def load(path: Path) -> netdsl.Specification:
    """A spec with its open sizes fixed to those of its figures."""
    names = [net.name for net in netdsl.load(path)]
    sizes = {name: size for net in names for name, size in _sizes(net).items()}
    return netdsl.load(path, sizes=sizes)


def _sizes(net: str) -> dict[str, int]:
    return FIGURES[net][2] if len(FIGURES[net]) > 2 else {}


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_spec_is_without_diagnostics(path: Path) -> None:
    assert [str(diagnostic) for diagnostic in netdsl.load(path).diagnostics] == []


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_figures_are_the_published_ones(path: Path) -> None:
    found = {net.name: [net.report.totals.params, net.report.totals.macs] for net in load(path)}

    assert found == {name: FIGURES[name][:2] for name in found}


def test_every_figure_belongs_to_a_net() -> None:
    nets = [net.name for path in SPECS for net in netdsl.load(path)]

    assert sorted(nets) == sorted(FIGURES)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_net_asserts_its_figures(path: Path) -> None:
    for net in netdsl.load(path):
        asserted = [tuple(condition.span.text.split()[:2]) for condition, _ in net.graph.budgets]
        totals = net.report.totals
        frozen = ["trainable"] if totals.trainable != totals.params else []
        figures = ["params", *frozen, "macs", *(name for name, _ in totals.further_macs)]
        assert asserted == [(name, "==") for name in figures], net.name


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_header_names_paper(path: Path) -> None:
    header = path.read_text(encoding="utf-8").split("\n\n")[0]

    assert all(line.startswith("#") for line in header.splitlines())
    assert any(line.startswith(("# Paper: ", "# Papers: ", "# Source: ", "# Data: ")) for line in header.splitlines())


@pytest.mark.parametrize(("name", "parameters"), WITH_TRAINING_OUTPUTS.items())
def test_training_outputs_add_their_parameters(name: str, parameters: int) -> None:
    nets = [net for path in SPECS for net in netdsl.load(path) if net.name == name]

    assert [sum(layer.parameters for layer in net.report.layers) for net in nets] == [parameters]


def test_resnet50_has_the_weights_of_published_implementations() -> None:
    listing = (Path(__file__).parent / "resnet50_keys.txt").read_text(encoding="utf-8")
    weights = netdsl.load(resources.path("specs", "resnet.net"))["ResNet50"].weights()

    assert [f"{name} {'x'.join(map(str, weight.shape))}" for name, weight in weights.items()] == listing.splitlines()
