"""`netdsl compile`: a net to an ONNX file or to PyTorch source."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from netdsl.api import DEFAULT_OPSET, Net
from netdsl.cli import nets
from netdsl.cli.options import FoldersOption, NetOption, SetOption, SizeOption
from netdsl.cli.weight_files import Match, MatchOption, WeightsOption, weights_for


class Target(StrEnum):
    """What a net can be compiled to."""

    ONNX = "onnx"
    PYTORCH = "pytorch"


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The spec; `-` reads the standard input.")],
    target: Annotated[Target, typer.Option("--target", "-t", help="What to compile to.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="PATH", help="Where to write it. Source without -o is printed."),
    ] = None,
    net: NetOption = None,
    settings: SetOption = None,
    size: SizeOption = None,
    folders: FoldersOption = None,
    weights: WeightsOption = None,
    match: MatchOption = Match.NAME,
    seed: Annotated[int, typer.Option("--seed", help="What weights are drawn by, where none are given.")] = 0,
    opset: Annotated[int, typer.Option("--opset", min=17, max=23, help="The ONNX opset.")] = DEFAULT_OPSET,
    training_outputs: Annotated[
        bool, typer.Option("--training-outputs", help="Also the outputs that are there in training only (ONNX).")
    ] = False,
) -> None:
    """Compile a net to an ONNX file or to PyTorch source.

    Files are written whole or not at all. The same input gives the same bytes.
    """
    found = nets.one_net(nets.specification(file, net, settings, size, folders), file)
    with nets.failures():
        if target is Target.PYTORCH:
            _pytorch(found, output)
        else:
            _onnx(found, output, weights, match, seed, opset, training_outputs)


def _pytorch(net: Net, output: Path | None) -> None:
    from netdsl.files import write_text

    source = net.pytorch()
    if output is None:
        sys.stdout.write(source)
        return
    write_text(output, source)
    print(f"{output}: {net.name}, {source.count(chr(10)):,} lines")


def _onnx(
    net: Net, output: Path | None, weights: Path | None, match: Match, seed: int, opset: int, training_outputs: bool
) -> None:
    if output is None:
        nets.fail("an ONNX file needs a place: -o NET.onnx")
    source = weights_for(net, weights, match)
    files = net.write_onnx(output, opset=opset, seed=seed, weights=source, training_outputs=training_outputs)
    origin = f"weights from {weights}" if weights is not None else f"weights drawn by seed {seed}"
    for path in files:
        print(f"{path}: {net.name}, {path.stat().st_size:,} bytes, opset {opset}, {origin}")
