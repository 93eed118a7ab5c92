"""One layer to its arithmetic: how its output's size, its parameters, costs and receptive field come about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import prod

from netdsl.analysis.receptive import GLOBAL, Axis, Field, ReceptiveField, seen_inputs
from netdsl.graph.model import Layer
from netdsl.ops.axes import lines_by_axis
from netdsl.ops.contract import Everywhere, Pointwise, Reach, Weight
from netdsl.types.sizes import Size, is_open
from netdsl.types.tensors import INT64, TensorType, axis_name, term_words

_MANY_ARRAYS = 6


def explain_layer(layer: Layer, fields: Mapping[int, ReceptiveField]) -> tuple[tuple[str, str], ...]:
    """What there is to say about a well-typed layer, as (heading, line); further lines have an empty heading.

    Args:
        layer: the layer.
        fields: the receptive fields of the net's tensors, as `receptive_fields` gives them.
    """
    return tuple(_lines(layer, fields))


def _lines(layer: Layer, fields: Mapping[int, ReceptiveField]) -> Iterator[tuple[str, str]]:
    site = layer.site
    inputs, outputs = (", ".join(map(str, tensors)) for tensors in (site.inputs, site.outputs))
    yield "output", f"{inputs} -> {outputs}"
    yield from (("", line) for line in layer.operation.arithmetic(site))
    yield "parameters", _parameters(layer)
    buffers = [weight for weight in layer.weights if weight.buffer]
    if buffers and not layer.shares_weights:
        yield "buffers", _counted(buffers)
    yield "MACs", _macs(layer)
    for name, macs in layer.operation.further_macs(site):
        yield f"in {name}", _figure(macs)
    yield "activations", ", ".join(map(_activations, site.outputs))
    growth = _growth(layer, fields)
    for position, line in enumerate(growth):
        yield "" if position else "receptive field", line


# ---- parameters and costs ----------------------------------------------------------------------


def _parameters(layer: Layer) -> str:
    if layer.shares_weights:
        return f"those of `{layer.weights_name}`, which are counted there"
    weights = [weight for weight in layer.weights if not weight.buffer]
    return _counted(weights) if weights else "none"


def _counted(weights: Sequence[Weight]) -> str:
    """`96 x 3 x 11 x 11 + 96 = 34,944`; of many arrays those of one shape together."""
    total = f"{sum(weight.count for weight in weights):,}"
    if len(weights) > _MANY_ARRAYS:
        alike = Counter(weight.shape for weight in weights)
        terms = " + ".join(f"{times} x {_product(shape)}" for shape, times in alike.items())
        return f"{terms} = {total} ({len(weights)} arrays, {weights[0].name} to {weights[-1].name})"
    terms = " + ".join(_product(weight.shape) for weight in weights)
    names = ", ".join(weight.name for weight in weights if weight.name)
    figure = f"{terms} = {total}" if terms != total else total
    return f"{figure} ({names})" if names else figure


def _macs(layer: Layer) -> str:
    """`96 x 55 x 55 outputs x 363 (3 x 11 x 11) = 105,415,200`."""
    site = layer.site
    macs = layer.operation.macs(site)
    if not is_open(macs) and macs == 0:
        return "none"
    sizes = [weight.shape[1:] for weight in layer.weights if len(weight.shape) > 1]
    for kind, tensor in (("outputs", site.outputs[0]), ("inputs", site.inputs[0])):
        each = _each(macs, tensor.elements, sizes)
        if each is not None:
            return f"{_product(tensor.shape)} {kind} x {each} = {_figure(macs)}"
    return _figure(macs)


def _each(macs: Size, count: Size, sizes: Sequence[tuple[int, ...]]) -> str | None:
    """How many products each of `count` numbers takes, and by which sizes of a weight; None if not equally many."""
    for factors in sizes:
        number = prod(factors)
        if macs == count * number:
            return f"{number:,} ({_product(factors)})" if len(factors) > 1 else f"{number:,}"
    if isinstance(macs, int) and isinstance(count, int) and macs % count == 0:
        return f"{macs // count:,}"
    return None


def _activations(tensor: TensorType) -> str:
    width = 8 if tensor.element == INT64 else 4
    count = _figure(tensor.elements)
    made = f"{_product(tensor.shape)} = {count}" if len(tensor.shape) > 1 else count
    return f"{made}, in {_figure(tensor.elements * width)} bytes"


# ---- the receptive field -----------------------------------------------------------------------


def _growth(layer: Layer, fields: Mapping[int, ReceptiveField]) -> tuple[str, ...]:
    """How the receptive field comes from that of the input, one line for axes that are alike."""
    after = fields.get(id(layer.outputs[0]))
    seen = seen_inputs(layer)
    before = fields.get(id(seen[0])) if len(seen) == 1 else None
    step = layer.operation.reach(layer.site)
    if after is None:
        return ()
    match step:
        case Everywhere():
            return ("all of the input",)
        case Pointwise() if before is not None:
            return (f"{_words(after)}, as before",)
        case Reach() if isinstance(before, Field) and isinstance(after, Field):
            return _grown(before, after, step)
        case _:
            return (_words(after),)


def _grown(before: Field, after: Field, step: Reach) -> tuple[str, ...]:
    axes = zip(before.axes, after.axes, step.window, step.stride, step.before, strict=True)
    return lines_by_axis(len(before.axes), (_axis_growth(*axis) for axis in axes))


def _axis_growth(old: Axis, new: Axis, window: int, stride: int, padding: Size) -> str:
    size = f"{_number(old.size)} + ({window} - 1) x {_number(old.stride)} = {_number(new.size)}"
    step = f"stride {_number(old.stride)} x {stride} = {_number(new.stride)}"
    sign, cells = ("+", -padding) if isinstance(padding, int) and padding < 0 else ("-", padding)
    return f"{size}; {step}; offset {_number(old.start)} {sign} {cells} x {_number(old.stride)} = {_number(new.start)}"


def _words(field: ReceptiveField) -> str:
    if not isinstance(field, Field):
        return "all of the input" if field == GLOBAL else "none"
    alike = {(axis.size, axis.stride, axis.start) for axis in field.axes}
    texts = [f"{_number(size)}, stride {_number(step)}, offset {_number(start)}" for size, step, start in alike]
    if len(texts) == 1:
        return texts[0]
    return "; ".join(
        f"{axis_name(len(field.axes), place)}: {_number(axis.size)}, stride {_number(axis.stride)}, "
        f"offset {_number(axis.start)}"
        for place, axis in enumerate(field.axes)
    )


# ---- words -------------------------------------------------------------------------------------


def _product(sizes: Sequence[Size]) -> str:
    return " x ".join(f"{size:,}" if isinstance(size, int) else term_words(size) for size in sizes)


def _figure(number: Size) -> str:
    return f"{number:,}"


def _number(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else f"{float(value):g}"
