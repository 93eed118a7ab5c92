"""Schedules: the learning rate that PyTorch has in every epoch against the formula of the page."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch

from netdsl.targets.training.functions import behind_warmup
from netdsl.training.schedules import Schedule
from tests.training.recipes import NEEDED, recipe_of, run

EPOCHS = 12
LR = 0.1

FORMULAS: dict[str, Callable[[int, int], float]] = {
    "constant": lambda _, __: 1.0,
    "step every=3 factor=0.5": lambda epoch, _: 0.5 ** (epoch // 3),
    "exponential factor=0.9": lambda epoch, _: 0.9**epoch,
    "cosine": lambda epoch, epochs: (1 + math.cos(math.pi * epoch / epochs)) / 2,
    "cosine min_lr=0.01": lambda epoch, epochs: 0.1 + 0.9 * (1 + math.cos(math.pi * epoch / epochs)) / 2,
    "polynomial": lambda epoch, epochs: 1 - epoch / epochs,
    "polynomial power=4": lambda epoch, epochs: (1 - epoch / epochs) ** 4,
}


def schedule_of(line: str) -> Schedule:
    schedule = recipe_of(f"{NEEDED}; epochs {EPOCHS}; schedule {line}").schedule
    assert schedule is not None
    return schedule


def rates(schedule: Schedule) -> list[float]:
    """The learning rate of each epoch behind the warm-up."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=LR)
    scheduler = run(schedule.torch(), optimizer=optimizer, epochs=EPOCHS - (schedule.warmup or 0))
    found = []
    for _ in range(EPOCHS - (schedule.warmup or 0)):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


@pytest.mark.parametrize("warmup", [0, 1, 4])
@pytest.mark.parametrize("line", FORMULAS)
def test_the_learning_rate_follows_its_formula(line: str, warmup: int) -> None:
    behind = [FORMULAS[line](epoch, EPOCHS - warmup) for epoch in range(EPOCHS - warmup)]
    found = rates(schedule_of(f"{line} warmup={warmup}"))
    assert found == pytest.approx([LR * factor for factor in behind], rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("warmup", [0, 2])
def test_milestones_are_epochs_of_the_training(warmup: int) -> None:
    found = rates(schedule_of(f"multistep [5, 9] factor=0.1 warmup={warmup}"))
    passed = [0.1 ** sum(epoch >= milestone for milestone in (5, 9)) for epoch in range(EPOCHS)]
    assert found == pytest.approx([LR * factor for factor in passed[warmup:]], rel=1e-6)


@pytest.mark.parametrize("warmup", [0, 1, 4])
def test_milestones_stay_where_they_are_whatever_warm_up_a_flag_asks_for(warmup: int) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=LR)
    source = behind_warmup(schedule_of("multistep [5, 9] factor=0.1 warmup=2"))
    scheduler = run(source, optimizer=optimizer, epochs=EPOCHS - warmup, warmup=warmup)
    found = []
    for _ in range(warmup, EPOCHS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    passed = [0.1 ** sum(epoch >= milestone for milestone in (5, 9)) for epoch in range(warmup, EPOCHS)]
    assert found == pytest.approx([LR * factor for factor in passed])


@pytest.mark.parametrize("watch", ["loss", "accuracy"])
def test_the_plateau_waits_for_progress(watch: str) -> None:
    schedule = schedule_of(f"plateau factor=0.1 patience=1 watch={watch} min_lr=1e-3")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=LR)
    scheduler = run(schedule.torch(), optimizer=optimizer, epochs=EPOCHS)
    better = -1 if watch == "loss" else 1  # a loss falls: 1, 1/2, 1/3
    found = []
    for figure in (1, 2, 2, 2, 3, 3, 3, 3, 3):
        scheduler.step(figure**better)
        found.append(optimizer.param_groups[0]["lr"])
    assert found == pytest.approx([0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 1e-3, 1e-3, 1e-3])
    assert schedule.watched == watch
    assert schedule_of("cosine").watched is None


@pytest.mark.parametrize(("line", "rise"), [("one_cycle", 0.3 * EPOCHS), ("one_cycle warmup=3", 3)])
def test_one_cycle_goes_up_and_down_by_steps(line: str, rise: float) -> None:
    steps = 5
    schedule = schedule_of(f"{line} start=10 end=100")
    assert schedule.by_step
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=LR, momentum=0.9)
    scheduler = run(schedule.torch(), optimizer=optimizer, epochs=EPOCHS, steps=steps, lr=LR)
    found = [optimizer.param_groups[0]["lr"]]
    for _ in range(EPOCHS * steps - 1):
        optimizer.step()
        scheduler.step()
        found.append(optimizer.param_groups[0]["lr"])
    top, last = rise * steps - 1, EPOCHS * steps - 1
    assert found == pytest.approx([one_cycle(step, top, last) for step in range(last + 1)])
    assert optimizer.param_groups[0]["momentum"] == 0.9


@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize("epochs", [1, 2, 3, 4])
@pytest.mark.parametrize("line", ["one_cycle", "one_cycle warmup=1", "one_cycle warmup=3"])
def test_one_cycle_fits_runs_that_are_shorter_than_the_recipe_says(line: str, epochs: int, steps: int) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=LR)
    scheduler = run(schedule_of(line).torch(), optimizer=optimizer, epochs=epochs, steps=steps, lr=LR)
    found = [optimizer.param_groups[0]["lr"]]
    for _ in range(epochs * steps - 1):
        optimizer.step()
        scheduler.step()
        found.append(optimizer.param_groups[0]["lr"])
    assert all(0 < rate <= LR for rate in found)
    assert found[-1] == pytest.approx(LR / 25 / 1e4)


def one_cycle(step: int, top: float, last: int) -> float:
    """A cosine from a tenth up to the learning rate, and another one down to a thousandth."""
    lowest = LR / 10
    start, end, part = (lowest, LR, step / top) if step <= top else (LR, lowest / 100, (step - top) / (last - top))
    return end + (start - end) * (1 + math.cos(math.pi * part)) / 2


def test_one_cycle_may_turn_the_momentum() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=LR, momentum=0.9)
    source = schedule_of("one_cycle cycle_momentum=true").torch()
    run(source, optimizer=optimizer, epochs=EPOCHS, steps=5, lr=LR)
    assert optimizer.param_groups[0]["momentum"] == 0.95


def test_a_factor_may_be_an_expression() -> None:
    assert "gamma=args.decay_rate" in schedule_of("step every=3").torch(factor="args.decay_rate").text
