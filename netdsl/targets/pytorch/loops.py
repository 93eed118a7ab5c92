"""Submodules `layer1`, `layer2`, … that take what the one before left, to a loop, where `nn.Sequential` is not enough.

They give further results, which one merge takes, or are given further tensors, the same each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from netdsl.targets.pytorch.naming import numbered, unique
from netdsl.targets.pytorch.recipes import Chain
from netdsl.targets.pytorch.runs import chain
from netdsl.targets.pytorch.steps import Calls, Draft, Formula, Hint, Repeats, Step, canonical
from netdsl.targets.pytorch.variants import Shape

FEWEST = 3
"""Fewer are written out."""


@dataclass(frozen=True, slots=True)
class _Row:
    """Steps from `start` on, as many as there are names; `merge` is the step that takes what they give besides."""

    start: int
    names: tuple[str, ...]
    merge: int | None


def looped(shape: Shape) -> Shape:
    """The shape with its rows as loops."""
    if shape.draft.unit is None or shape.chain is not None:
        return shape
    if _is_list(shape):
        shape = replace(shape, members=chain([(None, recipe) for recipe in shape.attributes.values()]))
    for row in reversed(list(_rows(shape))):
        shape = _with_loop(shape, row)
    return shape


def _is_list(shape: Shape) -> bool:
    """Whether the submodules are numbered from 0 on, and no function may become one more."""
    names = [str(number) for number in range(len(shape.attributes))]
    plain = all(isinstance(step.action, (Calls, Formula)) for step in shape.draft.steps)
    return bool(names) and plain and list(shape.attributes) == names


def _rows(shape: Shape) -> Iterator[_Row]:
    place = 0
    while place < len(shape.draft.steps):
        names = _names(shape, place)
        merge = _merge(shape.draft, place, len(names)) if len(names) >= FEWEST else None
        step = shape.draft.steps[place]
        if len(names) >= FEWEST and (len(step.outputs) == 1 < len(step.inputs) or merge is not None):
            yield _Row(place, tuple(names), merge)
            place += len(names)
        else:
            place += 1


def _names(shape: Shape, start: int) -> list[str]:
    """The names of the submodules that are called in a row from a step on."""
    steps = shape.draft.steps
    names: list[str] = []
    for place in range(start, len(steps)):
        name = _called(steps[place])
        if name is None or numbered(name)[1] is None:
            break
        if names and not _follows(shape.draft, steps[place - 1], steps[place], names[-1], name):
            break
        names.append(name)
    if len(names) < FEWEST:
        return []
    runs = chain([(name, shape.attributes[name]) for name in names]).runs
    return names[: runs[0].count]


def _called(step: Step) -> str | None:
    """The submodule of its own that a step calls with nothing but tensors."""
    action = step.action
    if not isinstance(action, Calls) or action.target.root is not None or action.modules or step.gate is not None:
        return None
    return action.target.path[0] if len(action.target.path) == 1 and len(step.outputs) <= 2 else None


def _follows(draft: Draft, before: Step, step: Step, name: str, other: str) -> bool:
    """Whether a step does to what the one before left what that one did."""
    stem, number = numbered(name)
    assert number is not None, "names in a row have numbers"
    if other != f"{stem}{number + 1}" or len(step.outputs) != len(before.outputs):
        return False
    if not step.inputs or step.inputs[0] != before.outputs[0] or step.inputs[1:] != before.inputs[1:]:
        return False
    return len(_readers(draft, step.inputs[0])) == 1 and step.training_only == before.training_only


def _readers(draft: Draft, value: int) -> list[int]:
    """The steps that read a value, and the end, if it is a result."""
    found = [place for place, step in enumerate(draft.steps) for given in step.inputs if given == value]
    ends = (*draft.outputs, *draft.training_outputs)
    return [*found, *(len(draft.steps) for given in ends if given == value)]


def _merge(draft: Draft, start: int, count: int) -> int | None:
    """The step that takes the second results of a row, all of them in their order."""
    values = [step.outputs[1] for step in draft.steps[start : start + count] if len(step.outputs) == 2]
    readers = {tuple(_readers(draft, value)) for value in values}
    if len(values) < count or len(readers) != 1 or len(*readers) != 1:
        return None
    ((place,),) = readers
    if place == len(draft.steps):
        return None
    step = draft.steps[place]
    first = step.inputs.index(values[0])
    takes_all = isinstance(step.action, Formula) and "{all}" in step.action.template
    return place if takes_all and list(step.inputs[first : first + count]) == values else None


def _with_loop(shape: Shape, row: _Row) -> Shape:
    """The shape with a row as one step."""
    steps = list(shape.draft.steps)
    end = row.start + len(row.names)
    first, last = steps[row.start], steps[end - 1]
    outputs: tuple[int, ...] = (last.outputs[0],)
    word, hints = None, dict(shape.draft.hints)
    if row.merge is not None:
        gathered = first.outputs[1]
        merge, word = _merge_of_list(steps[row.merge], gathered, len(row.names))
        steps[row.merge] = merge
        outputs = (*outputs, gathered)
        hints[gathered] = Hint(name=f"{word}s")
    key = unique(numbered(row.names[0])[0] or "layer", set(shape.attributes))
    repeats = Repeats(key, word, _span(shape, row))
    steps[row.start : end] = [Step(outputs, first.inputs, repeats, None, first.training_only)]
    if shape.members is not None:
        return replace(shape, draft=canonical(replace(shape.draft, steps=steps, hints=hints)))
    attributes = {
        key if name == row.names[0] else name: _members(shape, row) if name == row.names[0] else recipe
        for name, recipe in shape.attributes.items()
        if name not in row.names[1:]
    }
    draft = canonical(replace(shape.draft, steps=steps, hints=hints))
    return replace(shape, draft=draft, attributes=attributes, rows=shape.rows | {key})


def _span(shape: Shape, row: _Row) -> tuple[int, int] | None:
    """Which members of a list a row is; None for all, and for submodules that are no list."""
    if shape.members is None or len(row.names) == len(shape.attributes):
        return None
    return int(row.names[0]), int(row.names[-1]) + 1


def _merge_of_list(merge: Step, gathered: int, count: int) -> tuple[Step, str]:
    """The merge, with a list instead of so many operands; and what a member of the list is called."""
    assert isinstance(merge.action, Formula), "a merge is a formula"
    place = merge.inputs.index(gathered)
    inputs = (*merge.inputs[: place + 1], *merge.inputs[place + count :])
    action = replace(merge.action, list_operand=place)
    return replace(merge, inputs=inputs, action=action), action.collection or "part"


def _members(shape: Shape, row: _Row) -> Chain:
    """The submodules of a row as one run."""
    return chain([(name, shape.attributes[name]) for name in row.names])
