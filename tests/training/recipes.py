"""Nets with a recipe for the tests, and generated source that is run."""

from __future__ import annotations

from typing import Any

from netdsl import resources
from netdsl.compiler import check
from netdsl.diagnostics.core import Diagnostics
from netdsl.graph.model import Graph
from netdsl.source import Source
from netdsl.training.contract import TorchSource
from netdsl.training.recipe import Recipe, read

BODY = "input image: 3x8x8\n    flatten -> fc 5"
NEEDED = "loss cross_entropy; optimizer sgd lr=0.1"


def graph_of(lines: str, body: str = BODY) -> Graph:
    """The only net of a spec with a body and the lines of a recipe."""
    program = check(Source("spec.net", f"net Small {{\n    {body}\n    train {{ {lines} }}\n}}\n"))
    return program.nets[0].graph


def codes_of(lines: str, body: str = BODY) -> list[str]:
    """The diagnostics that the spec gives."""
    text = f"net Small {{\n    {body}\n    train {{ {lines} }}\n}}\n"
    return [found.code for found in check(Source("spec.net", text)).diagnostics]


def recipe_of(lines: str, body: str = BODY) -> Recipe:
    """The recipe of such a net, which has no mistakes."""
    diagnostics = Diagnostics()
    recipe = read(graph_of(lines, body), diagnostics)
    assert [str(found) for found in diagnostics] == []
    assert recipe is not None
    return recipe


def run(source: TorchSource, **values: Any) -> Any:
    """The value of an expression whose slots are variables of their own names."""
    module: dict[str, Any] = {"__name__": "generated", **values}
    for line in source.imports:
        exec(line, module)  # noqa: S102 - the source is ours
    if source.support is not None:
        exec(resources.read_text("codegen_templates", "support", source.support), module)  # noqa: S102
    text = source.filled(**{name: name for name in values})
    return eval(text, module)  # noqa: S307
