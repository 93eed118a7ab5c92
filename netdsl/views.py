"""A net's recipe to the views of a picture that the trained net is judged by, as its training folder shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from netdsl import resources
from netdsl.diagnostics.core import Diagnostics
from netdsl.graph.model import Graph
from netdsl.targets.training.task import task_of, unreadable
from netdsl.training.contract import TorchSource
from netdsl.training.recipe import read

if TYPE_CHECKING:
    import numpy as np
    from torch import nn

    from netdsl.evaluation import Answer


@dataclass(frozen=True)
class Views:
    """What a recipe shows of a picture to the trained net.

    Attributes:
        size: height and width of the pictures that the views are made of.
        crop: from (batch, channels, height, width) to (batch, views, channels, height, width).
    """

    size: tuple[int, int]
    crop: nn.Module

    def of(self, answer: Answer) -> Answer:
        """The answer to a picture: that to its view, or the mean of the probabilities over several."""
        import torch

        def of_all(inputs: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
            views = self.crop(torch.from_numpy(inputs)).unbind(1)
            answers = [torch.from_numpy(answer(view.contiguous().numpy())) for view in views]
            votes = answers[0] if len(answers) == 1 else torch.stack([each.softmax(1) for each in answers]).mean(0)
            found: np.ndarray[Any, Any] = votes.numpy()
            return found

        return of_all


def views_of(graph: Graph) -> Views | None:
    """The views that the net's recipe is judged by, as in the training folder; None for the picture itself."""
    if graph.recipe is None:
        return None
    recipe = read(graph, Diagnostics())
    if recipe is None or unreadable(graph, recipe) is not None:
        return None
    crop = task_of(graph, recipe).crop
    if crop is None:
        return None
    height, width = crop.takes
    return Views((height, width), _module(crop.torch()))


def _module(source: TorchSource) -> nn.Module:
    """What a word of a recipe stands for, made from its class in codegen_templates/support."""
    assert source.support is not None
    namespace: dict[str, Any] = {}
    exec(resources.read_text("codegen_templates", "support", source.support), namespace)  # noqa: S102 - our own text
    made: nn.Module = eval(source.text, namespace)  # noqa: S307 - a class of ours and numbers
    return made
