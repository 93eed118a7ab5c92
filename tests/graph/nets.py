"""Short specs to what their elaboration gives: names, shapes, codes of diagnostics."""

from __future__ import annotations

from pathlib import Path

from netdsl.compiler import CheckedNet, Program, check
from netdsl.graph.model import Layer
from netdsl.library import FolderLibrary
from netdsl.source import Source


def program(text: str, folder: Path | None = None, include: tuple[Path, ...] = (), **settings: str) -> Program:
    """A whole file, checked; `folder` is where it lies."""
    where = folder or Path("/nowhere")
    return check(Source(str(where / "main.net"), text), settings=settings, library=FolderLibrary(where, include))


def net(text: str, folder: Path | None = None, **settings: str) -> CheckedNet:
    """The one net of a file without mistakes."""
    checked = program(text, folder, **settings)
    assert [str(found) for found in checked.diagnostics] == []
    (only,) = checked.nets
    return only


def body(statements: str, shape: str = "3x32x32", blocks: str = "") -> str:
    """A file with one net around some statements, whose input is `image`."""
    return f"{blocks}\nnet Example {{\n    input image: {shape}\n{statements}\n}}\n"


def codes(text: str, folder: Path | None = None, **settings: str) -> list[str]:
    """The codes of all diagnostics, in the order of the text."""
    return [found.code for found in program(text, folder, **settings).diagnostics]


def messages(text: str) -> str:
    """All that is said, in one text."""
    return "\n".join(f"{found.message} / {found.help}" for found in program(text).diagnostics)


def layers(text: str, folder: Path | None = None) -> dict[str, Layer]:
    """The layers of the one net by name."""
    return {layer.name: layer for layer in net(text, folder).graph.layers()}


def names(text: str, folder: Path | None = None) -> list[str]:
    """The layers' names, in the order of the flow."""
    return [layer.name for layer in net(text, folder).graph.layers()]


def kinds(text: str, folder: Path | None = None) -> list[str]:
    """The layers' operations, in the order of the flow."""
    return [layer.operation.word for layer in net(text, folder).graph.layers()]


def shapes(text: str, folder: Path | None = None) -> list[str]:
    """The layers' outputs, in the order of the flow."""
    return [str(layer.outputs[0].type) for layer in net(text, folder).graph.layers()]


def outputs(text: str) -> dict[str, str]:
    """The outputs and their shapes."""
    return {output.name: str(output.type) for output in net(text).report.outputs}


def sources(layer: Layer) -> list[str]:
    """Where a layer's inputs come from: layers' names, or the inputs' own."""
    return [tensor.layer.name if tensor.layer else str(tensor.name) for tensor in layer.inputs]
