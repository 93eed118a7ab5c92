"""Optimisers, losses and settings: the PyTorch source that they give is run, and does what the words say."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from netdsl.training.losses import Loss
from tests.training.recipes import NEEDED, recipe_of, run

OPTIMIZERS = {
    "sgd lr=0.1": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.0, "nesterov": False, "weight_decay": 0.0}),
    "sgd 0.2 momentum=0.9 nesterov=true weight_decay=5e-4": (
        torch.optim.SGD,
        {"lr": 0.2, "momentum": 0.9, "nesterov": True, "weight_decay": 5e-4},
    ),
    "adam lr=1e-3": (torch.optim.Adam, {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0}),
    "adam lr=1e-3 beta1=0.5 beta2=0.9 eps=1e-6 weight_decay=0.1": (
        torch.optim.Adam,
        {"betas": (0.5, 0.9), "eps": 1e-6, "weight_decay": 0.1},
    ),
    "adamw lr=1e-3": (torch.optim.AdamW, {"lr": 1e-3, "weight_decay": 0.01}),
    "adamw lr=1e-3 beta1=0.8 weight_decay=0.05": (torch.optim.AdamW, {"betas": (0.8, 0.999), "weight_decay": 0.05}),
    "rmsprop lr=0.045 decay=0.9 eps=1.0": (
        torch.optim.RMSprop,
        {"lr": 0.045, "alpha": 0.9, "eps": 1.0, "momentum": 0.0, "weight_decay": 0.0},
    ),
    "rmsprop lr=0.1 momentum=0.9 weight_decay=4e-5": (
        torch.optim.RMSprop,
        {"alpha": 0.99, "eps": 1e-8, "momentum": 0.9, "weight_decay": 4e-5},
    ),
}


@pytest.mark.parametrize("line", OPTIMIZERS)
def test_an_optimizer_has_the_values_that_are_written(line: str) -> None:
    kind, values = OPTIMIZERS[line]
    optimizer = run(recipe_of(f"loss cross_entropy; optimizer {line}").optimizer.torch(), parameters=[torch.ones(2)])
    assert type(optimizer) is kind
    assert {name: optimizer.param_groups[0][name] for name in values} == values


@pytest.mark.parametrize("word", ["sgd", "adam", "adamw", "rmsprop"])
def test_an_expression_stands_in_the_place_of_a_value(word: str) -> None:
    source = recipe_of(f"loss cross_entropy; optimizer {word} lr=0.1").optimizer.torch(lr="given", weight_decay="decay")
    optimizer = run(source, parameters=[torch.ones(2)], given=0.25, decay=0.5)
    assert (optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["weight_decay"]) == (0.25, 0.5)


def test_weight_decay_may_leave_biases_out() -> None:
    assert recipe_of("loss cross_entropy; optimizer sgd lr=0.1 decay_all=false").optimizer.decay_all is False
    assert recipe_of(NEEDED).optimizer.decay_all is True


# ---- losses ----------------------------------------------------------------------------------

SCORES = torch.tensor([[2.0, -1.0, 0.5, 0.0, 1.0], [0.0, 1.0, -2.0, 3.0, 0.5]])
NUMBERS = torch.tensor([[1.0, 0.0, 1.0, 0.5, 0.0], [0.0, 1.0, 0.0, 1.0, 0.25]])


def loss_of(line: str) -> Loss:
    return recipe_of(f"loss {line}; optimizer sgd lr=0.1").losses[0].loss


def test_cross_entropy() -> None:
    classes = torch.tensor([0, 3])
    value = run(loss_of("cross_entropy").torch(), output=SCORES, target=classes)
    assert value == pytest.approx(-functional.log_softmax(SCORES, 1)[[0, 1], classes].mean().item())


def test_label_smoothing_gives_a_part_to_all_classes() -> None:
    classes = torch.tensor([0, 3])
    value = run(loss_of("cross_entropy label_smoothing=0.1").torch(), output=SCORES, target=classes)
    wanted = 0.9 * functional.one_hot(classes, 5) + 0.1 / 5
    assert value == pytest.approx(-(wanted * functional.log_softmax(SCORES, 1)).sum(1).mean().item())


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("mse", ((SCORES - NUMBERS) ** 2).mean()),
        ("l1", (SCORES - NUMBERS).abs().mean()),
        ("bce", -(NUMBERS * SCORES.sigmoid().log() + (1 - NUMBERS) * (1 - SCORES.sigmoid()).log()).mean()),
    ],
)
def test_losses_of_numbers(word: str, value: torch.Tensor) -> None:
    assert run(loss_of(word).torch(), output=SCORES, target=NUMBERS).item() == pytest.approx(value.item())


def test_which_losses_take_classes() -> None:
    assert [loss_of(word).takes_classes for word in ("cross_entropy", "mse", "l1", "bce")] == [
        True,
        False,
        False,
        False,
    ]


def test_a_net_that_gives_its_input_back_is_compared_with_it() -> None:
    body = "input image: 1x4x4\n    conv 3x3 x1 pad=1"
    for word in ("mse", "l1", "bce"):
        recipe = recipe_of(f"loss {word} target=example; optimizer sgd lr=0.1", body)
        assert recipe.losses[0].loss.compares_with == "example"
    assert loss_of("cross_entropy").compares_with == "label"


# ---- settings --------------------------------------------------------------------------------


@pytest.mark.parametrize(("by", "wanted"), [("norm", [0.6, 0.8]), ("value", [1.0, 1.0])])
def test_clip(by: str, wanted: list[float]) -> None:
    clip = recipe_of(f"{NEEDED}; clip 1.0 by={by}").clip
    weight = torch.zeros(2, requires_grad=True)
    weight.grad = torch.tensor([3.0, 4.0])
    assert clip is not None
    run(clip.torch(), parameters=[weight])
    assert weight.grad.tolist() == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize(("line", "deviation"), [("he", (2 / 300) ** 0.5), ("he fan=out", (2 / 200) ** 0.5)])
def test_he(line: str, deviation: float) -> None:
    assert drawn(line).std().item() == pytest.approx(deviation, rel=0.02)


def test_xavier() -> None:
    assert drawn("xavier").abs().max().item() == pytest.approx((6 / 500) ** 0.5, rel=1e-3)
    assert drawn("xavier").std().item() == pytest.approx((2 / 500) ** 0.5, rel=0.02)


def test_normal() -> None:
    assert drawn("normal 0.01").std().item() == pytest.approx(0.01, rel=0.02)
    assert drawn("normal 0.01").abs().max().item() > 0.03
    assert drawn("normal 0.01 truncate=2").abs().max().item() <= 0.02


def test_zeros() -> None:
    assert not drawn("zeros").any()


def drawn(line: str) -> torch.Tensor:
    """A weight of 200 outputs and 300 inputs, begun so."""
    initialisation = recipe_of(f"{NEEDED}; init {line}").initialisation
    weight = torch.ones(200, 300)
    torch.manual_seed(0)
    assert initialisation is not None
    return run(initialisation.torch(), weight=weight)


@pytest.mark.parametrize(("line", "value"), [("he", 0.0), ("normal 0.01 bias=1", 1.0)])
def test_biases_begin_as_written(line: str, value: float) -> None:
    initialisation = recipe_of(f"{NEEDED}; init {line}").initialisation
    bias = torch.full((3,), 7.0)
    assert initialisation is not None
    run(initialisation.bias_torch(), bias=bias)
    assert bias.tolist() == [value] * 3
