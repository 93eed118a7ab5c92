"""A step of a draft to the expression that stands for it in `forward`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from netdsl.targets.pytorch.naming import member, parameter
from netdsl.targets.pytorch.recipe_text import arguments_text
from netdsl.targets.pytorch.recipes import Make, Path
from netdsl.targets.pytorch.steps import PAD, Applies, Calls, Draft, Formula, Learned, Reference, Repeats, Step
from netdsl.targets.pytorch.units import FUNCTIONS

_ACTIVATIONS = frozenset("F.leaky_relu F.elu F.celu F.gelu F.softplus F.softmax F.log_softmax".split())
_SLICE = re.compile(r"(-?self\.\w+):(-?self\.\w+)")
_WHOLE_LIST = re.compile(r"\[\*(\w+)\]")
_HEAVY = frozenset(("in_channels", "in_features"))


@dataclass(frozen=True, eq=False, slots=True)
class Texts:
    """What the constructor has decided.

    Attributes:
        slot: what is written into a slot.
        shapes: the shapes of values that are the same in all uses of the class.
        turned: the attributes that stand for functions whose arguments differ between uses, by the functions' keys.
        constants: the attributes that hold numbers of formulas, by the numbers' slots.
        rows: the submodule of turn `i` and the number of turns, by the attribute that stands for them.
        is_list: whether `self` is a list of its submodules.
    """

    slot: Callable[[Path], str]
    shapes: Mapping[int, str | None]
    turned: Mapping[str, str]
    constants: Mapping[Path, str]
    rows: Mapping[str, tuple[str, str]]
    is_list: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Expressions:
    """Writes the steps of one draft; `modules` are the names of the shared bodies that `forward` is given."""

    draft: Draft
    modules: Mapping[str, str]
    texts: Texts

    def is_light(self, step: Step) -> bool:
        """Whether a step is a call of nothing but its tensor, and no layer that a reader would look for."""
        match step.action:
            case Calls(target=target, modules=modules):
                made = self.draft.attributes.get(target.path[0]) if target.root is None else None
                light = isinstance(made, Make) and not _HEAVY.intersection(made.arguments)
                return light and not modules and len(target.path) == 1
            case Applies() as action:
                bare = self.of(step, ["x"]).endswith("(x)") and action.function not in FUNCTIONS.values()
                return bare or (action.function in _ACTIVATIONS and action.key not in self.texts.turned)
            case Formula(template=template):
                return step.gate is None and template.endswith("({0})") and template.count("{") == 1
            case Learned() | Repeats():
                return False

    def of(self, step: Step, given: list[str]) -> str:
        """The expression of a step.

        Args:
            step: any but a loop, which is a statement.
            given: what its inputs are called.
        """
        action = step.action
        match action:
            case Calls(target=target, modules=modules):
                return f"{self._reference(target)}({', '.join([*given, *map(self._reference, modules)])})"
            case Applies(key=key) if key in self.texts.turned:
                return f"{member('self', self.texts.turned[key])}({', '.join(given)})"
            case Applies():
                return self._application(action, given)
            case Formula():
                text = self._formula(action, given)
                return f"{text} if self.{step.gate.attribute} else {given[step.gate.operand]}" if step.gate else text
            case Learned(target=target, axes=axes):
                sizes = ", ".join([f"{given[0]}.shape[0]", *["-1"] * axes])
                return f"{self._learned(target)}.expand({sizes})"
            case Repeats(key=key):
                raise ValueError(f"the loop over {key} is no expression")

    def _formula(self, action: Formula, given: list[str]) -> str:
        if action.list_operand is not None:
            given = [f"*{name}" if place == action.list_operand else name for place, name in enumerate(given)]
        text = _WHOLE_LIST.sub(r"\1", action.template.format(*given, all=", ".join(given)))
        for place in range(len(action.numbers)):
            text = text.replace(f"<{place}>", self._number((action.key, str(place))))
        return _SLICE.sub(r"\1 : \2", text)

    def _number(self, path: Path) -> str:
        """What stands in `forward` for a number: itself, or the attribute that holds it."""
        constant = self.texts.constants.get(path)
        return f"self.{constant}" if constant is not None else self.texts.slot(path)

    def _application(self, action: Applies, given: list[str]) -> str:
        if action.make.callee in FUNCTIONS:
            return FUNCTIONS[action.make.callee].format(x=given[0])
        if action.function == PAD:
            value = self._number((action.key, "value")) if "value" in action.make.arguments else None
            padding = self._number((action.key, "padding"))
            return f"F.pad({given[0]}, {padding}{f', value={value}' if value else ''})"
        arguments = arguments_text(action.make, self.texts.slot, (action.key,))
        return f"{action.function}({', '.join([*given, *arguments])})"

    def _reference(self, reference: Reference) -> str:
        owner = "self" if reference.root is None else self.modules[reference.root]
        path = reference.path
        if self.texts.is_list and reference.root is None:
            owner, path = f"self[{path[0]}]", path[1:]
        for name in path:
            owner = member(owner, name)
        return owner

    def _learned(self, reference: Reference) -> str:
        *path, name = reference.path
        return parameter(self._reference(Reference(reference.root, tuple(path))), name)
