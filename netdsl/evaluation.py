"""A net's answers to labelled examples, counted: top-1, top-5, cross entropy, and which class was taken for which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from netdsl.runtime import RuntimeUnavailable

if TYPE_CHECKING:
    import numpy as np
    from torch import nn

    Array = np.ndarray[Any, np.dtype[Any]]

Answer = Callable[["Array"], "Array"]


class NoClasses(Exception):
    """A net's output is no list of finite scores for the classes of the data."""


@dataclass(frozen=True)
class Evaluation:
    """What a net said to labelled examples.

    Attributes:
        classes: their names.
        confusion: for every true class, how often each class was said.
        within_five: of how many examples the true class is among the five with the highest scores.
        loss: mean cross entropy, in nats.
    """

    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    within_five: int
    loss: float

    @property
    def count(self) -> int:
        """How many examples there were."""
        return sum(map(sum, self.confusion))

    @property
    def right(self) -> int:
        """How many answers were right."""
        return sum(row[number] for number, row in enumerate(self.confusion))

    @property
    def top_1(self) -> float:
        """The share of right answers."""
        return self.right / self.count

    @property
    def top_5(self) -> float:
        """The share of examples whose class is among the five with the highest scores."""
        return self.within_five / self.count

    def mistakes(self) -> list[tuple[int, int, int]]:
        """(true class, class that was said, how often), the most frequent first."""
        pairs = [
            (true, said, times)
            for true, row in enumerate(self.confusion)
            for said, times in enumerate(row)
            if times and said != true
        ]
        return sorted(pairs, key=lambda pair: (-pair[2], pair[:2]))


def evaluate(answer: Answer, examples: Any, *, batch: int = 64, workers: int = 0) -> Evaluation:
    """Ask a net for all examples, in their order.

    Args:
        answer: a batch of inputs to scores or probabilities (batch, classes), with places behind them if the targets
            have places.
        examples: `Examples` of the package of data.
        batch: how many are asked for at once.
        workers: processes that read what is not in memory.

    Raises:
        NoClasses: there is no score for each class, or one that is not finite.
    """
    import numpy as np
    import torch

    classes = len(examples.classes)
    confusion = np.zeros((classes, classes), np.int64)
    within_five, loss = 0, 0.0
    for inputs, targets in examples.batches(torch.arange(len(examples)), batch, "cpu", workers):
        truth, scores = targets.numpy(), answer(inputs.numpy()).astype(np.float64)
        if scores.ndim < 2 or (scores.shape[0], *scores.shape[2:]) != truth.shape or scores.shape[1] != classes:
            shape = "x".join(map(str, scores.shape[1:])) or "a single number"
            raise NoClasses(f"the data have {classes} classes, and the net's output is {shape}")
        truth, scores = truth.ravel(), np.moveaxis(scores, 1, -1).reshape(-1, classes)
        if not np.isfinite(scores).all():
            lost = int((~np.isfinite(scores)).any(axis=1).sum())
            raise NoClasses(f"the net's scores are not finite: NaN or infinite for {lost:,} of {len(scores):,} answers")
        # Equal scores have the order of `torch.topk`, as while the net was trained.
        best = torch.from_numpy(scores).topk(min(5, classes)).indices.numpy()
        np.add.at(confusion, (truth, best[:, 0]), 1)
        within_five += int((best == truth[:, None]).sum())
        loss += float(_cross_entropy(scores, truth).sum())
    return Evaluation(examples.classes, tuple(map(tuple, confusion.tolist())), within_five, loss / int(confusion.sum()))


def by_module(module: nn.Module, device: str) -> Answer:
    """The first output of a PyTorch module, on a device.

    Raises:
        RuntimeUnavailable: CUDA is asked for, and PyTorch has none.
    """
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise RuntimeUnavailable("CUDA was asked for, and this PyTorch has none; `netdsl doctor` says why")
    place = "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"
    module = module.to(place).eval()

    def answer(inputs: Array) -> Array:
        with torch.inference_mode():
            results = module(torch.from_numpy(inputs).to(place))
        first = results[0] if isinstance(results, tuple) else results
        found: Array = first.cpu().numpy()
        return found

    return answer


def _cross_entropy(scores: Array, truth: Array) -> Array:
    """-log of the true class's share; of a net that ends in `softmax` the shares are its answers."""
    import numpy as np

    if scores.min() >= 0 and np.abs(scores.sum(axis=1) - 1).max() < 1e-3:
        scores = np.log(np.maximum(scores, np.finfo(np.float32).tiny))
    scores = scores - scores.max(axis=1, keepdims=True)
    shares: Array = np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(truth)), truth]
    return shares
