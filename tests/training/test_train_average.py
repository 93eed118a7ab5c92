"""The average of the weights: what it is after each update, for numbers and for whole numbers."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

import pytest
import torch

from netdsl import resources


@pytest.fixture
def average(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of the generated program."""
    for name in ("average", "parallel", "stopping"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
        del sys.modules[name]
    monkeypatch.syspath_prepend(str(resources.path("codegen_templates", "training")))
    return import_module("average")


def test_numbers_move_and_whole_numbers_are_taken_over(average: ModuleType) -> None:
    model = torch.nn.Linear(1, 1, bias=False)
    model.register_buffer("mean", torch.zeros(1))
    model.register_buffer("index", torch.tensor([0]))
    followed = average.Average(model, 0.75, sharded=False)
    for value in (8, 12, 4):
        for number in (model.weight, model.mean, model.index):
            number.data.fill_(value)
        followed.follow(model)

    expected = 0.75 * (0.75 * 8 + 0.25 * 12) + 0.25 * 4
    assert followed.model.weight.item() == followed.model.mean.item() == expected
    assert followed.model.index.tolist() == [4]
    assert followed.count == 3
    assert model.weight.item() == 4
