"""A model's figures on held-out examples: loss, top-1, top-5, and who was taken for whom."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

import recipe
from data import Examples
from parallel import Processes
from plan import chosen

_FIVE = 5


@dataclass(frozen=True)
class Score:
    """Means over all examples; `confusion` counts them, a row for each true class, a column for each answer."""

    loss: float
    top1: float | None
    top5: float | None
    confusion: Tensor | None

    def metrics(self) -> dict[str, float]:
        """The figures by name; those that the task does not have are left out."""
        figures = {
            "eval_loss": self.loss,
            "eval_top1": self.top1,
            "eval_top5": self.top5,
        }
        return {name: figure for name, figure in figures.items() if figure is not None}

    @property
    def merit(self) -> float:
        """What is compared to find the best weights: higher is better."""
        return -self.loss if self.top1 is None else self.top1


def first(outputs: recipe.Outputs) -> Tensor:
    """The output that is judged, where a model has several."""
    return outputs if isinstance(outputs, Tensor) else outputs[0]


def hits(outputs: recipe.Outputs, targets: Tensor) -> Tensor:
    """How many examples have their highest score at the target; of places each counts in part.

    Labels of mixed examples count by their larger part.
    """
    if targets.is_floating_point():
        targets = targets.argmax(1)
    right = (first(outputs).argmax(1) == targets).sum()
    places = targets[0].numel()
    return right if places == 1 else right / places


@torch.no_grad()
def evaluate(
    model: nn.Module,
    examples: Examples,
    count: int,
    here: Processes,
    *,
    batch_size: int,
    workers: int | None = 0,
    views: nn.Module | None = None,
) -> Score:
    """Judge a model; all processes share the examples and know the result.

    Args:
        model: what is judged.
        examples: what it is judged on.
        count: how many of them; fewer than all are always the same ones.
        here: this process.
        batch_size: how many examples it is shown at once.
        workers: processes that read files; None for as many as there are cores, up to 8.
        views: what makes the views of a batch (batch, views, …) whose votes count together.
    """
    model.eval()
    own, order = _share(chosen(count, len(examples)), here)
    classes = recipe.CLASSES or 0
    totals = torch.zeros(4, dtype=torch.float64, device=here.device)
    confusion = torch.zeros(classes, classes, dtype=torch.int64, device=here.device)
    stream = examples.batches(order, batch_size, here.device, workers)
    for place, (inputs, targets) in enumerate(stream):
        shown = inputs[:, None] if views is None else views(inputs)
        outputs = [model(view) for view in shown.unbind(1)]
        valid = min(len(inputs), own - place * batch_size)
        if valid > 0:
            _add_loss(totals, outputs, inputs[:valid], targets[:valid])
        if valid > 0 and classes:
            _add_answers(totals, confusion, _votes(outputs)[:valid], targets[:valid])
    return _score(here.sum(totals), here.sum(confusion))


def _score(totals: Tensor, confusion: Tensor) -> Score:
    loss, top1, top5, count = totals.tolist()
    if not len(confusion):
        return Score(loss / count, None, None, None)
    answers = int(confusion.sum())
    five = top5 / answers if len(confusion) > _FIVE else None
    return Score(loss / count, top1 / answers, five, confusion.cpu())


def _share(places: Tensor, here: Processes) -> tuple[int, Tensor]:
    """How many examples are this process's, and their numbers; the first of all is added to make all shares as long.

    A sharded model needs every process for every batch.
    """
    order = places[here.rank :: here.count]
    longest = -(-len(places) // here.count)
    return len(order), torch.cat([order, order.new_zeros(longest - len(order))])


def _add_loss(
    totals: Tensor, outputs: list[recipe.Outputs], inputs: Tensor, targets: Tensor
) -> None:
    """Add the mean loss of the views."""
    count = len(inputs)
    for output in outputs:
        own = (
            output[:count]
            if isinstance(output, Tensor)
            else tuple(each[:count] for each in output)
        )
        totals[0] += recipe.loss(own, inputs, targets) * count / len(outputs)
    totals[3] += count


def _votes(outputs: list[recipe.Outputs]) -> Tensor:
    """The scores of the only view, or the mean of the probabilities in all of them."""
    if len(outputs) == 1:
        return first(outputs[0])
    return torch.stack([first(output).softmax(1) for output in outputs]).mean(0)


def _add_answers(
    totals: Tensor, confusion: Tensor, votes: Tensor, targets: Tensor
) -> None:
    """Count the answers; an output with places, as of a segmentation, answers at each."""
    classes = len(confusion)
    scores, targets = votes.movedim(1, -1).reshape(-1, classes), targets.reshape(-1)
    best = scores.topk(min(_FIVE, classes)).indices
    right = best == targets[:, None]
    totals[1] += right[:, 0].sum()
    totals[2] += right.sum()
    pairs = torch.bincount(targets * classes + best[:, 0], minlength=classes**2)
    confusion += pairs.view(classes, classes)
