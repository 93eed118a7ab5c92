"""The PyTorch target: a graph to the source of an `nn.Module` that imports torch and nothing of ours."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

    from netdsl.graph.model import Graph


def source(graph: Graph) -> str:
    """The source of a net's module; the same graph gives the same text.

    Args:
        graph: a complete graph: one without mistakes.
    """
    from netdsl.targets.pytorch.generate import generate
    from netdsl.targets.pytorch.render import render

    return render(generate(graph))


def build_module(graph: Graph) -> nn.Module:
    """The net as a module with PyTorch's own first weights, made by running its generated source.

    Args:
        graph: a complete graph: one without mistakes.

    Raises:
        ImportError: torch is not installed.
    """
    from netdsl.targets.pytorch.generate import generate
    from netdsl.targets.pytorch.render import render

    generated = generate(graph)
    namespace = ModuleType(f"netdsl_{generated.net}")
    exec(compile(render(generated), f"<{generated.net}>", "exec"), namespace.__dict__)  # noqa: S102 - our own text
    module: nn.Module = getattr(namespace, generated.net)()
    return module
