"""Outputs and targets: which nets the generated training can feed, and what their losses do with whole numbers."""

from __future__ import annotations

import re

import pytest
import torch

import netdsl
from netdsl import resources
from netdsl.diagnostics.targets import NotTrainable
from netdsl.targets.training import obstacle
from tests.training.recipes import graph_of, recipe_of

PAGE = resources.read_text("docs", "training.md")
HEADS = "input image: 3x8x8\n    conv 1x1 x{} as seen\n    seen -> flatten -> fc {} as main\n    output {}"


def reason(lines: str, body: str) -> str | None:
    """Why a net cannot be trained."""
    lines += "; optimizer sgd lr=0.1"
    found = obstacle(graph_of(lines, body), recipe_of(lines, body))
    assert found is None or isinstance(found, NotTrainable)
    return found and found.reason


@pytest.mark.parametrize(
    ("lines", "body", "wanted"),
    [
        (
            "loss cross_entropy",
            HEADS.format(5, 5, "main, seen"),
            "one of 5 classes, `seen` one of 5 classes at 8x8 places",
        ),
        ("loss cross_entropy", HEADS.format(4, 5, "main, other = seen -> flatten -> fc 6"), "one of 6 classes"),
        ("loss cross_entropy; loss mse seen=1", HEADS.format(3, 5, "main, seen"), "`seen` 3x8x8 numbers"),
        (
            "loss mse",
            HEADS.format(3, 5, "main, seen"),
            "an example has one target, and `main` learns 5 numbers, `seen`",
        ),
        (
            "loss mse target=example; loss cross_entropy main=1",
            HEADS.format(3, 5, "seen, main"),
            "`seen` is compared with",
        ),
        ("loss cross_entropy; loss mse seen=1 target=example", HEADS.format(3, 5, "main, seen"), None),
        ("loss cross_entropy", HEADS.format(3, 5, "main, other = seen -> flatten -> fc 5"), None),
        ("loss mse target=example", "input image: 3x8x8\n    conv 1x1 x3", None),
    ],
)
def test_all_outputs_learn_the_one_target(lines: str, body: str, wanted: str | None) -> None:
    found = reason(lines, body)
    assert found == wanted if wanted is None else found is not None and wanted in found


def test_an_auxiliary_output_of_other_classes_is_refused() -> None:
    body = HEADS.format(3, 5, "main\n    training output aux = seen -> flatten -> fc 7")
    assert "`aux` one of 7 classes" in str(reason("loss cross_entropy", body))


@pytest.mark.parametrize("example", re.findall(r"^```net\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
def test_the_nets_of_the_page_can_be_trained(example: str) -> None:
    assert "recipe.py" in netdsl.parse(example, name="training.net").only().training()


@pytest.mark.parametrize("word", ["bce", "mse", "l1"])
def test_classes_are_numbers_to_losses_of_numbers(word: str) -> None:
    net = netdsl.parse(
        f"net Yes {{ input v: 3; fc 1; train {{ loss {word}; optimizer sgd lr=0.1 }} }}", name="yes.net"
    ).only()
    code = net.training()["recipe.py"]
    body = re.search(r"^def loss\(.*?(?=^def )", code, re.MULTILINE | re.DOTALL)
    assert body is not None
    module = {"torch": torch, "Tensor": torch.Tensor, "F": torch.nn.functional, "Outputs": object}
    exec(body[0], module)  # noqa: S102 - the source is ours
    outputs = torch.tensor([[0.5], [-2.0]], requires_grad=True)
    whole = module["loss"](outputs, torch.zeros(2, 3), torch.tensor([1, 0]))
    assert whole == module["loss"](outputs, torch.zeros(2, 3), torch.tensor([[1.0], [0.0]]))
    whole.backward()
    assert outputs.grad is not None
