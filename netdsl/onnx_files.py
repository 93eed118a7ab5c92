"""A checked net to ONNX files: with its own weights, optimised, in half precision or in eight bits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from netdsl.calibration import batches
from netdsl.compiler import onnx_graph
from netdsl.diagnostics import targets
from netdsl.diagnostics.core import Fact, Refused
from netdsl.files import write_bytes
from netdsl.graph.model import Graph
from netdsl.targets.onnx.opsets import DEFAULT_OPSET, OPSETS
from netdsl.weights.safetensors_layout import FLOAT32, places
from netdsl.weights.sources import Stored, WeightSource

if TYPE_CHECKING:
    from netdsl.targets.onnx.lower import Lowered

Precision: TypeAlias = Literal["fp32", "fp16", "int8"]
_SAFETENSORS = ".safetensors"


@dataclass(frozen=True, slots=True)
class OnnxOptions:
    """What can be chosen about a model.

    Attributes:
        opset: 17 to 23.
        training_outputs: whether the outputs that are there in training only are wanted too.
        optimise: whether normalisations are folded into kernels, and other nodes saved.
        external: the safetensors file beside the model that holds its weights.
        precision: of weights and values; inputs and outputs are float32. fp16 and int8 are always optimised.
        calibration: a folder of pictures or an npz file, from which int8 takes the ranges of values.
        keep_ends: whether int8 leaves the first and the last layer with a kernel in float32.
    """

    opset: int = DEFAULT_OPSET
    training_outputs: bool = False
    optimise: bool = False
    external: Path | None = None
    precision: Precision = "fp32"
    calibration: Path | None = None
    keep_ends: bool = False


def write_onnx(graph: Graph, path: Path, source: WeightSource, options: OnnxOptions) -> tuple[Path, ...]:
    """Write a complete net's model, whole or not at all; the result is its files.

    Raises:
        Refused: the options do not go together, or examples or stored weights do not fit the net.
        ValueError: a model in fp16 or int8 is above 2 GB, or the name of a second file cannot stand in a model.
        OSError: a file cannot be read or written.
        netdsl.runtime.RuntimeUnavailable: fp16 or int8 is asked for, and there is no onnxruntime.
    """
    from netdsl.targets.onnx.model import write
    from netdsl.targets.onnx.optimise import optimise

    refuse_opset(options.opset)
    lowered = onnx_graph(graph, opset=options.opset, training_outputs=options.training_outputs)
    if options.external is not None:
        return _write_external(graph, path, source, options, lowered)
    if options.precision != "fp32":
        write_bytes(path, _converted(graph, lowered, source, options))
        return (path,)
    return write(path, optimise(lowered) if options.optimise else lowered, source)


def refuse_opset(opset: int) -> None:
    """Raise where an opset is not written.

    Raises:
        Refused: it is none of those that are.
    """
    if opset not in OPSETS:
        raise Refused(targets.OpsetUnknown(opset, min(OPSETS), max(OPSETS)))


def _converted(graph: Graph, lowered: Lowered, source: WeightSource, options: OnnxOptions) -> bytes:
    """The serialised model in the precision that is asked for."""
    from netdsl.quantize import eight_bits, half
    from netdsl.targets.onnx.model import in_memory
    from netdsl.targets.onnx.optimise import optimise

    examples = batches(options.calibration, graph) if options.precision == "int8" else None
    model = in_memory(optimise(lowered), source)
    return half(model) if examples is None else eight_bits(model, examples, keep_ends=options.keep_ends)


# ---- a shared file of weights ----------------------------------------------------------------


def _write_external(
    graph: Graph, path: Path, source: WeightSource, options: OnnxOptions, lowered: Lowered
) -> tuple[Path, ...]:
    """Refer to the file that the weights were read from, or write it along with the model."""
    from netdsl.targets.onnx.external import link, would_stay, write_both

    changing = _changing_option(options)
    if changing is not None:
        raise Refused(targets.ExternalNotOwn(changing))
    data = _beside(path, options.external or path)
    if not (isinstance(source, Stored) and source.path is not None and _is_same(source.path, data)):
        everything = onnx_graph(graph, opset=options.opset, training_outputs=True)
        if data.exists() and not would_stay(data, source, everything):
            raise Refused(targets.ExternalOverwritten(data.name))
        return write_both(path, lowered, data, source, everything)
    faults = list(_not_float32(lowered, data, source))
    if faults:
        raise Refused(*faults)
    return link(path, lowered, data, source)


def _changing_option(options: OnnxOptions) -> str | None:
    if options.precision != "fp32":
        return f"--precision {options.precision}"
    return "--optimize" if options.optimise else None


def _beside(path: Path, given: Path) -> Path:
    """The path of a shared file: a bare name means the model's folder, and so must any other path."""
    data = path.parent / given if given.parent == Path() else given
    stands_there = data.resolve().parent == path.parent.resolve() and data.resolve() != path.resolve()
    if given.suffix != _SAFETENSORS or not stands_there:
        raise Refused(targets.ExternalElsewhere(str(given), str(path.parent)))
    return data


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _not_float32(lowered: Lowered, data: Path, source: Stored) -> Iterator[tuple[str, Fact]]:
    there = places(data)
    for weight in lowered.weights:
        element = there[source.origins.get(weight.name, weight.name)].element
        if element != FLOAT32:
            yield weight.name, targets.ExternalNotFloat32(weight.name, element)
