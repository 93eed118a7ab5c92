"""The drafts of one block's uses to families: uses whose classes differ in literals alone, or in a part left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from netdsl.targets.pytorch.naming import unique
from netdsl.targets.pytorch.recipes import Chain, Make, Path, Recipe, Slot, callees, skeleton, slots, widened
from netdsl.targets.pytorch.steps import Action, Applies, Calls, Draft, Formula, Gate, Step, canonical

MEMBERS = "*"


@dataclass(eq=False, slots=True)
class Shape:
    """A draft whose nested classes have their names: recipes instead of what is still to be decided.

    Attributes:
        rows: the attributes that stand for several, `layer1`, `layer2` and so on, which a loop makes and calls.
        members: all submodules, where they are numbered from 0 on, so that the class is an `nn.ModuleList`.
    """

    path: str
    draft: Draft
    attributes: dict[str, Recipe]
    chain: Chain | None = None
    rows: frozenset[str] = frozenset()
    members: Chain | None = None

    def form(self) -> object:
        """What shapes of one class have in common."""
        draft = self.draft
        if self.chain is not None:
            return skeleton(self.chain)
        attributes = tuple((name, skeleton(recipe)) for name, recipe in self.recipes.items())
        steps = tuple((step.outputs, step.inputs, step.action.form(), step.training_only) for step in draft.steps)
        ends = (draft.inputs, draft.modules, draft.outputs, draft.training_outputs)
        return (attributes, steps, ends, draft.unit is None)

    @property
    def recipes(self) -> Mapping[str, Recipe]:
        """What the constructor writes, by what its slots' paths begin with."""
        return self.attributes if self.members is None else {MEMBERS: self.members}

    def parts(self) -> list[str]:
        """What the class is made of: the classes of its submodules and the functions that it applies."""
        made = [self.chain] if self.chain is not None else list(self.recipes.values())
        words = [callee for recipe in made for callee in callees(recipe)]
        words += [step.action.function for step in self.draft.steps if isinstance(step.action, Applies)]
        return [word.rpartition(".")[2] for word in words]

    def slots(self) -> dict[Path, Slot]:
        """All literals: of the attributes, and of the functions that `forward` applies."""
        found: dict[Path, Slot] = {}
        if self.chain is not None:
            return dict(slots(self.chain))
        for name, recipe in self.recipes.items():
            found.update(slots(recipe, (name,)))
        for step in self.draft.steps:
            if isinstance(step.action, Applies):
                found.update(slots(step.action.make, (step.action.key,)))
            elif isinstance(step.action, Formula):
                for place, number in enumerate(step.action.numbers):
                    found[step.action.key, str(place)] = Slot(number, step.action.word)
        return found

    def widened(self, names: Mapping[Path, list[str]]) -> Shape:
        """The shape with all arguments that any use writes."""
        attributes = {name: widened(recipe, names, (name,)) for name, recipe in self.attributes.items()}
        chain = widened(self.chain, names) if self.chain is not None else None
        members = widened(self.members, names, (MEMBERS,)) if self.members is not None else None
        assert not isinstance(chain, Make), "a chain stays a chain"
        assert not isinstance(members, Make), "a chain stays a chain"
        steps = [replace(step, action=_widened_action(step.action, names)) for step in self.draft.steps]
        draft = replace(self.draft, steps=steps)
        return Shape(self.path, draft, attributes, chain, self.rows, members)


def _widened_action(action: Action, names: Mapping[Path, list[str]]) -> Action:
    if not isinstance(action, Applies):
        return action
    make = widened(action.make, names, (action.key,))
    assert isinstance(make, Make), "a call stays a call"
    return replace(action, make=make)


@dataclass(eq=False, slots=True)
class Family:
    """The uses that one class serves.

    Attributes:
        optional: the attributes that not all of them have.
        gates: the merges that not all of them have, each with the paths of those that lack it.
    """

    shape: Shape
    uses: list[Shape]
    optional: list[str] = field(default_factory=list)
    gates: dict[Gate, set[str]] = field(default_factory=dict)

    def has(self, use: Shape, attribute: str) -> bool:
        """Whether a use has an attribute."""
        return attribute not in self.optional or attribute in use.attributes

    def literals(self) -> tuple[dict[Path, Slot], list[dict[Path, Any]]]:
        """The slots, and their values in every use; a slot of a part that a use leaves out has none there."""
        tables = [use.slots() for use in self.uses]
        known: dict[Path, Slot] = {}
        for table in (self.shape.slots(), *tables):
            for path, slot in table.items():
                known.setdefault(path, slot)
        values = []
        for use, table in zip(self.uses, tables, strict=True):
            present = {path: slot.value for path, slot in table.items()}
            for path, slot in known.items():
                if path not in present and slot.make is not None and self.has(use, path[0]):
                    present[path] = _default(path, slot, table)
            values.append(present)
        return known, values


