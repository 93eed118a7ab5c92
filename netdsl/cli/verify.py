"""`netdsl verify`: both targets of a spec's nets against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from netdsl.cli import nets
from netdsl.cli.options import FoldersOption, NetOption, OperationsOption, SetOption, SizeOption, sizes
from netdsl.cli.run import Device
from netdsl.cli.weight_files import Match, MatchOption, WeightsOption, weights_for

if TYPE_CHECKING:
    from netdsl.verify import Verification


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The spec; `-` reads the standard input.")],
    net: NetOption = None,
    settings: SetOption = None,
    size: SizeOption = None,
    folders: FoldersOption = None,
    ops: OperationsOption = None,
    weights: WeightsOption = None,
    match: MatchOption = Match.NAME,
    seed: Annotated[int, typer.Option("--seed", help="Of weights and inputs.")] = 0,
    batch: Annotated[int, typer.Option("--batch", min=1, help="How many examples.")] = 2,
    device: Annotated[Device, typer.Option("--device", help="Where onnxruntime runs.")] = Device.CPU,
) -> None:
    """Run both targets with the same weights on random inputs and compare them.

    The reference is PyTorch in float64; the tolerance is 1e-5 of max(1, largest output). Exit code 1 past it.
    """
    found = nets.specification(file, net, settings, size, folders, ops)
    agree = True
    with nets.failures():
        for each in found:
            source = weights_for(each, weights, match)
            result = each.verify(seed=seed, batch=batch, sizes=sizes(size), source=source, device=device.value)
            _print(result)
            agree = agree and result.agrees
    if not agree:
        raise typer.Exit(nets.SPEC_IS_WRONG)


def _print(result: Verification) -> None:
    chosen = "".join(f", {name}={size}" for name, size in result.sizes.items())
    print(f"{result.net} (batch {result.batch}{chosen})")
    for output in result.outputs:
        shape = "x".join(map(str, output.shape))
        verdict = "agrees" if output.agrees else "DIFFERS"
        print(
            f"  {output.output} {shape}: {verdict}; onnxruntime is off by {output.onnx:.2e} "
            f"({output.relative:.2e} of the scale {output.scale:.3g}), PyTorch float32 by {output.pytorch:.2e}"
        )
