"""`netdsl compile`: a net to an ONNX file or to PyTorch source."""

from __future__ import annotations

import sys
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from netdsl.api import Net
from netdsl.cli import nets
from netdsl.cli.options import FoldersOption, NetOption, OperationsOption, SetOption, SizeOption
from netdsl.cli.weight_files import Match, MatchOption, WeightsOption, weights_for
from netdsl.targets.onnx.opsets import DEFAULT_OPSET

STANDARD_OUTPUT = "-"

_FOR_EIGHT_BITS = ("calibrate", "keep_ends")
_FOR_ONNX = (
    "weights",
    "match",
    "seed",
    "opset",
    "training_outputs",
    "optimise",
    "external",
    "precision",
    *_FOR_EIGHT_BITS,
)


class Precision(StrEnum):
    """What an ONNX model's weights and values can be."""

    FP32 = "fp32"
    FP16 = "fp16"
    INT8 = "int8"


class Target(StrEnum):
    """What a net can be compiled to."""

    ONNX = "onnx"
    PYTORCH = "pytorch"
    TRAINING = "training"


def command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The spec; `-` reads the standard input.")],
    target: Annotated[Target, typer.Option("--target", "-t", help="What to compile to.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="PATH", help="Where to write it. Source without -o, or with `-o -`, is printed."
        ),
    ] = None,
    net: NetOption = None,
    settings: SetOption = None,
    size: SizeOption = None,
    folders: FoldersOption = None,
    ops: OperationsOption = None,
    weights: WeightsOption = None,
    match: MatchOption = Match.NAME,
    seed: Annotated[int, typer.Option("--seed", help="What weights are drawn by, where none are given.")] = 0,
    opset: Annotated[int, typer.Option("--opset", help="The ONNX opset, 17 to 23.")] = DEFAULT_OPSET,
    training_outputs: Annotated[
        bool, typer.Option("--training-outputs", help="Also the outputs that are there in training only (ONNX).")
    ] = False,
    optimise: Annotated[
        bool, typer.Option("--optimize", help="Fold normalisations into the layers before them, and save other nodes.")
    ] = False,
    external: Annotated[
        Path | None,
        typer.Option(
            "--external",
            metavar="NAME.safetensors",
            help="The file beside the model that holds its weights; that of --weights stays as it is.",
        ),
    ] = None,
    precision: Annotated[
        Precision, typer.Option("--precision", help="Of weights and values; inputs and outputs stay float32.")
    ] = Precision.FP32,
    calibrate: Annotated[
        Path | None,
        typer.Option("--calibrate", metavar="DIR|NPZ", help="Examples for int8: pictures, or arrays of inputs."),
    ] = None,
    keep_ends: Annotated[
        bool, typer.Option("--keep-ends", help="Leave the first and the last layer of an int8 model in float32.")
    ] = False,
) -> None:
    """Compile a net to an ONNX file, to PyTorch source, or to a folder that trains it.

    Files are written whole or not at all. The same input gives the same bytes.
    """
    if target is not Target.ONNX:
        _refuse(context, _FOR_ONNX, "--target onnx")
    if precision is not Precision.INT8:
        _refuse(context, _FOR_EIGHT_BITS, "--precision int8")
    found = nets.one_net(nets.specification(file, net, settings, size, folders, ops), file)
    with nets.failures():
        if target is Target.PYTORCH:
            _pytorch(found, output)
        elif target is Target.TRAINING:
            _training(found, output)
        else:
            write = partial(
                found.write_onnx,
                opset=opset,
                seed=seed,
                training_outputs=training_outputs,
                optimise=optimise,
                external=external,
                precision=precision.value,
                calibration=calibrate,
                keep_ends=keep_ends,
            )
            origin = f"weights from {weights}" if weights is not None else f"weights drawn by seed {seed}"
            kind = "" if precision is Precision.FP32 else f"{precision}, "
            for path in write(_place(output), weights=weights_for(found, weights, match)):
                print(f"{path}: {found.name}, {path.stat().st_size:,} bytes, opset {opset}, {kind}{origin}")


def _refuse(context: typer.Context, names: tuple[str, ...], purpose: str) -> None:
    """End the command where the command line has an option that would do nothing."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if parameter.name in names and source is not None and source.name != "DEFAULT":
            nets.fail(f"`{parameter.opts[0]}` is for `{purpose}`")


def _pytorch(net: Net, output: Path | None) -> None:
    from netdsl.files import write_text

    source = net.pytorch()
    if output is None or str(output) == STANDARD_OUTPUT:
        sys.stdout.write(source)
        return
    write_text(output, source)
    print(f"{output}: {net.name}, {source.count(chr(10)):,} lines")


def _training(net: Net, output: Path | None) -> None:
    from netdsl.files import write_folder

    if output is None or str(output) == STANDARD_OUTPUT:
        nets.fail("a training folder needs a place: -o DIR")
    files = net.training()
    write_folder(output, files)
    print(f"{output}: {net.name}, {len(files)} files; `python {output / 'train.py'} --help`")


def _place(output: Path | None) -> Path:
    if output is None or str(output) == STANDARD_OUTPUT:
        nets.fail("an ONNX file needs a place: -o NET.onnx")
    return output
