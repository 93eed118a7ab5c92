"""`netdsl explain`: a diagnostic's page, or the arithmetic of a spec's layers."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from netdsl import resources
from netdsl.analysis.explain import explain_layer
from netdsl.analysis.receptive import receptive_fields
from netdsl.cli.files import UnreadableFileError, library_for, read_source
from netdsl.cli.further import further_operations
from netdsl.cli.options import FoldersOption, NetOption, OperationsOption, SetOption, SizeOption, settings, sizes
from netdsl.cli.terminal import print_lines
from netdsl.compiler import CheckedNet, Program, check
from netdsl.diagnostics.core import did_you_mean
from netdsl.diagnostics.render import GUTTER, PLAIN, STRONG, Line, full, plain_text, visible
from netdsl.graph.model import Layer
from netdsl.source import Span

_FILE_AND_LINE = re.compile(r"(.+?):([0-9]{1,9})(?::[0-9]+)?")
_HEADING_WIDTH = 17


def command(
    what: Annotated[
        str, typer.Argument(metavar="CODE|FILE[:LINE]", help="A diagnostic (E204), or a spec and the line of a layer.")
    ],
    layer: Annotated[str | None, typer.Argument(metavar="[LAYER]", help="The name of a layer, for a spec.")] = None,
    net: NetOption = None,
    set_: SetOption = None,
    size: SizeOption = None,
    include: FoldersOption = None,
    ops: OperationsOption = None,
) -> None:
    """Explain a diagnostic, or a layer with its numbers.

    `explain E204` prints what the diagnostic means, with a wrong and a right example. `explain FILE:LINE` and
    `explain FILE LAYER` print how a layer's output size, parameters, MACs and receptive field come about.
    """
    place = _FILE_AND_LINE.fullmatch(what)
    if layer is None and place is None:
        sys.stdout.write(_page(what))
        return
    path = place.group(1) if place is not None and layer is None else what
    try:
        source = read_source(path)
    except UnreadableFileError as error:
        _fail(str(error))
    library = library_for(path, include or [])
    operations = further_operations(ops)
    program = check(source, net=net, settings=settings(set_), sizes=sizes(size), library=library, operations=operations)
    found = _named(program, layer) if layer is not None else _on_line(program, int(place.group(2)) if place else 0)
    for checked, each in found:
        print_lines(_explanation(checked, each))
    for diagnostic in program.diagnostics if program.has_errors else ():
        print("\n".join(plain_text(line) for line in full(diagnostic)), file=sys.stderr)
    if not found and not program.has_errors:
        _fail(_nothing(program, layer, visible(what)))
    raise typer.Exit(int(program.has_errors))


# ---- diagnostics -------------------------------------------------------------------------------


def _page(what: str) -> str:
    """The page of a diagnostic, by its code or its name."""
    pages = {path.stem: path for path in resources.path("docs", "diagnostics").glob("*.md")}
    slugs = {_slug(path): code for code, path in pages.items()}
    code = what.upper() if what.upper() in pages else slugs.get(what.lower().replace("_", "-"))
    if code is None:
        nearest = did_you_mean(what.upper(), sorted(pages), numbered=True) or did_you_mean(what.lower(), sorted(slugs))
        advice = f"did you mean {nearest}?" if nearest else "a layer is named by FILE:LINE or FILE LAYER"
        _fail(f"there is no diagnostic {visible(what)}; {advice}")
    return pages[code].read_text(encoding="utf-8")


def _slug(page: Path) -> str:
    """The name in a page's heading, `# E204 window-does-not-fit`."""
    with page.open(encoding="utf-8") as lines:
        return next(lines).split()[-1]


# ---- layers ------------------------------------------------------------------------------------


def _layers(program: Program) -> Iterator[tuple[CheckedNet, Layer]]:
    for checked in program.nets:
        yield from ((checked, layer) for layer in checked.graph.layers() if layer.well_typed)


def _named(program: Program, name: str) -> list[tuple[CheckedNet, Layer]]:
    return [(checked, layer) for checked, layer in _layers(program) if layer.name == name]


def _on_line(program: Program, row: int) -> list[tuple[CheckedNet, Layer]]:
    """The layers that are written on a line of the file; else those of the blocks that it calls."""
    source = program.file.source

    def covers(span: Span) -> bool:
        return span.source is source and span.row <= row <= span.end_location[0]

    layers = list(_layers(program))
    written = [(checked, layer) for checked, layer in layers if covers(layer.span)]
    return written or [(checked, layer) for checked, layer in layers if any(covers(note.span) for note in layer.trail)]


def _explanation(checked: CheckedNet, layer: Layer) -> Iterator[Line]:
    written = " ".join(layer.span.text.split())
    yield ((f"{layer.name}", STRONG), (f"  {visible(written)}", PLAIN))
    yield ((f"  {checked.name}, {visible(str(layer.span))}", GUTTER),)
    for note in layer.trail:
        yield ((f"  {visible(note.message)}: {visible(str(note.span))}", GUTTER),)
    for heading, line in explain_layer(layer, receptive_fields(checked.graph)):
        yield ((f"  {heading:<{_HEADING_WIDTH}}", STRONG), (line, PLAIN))
    yield ()


def _nothing(program: Program, layer: str | None, what: str) -> str:
    if layer is None:
        return f"no layer is written at {what}"
    names = [each.name for _, each in _layers(program)]
    nearest = did_you_mean(layer, names, numbered=True)
    advice = f"did you mean {nearest}?" if nearest else "`netdsl check` lists them"
    return f"{what} has no layer {visible(layer)}; {advice}"


def _fail(message: str) -> NoReturn:
    print(f"netdsl: {message}", file=sys.stderr)
    raise typer.Exit(2)
