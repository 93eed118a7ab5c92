"""The training target: a graph and its recipe to a folder of plain PyTorch that trains the net.

Most files are the same for all nets, and lie as they are in codegen_templates/training. `model.py` is the PyTorch
target's; `recipe.py` is made of the recipe's words.
"""

from __future__ import annotations

from netdsl.graph.model import Graph
from netdsl.targets.training.task import obstacle
from netdsl.training.recipe import Recipe

__all__ = ["files", "obstacle"]


def files(graph: Graph, recipe: Recipe) -> dict[str, str]:
    """The files of the folder by their paths in it; the same graph and recipe give the same texts.

    Args:
        graph: a complete graph: one without mistakes, and without an `obstacle`.
        recipe: how it is trained.
    """
    from netdsl.targets.training.render import render

    return render(graph, recipe)
