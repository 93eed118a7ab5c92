"""Parts of the generated program by themselves: the average of the weights, the best of them, what writes events."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from math import inf, nan
from types import ModuleType, SimpleNamespace

import pytest
import torch

from netdsl import resources

FOLDER = resources.path("codegen_templates", "training")


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """What imports a module of the program, whose modules have names that others may have too."""
    names = {path.stem for path in FOLDER.glob("*.py")} | {"recipe"}
    before = {name: sys.modules.pop(name) for name in names & sys.modules.keys()}
    recipe = ModuleType("recipe")
    recipe.__dict__["PATIENCE_WATCHES"] = "eval_loss"
    sys.modules["recipe"] = recipe
    monkeypatch.syspath_prepend(str(FOLDER))
    yield import_module
    for name in names & sys.modules.keys():
        del sys.modules[name]
    sys.modules.update(before)


def test_numbers_move_and_whole_numbers_are_taken_over(part: Callable[[str], ModuleType]) -> None:
    model = torch.nn.Linear(1, 1, bias=False)
    model.register_buffer("mean", torch.zeros(1))
    model.register_buffer("index", torch.tensor([0]))
    followed = part("average").Average(model, 0.75, sharded=False)
    for value in (8, 12, 4):
        for number in (model.weight, model.mean, model.index):
            number.data.fill_(value)
        followed.follow(model)

    expected = 0.75 * (0.75 * 8 + 0.25 * 12) + 0.25 * 4
    assert followed.model.weight.item() == followed.model.mean.item() == expected
    assert followed.model.index.tolist() == [4]
    assert followed.count == 3
    assert model.weight.item() == 4


def test_weights_with_a_loss_that_is_not_finite_are_never_the_best(part: Callable[[str], ModuleType]) -> None:
    standing = part("standing").Standing(SimpleNamespace(clear=list))
    found = []
    for loss, merit in ((nan, 0.9), (1.0, 0.5), (inf, 0.9), (0.9, 0.6)):
        standing.close_epoch()
        standing.history.append({"eval_loss": loss})
        found.append(standing.is_best(loss, merit))

    assert found == [False, True, False, True]
    assert standing.best == {"merit": 0.6, "epoch": 4}
    assert not standing.is_stuck(1)
    standing.history += [{"eval_loss": nan}]
    assert standing.is_stuck(1)


def test_weights_are_finite_or_not(part: Callable[[str], ModuleType]) -> None:
    are_finite = part("checkpoints").are_finite

    assert are_finite({"a": torch.ones(2), "count": torch.tensor(3)})
    assert not are_finite({"a": torch.ones(2), "b": torch.tensor([1.0, nan])})


def test_tensorboard_that_is_not_installed(part: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch) -> None:
    record = part("record")
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    record.refuse_missing_tensorboard(wanted=False)

    with pytest.raises(part("stopping").Stop, match="--tensorboard: tensorboard is not installed") as caught:
        record.refuse_missing_tensorboard(wanted=True)
    assert caught.value.code == 2
