"""A net's parameters become those of its class where they change numbers in it alone, and as the net itself changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

import netdsl
from netdsl.targets.pytorch import source
from tests.pytorch.goldens import SPECS, TOUR

HEAD = "    input image: 3x8x8\n"


def constructor(text: str) -> str:
    """The head of the net's constructor."""
    made = source(netdsl.parse(text).only().graph)
    return next(line for line in reversed(made.splitlines()) if "def __init__" in line)


def shapes(path: Path, net: str, given: dict[str, int], **settings: int) -> dict[str, tuple[int, ...]]:
    """The weights' shapes of a net that the language, or the class, is told numbers."""
    written = {word: str(value) for word, value in settings.items()}
    specification = netdsl.load(path, net=net, settings=written)
    assert specification.ok, "\n".join(map(str, specification.diagnostics))
    graph = specification[net].graph
    namespace: dict[str, Any] = {}
    exec(source(graph), namespace)  # noqa: S102 - our own text
    with torch.device("meta"):
        module = namespace[net](**given)
    return {name: tuple(array.shape) for name, array in module.state_dict().items()}


@pytest.mark.parametrize(
    ("path", "net", "word"),
    [
        (TOUR / "resnet.net", "ResNet50", "classes"),
        (SPECS / "densenet.net", "DenseNet121", "classes"),
        (SPECS / "unet.net", "UNet", "classes"),
        (SPECS / "gnmt.net", "GNMT_Encoder", "units"),
        (SPECS / "autoencoder.net", "Autoencoder", "code"),
    ],
    ids=str,
)
@pytest.mark.parametrize("number", [3, 10, 4_097])
def test_class_changes_with_its_parameter_as_the_net_does(path: Path, net: str, word: str, number: int) -> None:
    assert shapes(path, net, {word: number}) == shapes(path, net, {}, **{word: number})


def test_what_is_given_beforehand_is_the_default() -> None:
    graph = netdsl.load(TOUR / "resnet.net", net="ResNet18", settings={"classes": "10"})["ResNet18"].graph

    assert "def __init__(self, classes: int = 10) -> None:" in source(graph)


def test_several_parameters_are_told_apart() -> None:
    head = constructor(f"net N(width=4, classes=4) {{\n{HEAD} conv 1x1 x width -> flatten -> fc classes\n}}")

    assert head.strip() == "def __init__(self, width: int = 4, classes: int = 4) -> None:"


@pytest.mark.parametrize(
    "body",
    [
        "flatten -> fc (max(n, 10))",
        "flatten -> fc n; if n == 1 { sigmoid }",
        "{ conv 1x1 x8 } * n",
        "one: wide(n)",
        "conv 3x3 x4 pad=n -> flatten -> fc 2",
        "flatten -> fc (min(n, 5_000))",
        "narrow: narrowed(n)",
        "conv 1x1 x n -> narrow: narrowed(4)",
        "if n >= 10_000 { conv 1x1 x2 }; flatten -> fc n",
        "flatten -> fc (n % 100_000)",
        "flatten -> fc (round_to(n, 1))",
        "flatten -> fc (range(5_000, 10_000)[n])",
    ],
)
def test_other_numbers_stay_literals(body: str) -> None:
    blocks = (
        "block wide(n) { conv 1x1 x n -> relu }\n"
        "block narrowed(n) { conv 1x1 x (min(n, in.channels, 5_000)) -> relu }\n"
    )
    head = constructor(f"{blocks}net N(n=20) {{\n{HEAD} {body}\n}}")

    assert head.strip() == "def __init__(self) -> None:"


def test_class_follows_its_parameter_no_further_than_the_net_does() -> None:
    text = f"net Mini(k=10, classes=5) {{\n{HEAD} conv 3x3 x(min(k, 50)) -> relu -> flatten -> fc classes\n}}"
    made = source(netdsl.parse(text).only().graph)

    assert "def __init__(self, classes: int = 5) -> None:" in made
    assert "nn.Conv2d(3, 10, kernel_size=3)" in made


def test_parameter_reaches_the_blocks_that_are_parametrised() -> None:
    text = source(
        netdsl.parse(
            f"block wide(n) {{ conv 1x1 x n -> relu }}\nnet N(n=20) {{\n{HEAD} one: wide(n) -> two: wide(2 * n)\n}}"
        )
        .only()
        .graph
    )

    assert "self.one = Wide(3, n)" in text
    assert "self.two = Wide(n, 2 * n)" in text


def test_names_of_the_loading_method_stay_literals() -> None:
    head = constructor(f"net N(path=4, classes=5) {{\n{HEAD} conv 1x1 x path -> flatten -> fc classes\n}}")

    assert head.strip() == "def __init__(self, classes: int = 5) -> None:"
