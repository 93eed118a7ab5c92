"""The nets whose generated source is kept under tests/goldens/, and the nets that only have to work."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import netdsl
from netdsl.graph.model import Graph
from netdsl.targets.pytorch import source

ROOT = Path(__file__).parents[2]
TOUR = ROOT / "tests" / "tour"
SPECS = ROOT / "specs"
NETS = ROOT / "tests" / "pytorch" / "nets"

GOLDENS: dict[str, tuple[Path, str]] = {
    "alexnet": (TOUR / "alexnet.net", "AlexNet"),
    "c3d": (TOUR / "c3d.net", "C3D"),
    "densenet121": (SPECS / "densenet.net", "DenseNet121"),
    "googlenet": (SPECS / "googlenet.net", "GoogLeNet"),
    "inception": (TOUR / "inception.net", "GoogLeNet"),
    "mobilenet_v2": (NETS / "mobilenet_v2.net", "MobileNetV2"),
    "names": (NETS / "names.net", "Tensor"),
    "resnet18": (TOUR / "resnet.net", "ResNet18"),
    "resnet50": (TOUR / "resnet.net", "ResNet50"),
    "resnet152": (TOUR / "resnet.net", "ResNet152"),
    "siamese": (TOUR / "siamese.net", "Siamese"),
    "unet": (SPECS / "unet.net", "UNet"),
    "unet_open": (TOUR / "unet.net", "UNet"),
    "vit": (SPECS / "vit.net", "ViT_B16"),
    "wavenet": (SPECS / "wavenet.net", "WaveNet"),
}

SMALL = [
    *((NETS / "structure.net", name) for name in (
        "Hourglass SharedSizes SharedInside Taps SeveralOutputs Chains LabelledMerge SameTwice Untouched Unread"
        " DeepGroups Pooled Gate ManyFactors Supported Uneven"
    ).split()),
    *((NETS / "loops.net", name) for name in "Gathered Guided Irregular Listed".split()),
    (NETS / "names.net", "Tensor"),
    (NETS / "names.net", "nn"),
    (NETS / "mobilenet_v2.net", "MobileNetV2"),
    (TOUR / "unet.net", "UNet"),
    (TOUR / "wavenet.net", "WaveNet"),
]  # fmt: skip
"""Nets that are small enough to be run by both targets."""

ALL = list(dict.fromkeys([*GOLDENS.values(), *SMALL]))


def title(case: object) -> str:
    """A test's name for a net."""
    return f"{case[0].stem}-{case[1]}" if isinstance(case, tuple) else str(case)


@cache
def graph_of(path: Path, net: str) -> Graph:
    """The graph of a net that has no mistakes."""
    specification = netdsl.load(path, net=net)
    assert specification.ok, "\n".join(map(str, specification.diagnostics))
    return specification[net].graph


def golden_path(name: str) -> Path:
    """Where a golden lies."""
    return ROOT / "tests" / "goldens" / name / "module.py"


def written(name: str) -> str:
    """What the target writes now."""
    return source(graph_of(*GOLDENS[name]))
