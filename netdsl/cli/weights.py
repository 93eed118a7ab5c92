"""`netdsl weights`: the weights of a spec's nets, or those in a file."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from pathlib import Path
from typing import Annotated

import typer

from netdsl.api import Net
from netdsl.cli import nets
from netdsl.cli.options import FoldersOption, NetOption, OperationsOption, SetOption, SizeOption
from netdsl.cli.terminal import print_lines, print_table
from netdsl.cli.weight_files import shape_words
from netdsl.diagnostics.render import PLAIN, STRONG, visible
from netdsl.resources import beside_or_packaged
from netdsl.weights.files import SUFFIXES, all_arrays


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A spec, or a file of weights.")],
    net: NetOption = None,
    settings: SetOption = None,
    size: SizeOption = None,
    folders: FoldersOption = None,
    ops: OperationsOption = None,
) -> None:
    """List weights: their names, shapes and numbers.

    Of a spec, those of its nets in the order and under the keys of PyTorch's state dict; of a safetensors or npz file
    or a state dict of PyTorch (.pt, .pth), the arrays in it. A file of weights is one that ends like one.
    """
    path = beside_or_packaged(Path(file))
    if path.suffix in SUFFIXES:
        with nets.failures():
            _show_file(path)
        return
    for found in nets.specification(file, net, settings, size, folders, ops):
        _show_net(found)


def _show_net(net: Net) -> None:
    weights = net.weights()
    cells = []
    for name, weight in weights.items():
        counts = ["", f"{weight.count:,}"] if weight.buffer else [f"{weight.count:,}", ""]
        cells.append([name, shape_words(weight.shape), *counts])
    place = f"  {visible(net.graph.span.source.name)}:{net.graph.span.row}"
    print_lines([((net.name, STRONG), (place, PLAIN))])
    parameters = sum(weight.count for weight in weights.values() if not weight.buffer)
    buffers = sum(weight.count for weight in weights.values() if weight.buffer)
    total = [f"{len(weights):,} weights", "", f"{parameters:,}", f"{buffers:,}" if buffers else ""]
    print_table(("key", "shape", "parameters", "buffers"), [*cells, total], (False, False, True, True))


def _show_file(path: Path) -> None:
    arrays = all_arrays(path)
    cells = [
        [visible(name), shape_words(array.shape), str(array.dtype), f"{array.size:,}"] for name, array in arrays.items()
    ]
    total = [f"{len(arrays):,} arrays", "", "", f"{_count(array.shape for array in arrays.values()):,}"]
    print_table(("key", "shape", "type", "numbers"), [*cells, total], (False, False, False, True))


def _count(shapes: Iterable[tuple[int, ...]]) -> int:
    return sum(prod(shape) for shape in shapes)
