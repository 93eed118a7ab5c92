"""`netdsl run`: a net on a picture or an array, by onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netdsl.cli import nets
from netdsl.cli.options import FoldersOption, NetOption, OperationsOption, SetOption, SizeOption
from netdsl.cli.weight_files import Match, MatchOption, WeightsOption, weights_for
from netdsl.resources import beside_or_packaged

if TYPE_CHECKING:
    from netdsl.api import Net
    from netdsl.runtime import ModelInput, Session
    from netdsl.weights.sources import WeightSource

_ARRAYS = (".npy", ".npz")


class Device(StrEnum):
    """Where a net can run."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A spec or an .onnx model.")],
    inputs: Annotated[
        list[str],
        typer.Option(
            "--input", "-i", metavar="[NAME=]PATH", help="A picture, or an array (.npy, .npz); one for each input."
        ),
    ],
    weights: WeightsOption = None,
    match: MatchOption = Match.NAME,
    device: Annotated[
        Device, typer.Option("--device", help="Where to run it; `auto` is CUDA where that works.")
    ] = Device.AUTO,
    top: Annotated[int, typer.Option("--top", min=1, help="How many classes to print.")] = 5,
    labels: Annotated[
        Path | None, typer.Option("--labels", metavar="PATH", help="The classes' names, one a line.")
    ] = None,
    invert: Annotated[
        bool, typer.Option("--invert", help="For dark ink on white, where the net knows light on black.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="PATH.npz", help="Save the outputs instead of printing classes."),
    ] = None,
    net: NetOption = None,
    settings: SetOption = None,
    size: SizeOption = None,
    folders: FoldersOption = None,
    ops: OperationsOption = None,
    seed: Annotated[int, typer.Option("--seed", help="What weights are drawn by, where none are given.")] = 0,
) -> None:
    """Run a net on a picture or an array.

    A picture is made grey or RGB by the input's channels, its shorter side is resized and the middle cropped, and
    its bytes are divided by 255. Means and deviations are the net's own `normalize`.
    """
    with nets.failures():
        if file.endswith(".onnx"):
            session = _load(Path(file), device)
        else:
            found = nets.one_net(nets.specification(file, net, settings, size, folders, ops), file)
            session = _compile(found, weights_for(found, weights, match), seed, device)
        arrays = _arrays(session, inputs, invert)
        names = labels.read_text(encoding="utf-8").splitlines() if labels else []
        results = session.run(arrays)
        if output is not None:
            _save(output, results)
            return
        for name, array in results.items():
            _print_classes(name, array, names, top, several=len(results) > 1)


def _load(path: Path, device: Device) -> Session:
    from netdsl.runtime import Session

    if not path.is_file():
        nets.fail(f"{path} does not exist")
    return Session(path, device.value)


def _compile(found: Net, weights: WeightSource | None, seed: int, device: Device) -> Session:
    """The spec's net in a temporary ONNX file, so that nets above protobuf's 2 GB run too."""
    from tempfile import TemporaryDirectory

    from netdsl.runtime import Session

    with TemporaryDirectory(prefix="netdsl-") as folder:
        path = Path(folder) / "net.onnx"
        found.write_onnx(path, seed=seed, weights=weights)
        return Session(path, device.value)


# ---- inputs ----------------------------------------------------------------------------------


def _arrays(session: Session, given: list[str], invert: bool) -> dict[str, Any]:
    """The array for every input, by name."""
    declared = {each.name: each for each in session.inputs}
    paths: dict[str, str] = {}
    for item in given:
        name, equals, path = item.partition("=")
        if not equals or name not in declared:
            name, path = next((each for each in declared if each not in paths), ""), item
        if name in paths or not name:
            nets.fail(f"--input {item}: the net takes {len(declared)} ({', '.join(declared)})")
        paths[name] = path
    missing = [name for name in declared if name not in paths]
    if missing:
        nets.fail(f"the net also takes {', '.join(missing)}: --input {missing[0]}=PATH")
    return {name: _array(declared[name], Path(path), invert) for name, path in paths.items()}


def _array(declared: ModelInput, path: Path, invert: bool) -> Any:
    """A batch for one input: a picture by the rule, an array as it is, with a batch of 1 where it lacks one."""
    import numpy as np

    path = beside_or_packaged(path)
    if not path.is_file():
        nets.fail(f"{path} does not exist")
    if path.suffix not in _ARRAYS:
        return _picture(declared, path, invert)
    loaded = np.load(path, allow_pickle=False)
    if path.suffix == ".npz":
        if declared.name not in loaded.files:
            nets.fail(f"{path} holds {', '.join(loaded.files)}, and the input is {declared.name}")
        loaded = loaded[declared.name]
    array = loaded.astype(np.int64 if "int64" in declared.element else np.float32)
    array = array[None] if array.ndim == len(declared.shape) - 1 else array
    if not _fits(array.shape, declared.shape):
        wanted, came = "x".join(map(str, declared.shape)), "x".join(map(str, array.shape))
        nets.fail(f"{path} is {came}, and the input {declared.name} is {wanted}")
    return array


def _picture(declared: ModelInput, path: Path, invert: bool) -> Any:
    from netdsl.pictures import picture_array

    shape = declared.shape[1:]
    sizes = tuple(size for size in shape if isinstance(size, int))
    if len(sizes) != len(shape):
        nets.fail(f"the input {declared.name} has open sizes: give them with --size, as in --size H=224,W=224")
    return picture_array(path, sizes, invert=invert)[None]


def _fits(shape: tuple[int, ...], declared: tuple[int | str, ...]) -> bool:
    pairs = zip(shape, declared, strict=False)
    return len(shape) == len(declared) and all(isinstance(want, str) or have == want for have, want in pairs)


# ---- outputs ---------------------------------------------------------------------------------


def _save(path: Path, results: Mapping[str, Any]) -> None:
    import numpy as np

    from netdsl.files import replace_file

    with replace_file(path) as file:
        np.savez(file, **results)
    shapes = ", ".join(f"{name} {'x'.join(map(str, array.shape))}" for name, array in results.items())
    print(f"{path}: {shapes}")


def _print_classes(name: str, array: Any, names: list[str], top: int, *, several: bool) -> None:
    """The classes with the highest scores, with their shares; of an output that is no list of classes, its shape."""
    if several:
        print(f"{name}:")
    if array.ndim != 2 or array.shape[1] < 2:
        shape = "x".join(map(str, array.shape))
        values = f": {array.ravel()[0]:.6g}" if array.size == 1 else f", from {array.min():.6g} to {array.max():.6g}"
        print(f"{name} {shape}{values} (-o FILE.npz saves it)")
        return
    for scores in array:
        shares = _shares(scores)
        for place in shares.argsort()[::-1][:top]:
            label = names[place] if place < len(names) else str(place)
            print(f"{label:<20} {100 * shares[place]:6.2f} %")


def _shares(scores: Any) -> Any:
    """Probabilities: as they are where the net ends in `softmax`, else the softmax of the scores."""
    import numpy as np

    if scores.min() >= 0 and abs(float(scores.sum()) - 1) < 1e-3:
        return scores
    powers = np.exp(scores.astype(np.float64) - scores.max())
    return powers / powers.sum()
