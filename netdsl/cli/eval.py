"""`netdsl eval`: how well a net reads labelled examples, by onnxruntime or by PyTorch."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from netdsl.api import Net
from netdsl.cli import nets
from netdsl.cli.eval_text import as_data, show
from netdsl.cli.options import FoldersOption, NetOption, OperationsOption, SetOption, SizeOption
from netdsl.cli.run import Device
from netdsl.cli.weight_files import Match, MatchOption, WeightsOption, weights_for
from netdsl.diagnostics.render import visible

if TYPE_CHECKING:
    from netdsl.evaluation import Answer
    from netdsl.runtime import Session
    from netdsl.weights.sources import WeightSource


class Target(StrEnum):
    """What runs the net."""

    ONNX = "onnx"
    PYTORCH = "pytorch"


class Part(StrEnum):
    """Which examples are asked for."""

    HELD_OUT = "held-out"
    TRAIN = "train"


class Damaged(StrEnum):
    """What is done with a picture that cannot be read."""

    ERROR = "error"
    SKIP = "skip"


class Format(StrEnum):
    """What `--output-format` offers."""

    FULL = "full"
    JSON = "json"


class Model(NamedTuple):
    """A net that can be asked, the shape of its input, and the size of its pictures where that is another."""

    name: str
    shape: tuple[int, ...]
    answer: Answer
    pictures: tuple[int, int] | None = None


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A spec or an .onnx model.")],
    data: Annotated[
        str, typer.Option("--data", metavar="NAME[:PATH]", help="Labelled examples: digits, mnist:DIR, folder:DIR, …")
    ],
    weights: WeightsOption = None,
    match: MatchOption = Match.NAME,
    target: Annotated[Target, typer.Option("--target", "-t", help="What runs the net.")] = Target.ONNX,
    device: Annotated[
        Device, typer.Option("--device", help="Where to run it; `auto` is CUDA where that works.")
    ] = Device.AUTO,
    part: Annotated[Part, typer.Option("--part", help="Which examples.")] = Part.HELD_OUT,
    held_out: Annotated[
        float, typer.Option("--held-out", help="The share that is held out where the data do not say what is.")
    ] = 0.2,
    damaged: Annotated[
        Damaged, typer.Option("--damaged", help="A picture that cannot be read is an error, or left out and counted.")
    ] = Damaged.ERROR,
    batch: Annotated[int, typer.Option("--batch", min=1, help="How many examples at once.")] = 64,
    workers: Annotated[
        int, typer.Option("--workers", min=0, help="Processes that read pictures which do not fit in memory.")
    ] = 2,
    output_format: Annotated[Format, typer.Option("--output-format", help="The form of the result.")] = Format.FULL,
    net: NetOption = None,
    settings: SetOption = None,
    size: SizeOption = None,
    folders: FoldersOption = None,
    ops: OperationsOption = None,
    seed: Annotated[int, typer.Option("--seed", help="What weights and synthetic examples are drawn by.")] = 0,
) -> None:
    """Ask a net for labelled examples and count the right answers.

    Prints the shares of examples whose class has the highest score (top-1) or one of the five highest (top-5), the
    mean cross entropy, and which class was taken for which. Where the net's recipe says how pictures are evaluated, so
    they are.
    """
    from netdsl.evaluation import NoClasses, evaluate
    from netdsl.training_folder import data_package
    from netdsl.views import views_of

    with nets.failures():
        package = data_package()
        if file.endswith(".onnx"):
            model = _model_of_file(Path(file), target, device)
        else:
            found = nets.one_net(nets.specification(file, net, settings, size, folders, ops), file)
            model = _model_of_net(found, weights_for(found, weights, match), target, device, seed)
            views = views_of(found.graph)
            if views is not None:
                model = model._replace(answer=views.of(model.answer), pictures=views.size)
        try:
            opened = package.open_data(
                data,
                shape=model.shape,
                seed=seed,
                held_out=held_out,
                damaged=damaged.value,
                resize=model.pictures,
            )
            examples = opened.held_out if part is Part.HELD_OUT else opened.train
            if not examples.classes:
                nets.fail(f"{data} has numbers to be learnt and no classes")
            result = evaluate(model.answer, examples, batch=batch, workers=workers)
        except (package.DataError, NoClasses) as error:
            nets.fail(visible(str(error)))
    if opened.skipped:
        print(f"netdsl: {opened.skipped:,} pictures could not be read and were left out", file=sys.stderr)
    if output_format is Format.JSON:
        print(json.dumps(as_data(model.name, data, part.value, result), ensure_ascii=False))
    else:
        show(model.name, data, part.value, result)


def _model_of_file(path: Path, target: Target, device: Device) -> Model:
    from netdsl.runtime import Session

    if target is not Target.ONNX:
        nets.fail(f"{path} is an ONNX model, and PyTorch runs specs only")
    if not path.is_file():
        nets.fail(f"{path} does not exist")
    return _model_of_session(path.name, Session(path, device.value))


def _model_of_net(net: Net, source: WeightSource | None, target: Target, device: Device, seed: int) -> Model:
    """The spec's net with its weights; for onnxruntime in a temporary file, so that nets above 2 GB run too."""
    from netdsl.evaluation import by_module
    from netdsl.runtime import Session
    from netdsl.weights.sources import Drawn

    if target is Target.ONNX:
        with TemporaryDirectory(prefix="netdsl-") as folder:
            path = Path(folder) / "net.onnx"
            net.write_onnx(path, seed=seed, weights=source)
            return _model_of_session(net.name, Session(path, device.value))
    inputs = [(tensor.name or "input", tensor.type) for tensor in net.report.inputs]
    shape = _shape([(name, kind.shape, kind.element) for name, kind in inputs])
    return Model(net.name, shape, by_module(net.module(weights=source or Drawn(seed)), device.value))


def _model_of_session(name: str, session: Session) -> Model:
    inputs = session.inputs
    shape = _shape([(each.name, each.shape[1:], each.element) for each in inputs])
    first, output = inputs[0].name, session.outputs[0]
    return Model(name, shape, lambda batch: session.run({first: batch})[output])


def _shape(inputs: Sequence[tuple[str, Sequence[object], str]]) -> tuple[int, ...]:
    """The shape of the only input."""
    if len(inputs) != 1:
        nets.fail(f"the net takes {len(inputs)} inputs, and the data have one")
    name, shape, element = inputs[0]
    if "int" in element:
        nets.fail(f"the input {name} takes whole numbers, and the data are pictures or floats")
    sizes = tuple(size for size in shape if isinstance(size, int))
    if len(sizes) != len(shape):
        nets.fail(f"the input {name} has open sizes: give them with --size, as in --size H=224,W=224")
    return sizes
