"""From a tensor back to the layers that made it: why it has its shape, and which of them would make another one."""

from __future__ import annotations

from dataclasses import replace

from netdsl.diagnostics import shapes
from netdsl.diagnostics.core import Fact
from netdsl.graph.model import Layer, Tensor
from netdsl.types.sizes import Size
from netdsl.types.tensors import TensorType

_POOLS = ("maxpool", "avgpool")
_LONGEST_WALK = 200
_LONGEST_CALL = 48


def maker(tensor: Tensor) -> Tensor:
    """The tensor before the layers that have left its shape as it was: what a layer with arithmetic made."""
    for _ in range(_LONGEST_WALK):
        layer = tensor.layer
        if layer is None or not layer.well_typed or layer.operation.arithmetic(layer.site) or len(layer.inputs) != 1:
            return tensor
        if layer.inputs[0].layer is None or layer.inputs[0].type != tensor.type:
            return tensor
        tensor = layer.inputs[0]
    return tensor


def wrong_shape(made: Tensor, wanted: TensorType) -> Fact:
    """The fact for a tensor that is asserted to be another one.

    Args:
        made: the asserted tensor, as `maker` finds it.
        wanted: what it is asserted to be.
    """
    assert made.type is not None, "what is ill-typed has been reported"
    actual, layer = made.type, made.layer
    mend = _of_notation(actual, wanted)
    arithmetic: tuple[str, ...] = ()
    if layer is not None and mend is None:
        # Windows have arithmetic for the spatial sizes alone.
        same_places = actual.rank > 0 and actual.spatial == wanted.spatial and len(layer.inputs) == 1
        arithmetic = () if same_places else layer.operation.arithmetic(layer.site)
        mend = layer.operation.mend(layer.site, wanted)
    return shapes.ShapeAssertionFails(str(wanted), str(actual), arithmetic, mend)


def mended(fact: Fact, inputs: tuple[Tensor, ...]) -> Fact:
    """The fact of a merge with the advice that the layers before it give, if they give any."""
    if not isinstance(fact, shapes.MergeMismatch):
        return fact
    advice = _same_size(inputs)
    if advice is None:
        return fact
    crop = f"; or {fact.mend}" if fact.mend and fact.mend.startswith("`crop") else ""
    return replace(fact, mend=f"{advice}{crop}")


def at_fault(fact: Fact, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The tensors of a merge that a fact speaks of."""
    if not isinstance(fact, shapes.MergeMismatch):
        return inputs
    first = [tensor for tensor in inputs if str(tensor.type) == fact.first][:1]
    other = [tensor for tensor in inputs if str(tensor.type) == fact.other][:1]
    return (*first, *other) if first and other else inputs


def _of_notation(actual: TensorType, wanted: TensorType) -> str | None:
    """What is wrong with how the wanted shape is written, if it is the actual one otherwise."""
    if wanted.shape[1:] == actual.shape:
        return f"shapes have no batch: `{actual}`"
    if wanted.rank == actual.rank > 0 and (wanted.shape[-1], *wanted.shape[:-1]) == actual.shape:
        return f"shapes are channels first: `{actual}`"
    return None


# ---- merges ------------------------------------------------------------------------------------


def _same_size(inputs: tuple[Tensor, ...]) -> str | None:
    """The layers that make one of the tensors smaller than another, with what would keep its size."""
    tensors = [tensor for tensor in inputs if tensor.type is not None and tensor.type.rank and not tensor.type.is_open]
    for one in tensors:
        for other in tensors:
            if one.type and other.type and _is_smaller(one.type, other.type):
                return _upconv_advice(one, other.type) or _window_advice(one, other.type)
    return None


def _is_smaller(one: TensorType, other: TensorType) -> bool:
    pairs = list(zip(one.spatial, other.spatial, strict=False))
    return one.rank == other.rank and one.spatial != other.spatial and all(_int(a) <= _int(b) for a, b in pairs)


def _upconv_advice(small: Tensor, large: TensorType) -> str | None:
    layer = maker(small).layer
    if layer is None or layer.operation.word != "upconv" or small.type is None:
        return None
    settings = layer.operation.settings()
    lacking = {_int(b) - _int(a) for a, b in zip(small.type.spatial, large.spatial, strict=True)}
    stride, before = min(settings["stride"]), set(settings["output_pad"])
    if len(lacking) > 1 or len(before) > 1 or max(lacking) + max(before) >= stride:
        return None
    return f"`output_pad={max(lacking) + max(before)}` in {_call(layer)} makes it {_places(large)}"


def _window_advice(small: Tensor, large: TensorType) -> str | None:
    """`pad=1` in the windows behind the last place that had the larger size; None where another layer changed it."""
    changes: dict[str, None] = {}
    tensor = small
    for _ in range(_LONGEST_WALK):
        if tensor.type is None or tensor.type.spatial == large.spatial:
            break
        layer = tensor.layer
        if layer is None or len(layer.inputs) != 1 or layer.inputs[0].type is None:
            return None
        if layer.inputs[0].type.spatial != tensor.type.spatial:
            keeping = _keeping(layer)
            if keeping is None:
                return None
            changes[f"{keeping} in {_call(layer)}"] = None
        tensor = layer.inputs[0]
    else:
        return None
    if not changes or tensor.type is None:
        return None
    return f"{' and '.join(reversed(changes))} {'keep' if len(changes) > 1 else 'keeps'} {_places(large)}"


def _keeping(layer: Layer) -> str | None:
    """The parameters that make a window leave the size as it is: its stride is 1, or a pool's default."""
    settings = layer.operation.settings()
    kernel, stride = settings.get("kernel"), settings.get("stride")
    if kernel is None or layer.operation.word not in ("conv", *_POOLS) or len(set(kernel)) > 1 or kernel[0] % 2 == 0:
        return None
    dilation = settings.get("dilation", (1,))[0]
    pad = (kernel[0] - 1) * dilation // 2
    if layer.operation.word in _POOLS and stride in (None, kernel) and kernel[0] > 1:
        return f"`/1` and `pad={pad}`" if 2 * pad <= kernel[0] else None
    return f"`pad={pad}`" if set(stride or kernel) == {1} else None


def _call(layer: Layer) -> str:
    text = layer.span.text
    return f"`{text}`" if len(text) <= _LONGEST_CALL and "\n" not in text else f"`{layer.name}`"


def _places(tensor: TensorType) -> str:
    return "x".join(map(str, tensor.spatial))


def _int(size: Size) -> int:
    assert isinstance(size, int), "open sizes are told apart before"
    return size
