"""What flows in and out of every unit, found from the layers inside."""

from __future__ import annotations

from collections import Counter

from netdsl.graph.model import Tensor
from netdsl.targets.pytorch.units import Unit


def connect(unit: Unit, uses: Counter[int]) -> tuple[dict[int, Tensor], Counter[int]]:
    """Find what flows in and out of a unit and those in it; the result is what is made and what is used inside."""
    made: dict[int, Tensor] = {}
    used: Counter[int] = Counter()
    order: dict[int, Tensor] = {}
    shared: dict[str, None] = {}
    for item in unit.items:
        if isinstance(item, Unit):
            inner_made, inner_used = connect(item, uses)
            made.update(inner_made)
            used.update(inner_used)
            order.update((id(tensor), tensor) for tensor in item.inputs)
            outside = (*item.shared, item.path) if item.module.kind == "share" else item.shared
            shared.update((path, None) for path in outside if not path.startswith(unit.path))
            continue
        made.update((id(tensor), tensor) for tensor in item.outputs)
        used.update(map(id, item.reads))
        order.update((id(tensor), tensor) for tensor in item.reads)
    unit.inputs = _in_order(unit, {key: tensor for key, tensor in order.items() if key not in made})
    unit.outputs = _results(unit, {key: tensor for key, tensor in made.items() if uses[key] > used[key]})
    unit.shared = tuple(shared)
    return made, used


def _in_order(unit: Unit, inputs: dict[int, Tensor]) -> tuple[Tensor, ...]:
    """The tensor that flows in, then those that are given as arguments, then those that the text reads."""
    arguments = [value for value in unit.module.arguments.values() if isinstance(value, Tensor)]
    known = [tensor for tensor in (*unit.module.inputs, *arguments) if id(tensor) in inputs]
    return tuple({id(tensor): tensor for tensor in (*known, *inputs.values())}.values())


def _results(unit: Unit, outputs: dict[int, Tensor]) -> tuple[Tensor, ...]:
    known = [tensor for tensor in unit.module.outputs if id(tensor) in outputs]
    return tuple({id(tensor): tensor for tensor in (*known, *outputs.values())}.values())
