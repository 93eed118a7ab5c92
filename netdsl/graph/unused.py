"""Names and tensors that nothing takes up: a graph to warnings."""

from __future__ import annotations

from netdsl.diagnostics import names
from netdsl.graph.builder import Builder
from netdsl.graph.model import Tensor
from netdsl.graph.place import Place


def report_unused(builder: Builder, place: Place) -> None:
    """Warn of what is never used in any use of its text; a net with mistakes is left alone."""
    if not builder.graph.complete:
        return
    used: set[tuple[str, int]] = set()
    unused = {}
    for word, definition in builder.definitions:
        key = (definition.span.source.name, definition.span.start)
        flows = isinstance(definition.value, Tensor) and definition.kind == "input" and definition.value.uses > 0
        if definition.used or flows or definition.kind == "loop variable":
            used.add(key)
        else:
            unused[key] = (f"the {definition.kind} `{word}`", definition.span)
    for layer in builder.graph.root.layers():
        key = (layer.span.source.name, layer.span.start)
        if any(tensor.uses for tensor in layer.outputs):
            used.add(key)
        else:
            unused[key] = (f"the result of `{layer.name}`", layer.span)
    for key, (what, span) in unused.items():
        if key not in used:
            builder.report(place, names.NeverUsed(what), span)