def _default(path: Path, slot: Slot, table: Mapping[Path, Slot]) -> Any:
    """The value of an argument that a use does not write."""
    assert slot.make is not None, "only arguments can be left out"
    siblings = {other[-1]: found.value for other, found in table.items() if other[:-1] == path[:-1]}
    return replace(slot.make, arguments=siblings).default(slot.argument)


def families(shapes: list[Shape]) -> list[Family]:
    """Gather the uses of a block into as few classes as read well, the fullest first."""
    by_form: dict[object, Family] = {}
    for shape in shapes:
        by_form.setdefault(shape.form(), Family(shape, [])).uses.append(shape)
    found: list[Family] = []
    for family in sorted(by_form.values(), key=_fullness, reverse=True):
        if not any(_join(fuller, family) for fuller in found):
            found.append(family)
    return found


def _fullness(family: Family) -> tuple[int, int]:
    return len(family.shape.attributes), len(family.shape.draft.steps)


def _join(fuller: Family, family: Family) -> bool:
    """Let a family's uses join a fuller one, if they lack submodules or a merge and are alike otherwise."""
    full, lean = fuller.shape, family.shape
    if full.chain or lean.chain or full.members or lean.members or not lean.attributes.keys() <= full.attributes.keys():
        return False
    missing = [name for name in full.attributes if name not in lean.attributes]
    if not missing:
        return _join_by_gate(fuller, family)
    without = _without(full, missing)
    if without is None or without.form() != lean.form():
        return False
    fuller.optional.extend(name for name in missing if name not in fuller.optional)
    fuller.uses.extend(family.uses)
    return True


def _join_by_gate(fuller: Family, family: Family) -> bool:
    """Make a merge of two tensors optional, if a family lacks just that."""
    shape = fuller.shape
    if len(shape.draft.steps) <= len(family.shape.draft.steps):
        return False
    for place, step in enumerate(shape.draft.steps):
        if not isinstance(step.action, Formula) or len(step.inputs) != 2 or step.gate is not None:
            continue
        for operand, value in enumerate(step.inputs):
            steps = [*shape.draft.steps[:place], *shape.draft.steps[place + 1 :]]
            if _reduced(shape, steps, {step.outputs[0]: value}, shape.attributes).form() != family.shape.form():
                continue
            gate = Gate(_gate_name(shape, step.action.word), operand)
            shape.draft.steps[place] = replace(step, gate=gate)
            fuller.gates[gate] = {use.path for use in family.uses}
            fuller.uses.extend(family.uses)
            return True
    return False


def _gate_name(shape: Shape, word: str) -> str:
    name = "residual" if word == "add" else f"with_{word}"
    taken = {*shape.attributes, *(step.gate.attribute for step in shape.draft.steps if step.gate)}
    return unique(name, taken)


def _without(shape: Shape, names: list[str]) -> Shape | None:
    """The shape with submodules left out, each of which takes one tensor and gives one that may replace it."""
    stands_for: dict[int, int] = {}
    steps: list[Step] = []
    for step in shape.draft.steps:
        action = step.action
        if isinstance(action, Calls) and action.target.root is None and action.target.path[0] in names:
            if len(step.inputs) != 1 or len(step.outputs) != 1 or action.modules:
                return None
            stands_for[step.outputs[0]] = stands_for.get(step.inputs[0], step.inputs[0])
        else:
            steps.append(step)
    attributes = {name: recipe for name, recipe in shape.attributes.items() if name not in names}
    return _reduced(shape, steps, stands_for, attributes)


def _reduced(shape: Shape, steps: list[Step], stands_for: dict[int, int], attributes: dict[str, Recipe]) -> Shape:
    """A shape with fewer steps, some values replaced by others."""

    def values(given: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(stands_for.get(value, value) for value in given)

    draft = replace(
        shape.draft,
        steps=[replace(step, inputs=values(step.inputs)) for step in steps],
        outputs=values(shape.draft.outputs),
        training_outputs=values(shape.draft.training_outputs),
        hints=dict(shape.draft.hints),
    )
    return Shape(shape.path, canonical(draft), attributes, rows=shape.rows)
