"""The steps of a draft to the lines of `forward`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from netdsl.targets.pytorch.layout import INDENT, header, statement
from netdsl.targets.pytorch.naming import member, parameter
from netdsl.targets.pytorch.recipe_text import arguments_text
from netdsl.targets.pytorch.recipes import Make, Path
from netdsl.targets.pytorch.steps import Applies, Calls, Draft, Formula, Learned, Reference, Step
from netdsl.targets.pytorch.units import FUNCTIONS
from netdsl.targets.pytorch.variables import variable_names

DEEPEST_CALL = 3
"""How many calls that take nothing but a tensor may stand in each other: `F.relu(self.bn1(self.conv1(x)))`."""
_SLICE = re.compile(r"(-?self\.\w+):(-?self\.\w+)")
_HEAVY = frozenset(("in_channels", "in_features"))


@dataclass(eq=False, slots=True)
class _Line:
    """One statement: what it makes, from what, and whether another call may take its place."""

    targets: tuple[int, ...]
    text: str
    taken: int | None
    depth: int
    shape: str | None
    training_only: bool


@dataclass(frozen=True, eq=False, slots=True)
class Texts:
    """What the constructor has decided.

    Attributes:
        slot: what is written into a slot.
        shapes: the shapes of values that are the same in all uses of the class.
        turned: the attributes that stand for functions whose arguments differ between uses, by the functions' keys.
        constants: the attributes that hold numbers of formulas, by the numbers' slots.
    """

    slot: Callable[[Path], str]
    shapes: Mapping[int, str | None]
    turned: Mapping[str, str]
    constants: Mapping[Path, str]


def forward(draft: Draft, texts: Texts) -> list[str]:
    """The lines of `forward`."""
    modules = _module_names(draft)
    names = variable_names(draft, set(modules.values()))
    parameters = [f"{names[value]}: Tensor" for value in draft.inputs]
    parameters += [f"{name}: nn.Module" for name in modules.values()]
    body = _Writer(draft, names, modules, texts).body()
    return [*header("forward", ["self", *parameters], _result_type(draft)), *body]


def _module_names(draft: Draft) -> dict[str, str]:
    return {name: name if name.isidentifier() and not name.startswith("__") else f"v{name}" for name in draft.modules}


def _result_type(draft: Draft) -> str:
    def words(count: int) -> str:
        return "Tensor" if count == 1 else f"tuple[{', '.join(['Tensor'] * count)}]"

    inference = words(len(draft.outputs))
    if not draft.training_outputs:
        return inference
    return f"{inference} | {words(len(draft.outputs) + len(draft.training_outputs))}"


class _Writer:
    def __init__(
        self,
        draft: Draft,
        names: Mapping[int, str],
        modules: Mapping[str, str],
        texts: Texts,
    ) -> None:
        self.draft = draft
        self.names = names
        self.modules = modules
        self.texts = texts
        self.readers = Counter(value for step in draft.steps for value in step.inputs)
        self.readers.update((*draft.outputs, *draft.training_outputs))

    def body(self) -> list[str]:
        """The statements, the training's own at the end."""
        lines = self._joined()
        always = [line for line in lines if not line.training_only]
        training = [line for line in lines if line.training_only]
        if not self.draft.training_outputs:
            return self._written(always + training, self.draft.outputs, 2)
        ends = (*self.draft.outputs, *self.draft.training_outputs)
        return [
            *(text for line in always for text in self._statement(line, 2)),
            f"{INDENT * 2}if self.training:",
            *self._written(training, ends, 3),
            f"{INDENT * 2}return {self._tuple(self.draft.outputs)}",
        ]

    def _written(self, lines: list[_Line], results: tuple[int, ...], level: int) -> list[str]:
        """Statements and a `return`, which takes the place of the last assignment where it can."""
        last = lines[-1] if lines else None
        if last is not None and last.targets == results and len(results) == 1 and self.readers[results[0]] == 1:
            written = [text for line in lines[:-1] for text in self._statement(line, level)]
            return [*written, *statement(f"return {last.text}", level, last.shape)]
        written = [text for line in lines for text in self._statement(line, level)]
        return [*written, *statement(f"return {self._tuple(results)}", level)]

    def _statement(self, line: _Line, level: int) -> list[str]:
        return statement(f"{self._tuple(line.targets)} = {line.text}", level, line.shape)

    def _tuple(self, values: tuple[int, ...]) -> str:
        return ", ".join(self.names[value] for value in values)

    # ---- lines -------------------------------------------------------------------------------

    def _joined(self) -> list[_Line]:
        """One line for each step, but calls of nothing but a tensor join the line before."""
        lines: list[_Line] = []
        current = {value: self.texts.shapes.get(value) for value in self.draft.inputs}
        for step in self.draft.steps:
            line = self._line(step, current)
            before = lines[-1] if lines else None
            if before is not None and self._may_join(before, line):
                lines[-1] = self._join(before, line)
            else:
                lines.append(line)
        return lines

    def _line(self, step: Step, current: dict[int, str | None]) -> _Line:
        bare = len(step.inputs) == 1 and self._is_light(step)
        value = step.outputs[0] if len(step.outputs) == 1 else None
        shape = self.texts.shapes.get(value) if value is not None else None
        changed = shape if shape != current.get(step.inputs[0] if step.inputs else -1) else None
        if value is not None:
            current[value] = shape if shape is not None else None
        taken = step.inputs[0] if bare else None
        text = self._expression(step, [self.names[given] for given in step.inputs])
        return _Line(step.outputs, text, taken, 1, changed, step.training_only)

    def _may_join(self, before: _Line, line: _Line) -> bool:
        if line.taken is None or before.targets != (line.taken,) or before.training_only != line.training_only:
            return False
        named = self.draft.hints.get(line.taken)
        kept = named is not None and named.name is not None
        return not kept and line.shape is None and self.readers[line.taken] == 1 and before.depth < DEEPEST_CALL

    def _join(self, before: _Line, line: _Line) -> _Line:
        assert line.taken is not None, "only calls of one tensor join"
        head = line.text[: -len(self.names[line.taken]) - 1]
        return _Line(line.targets, f"{head}{before.text})", None, before.depth + 1, before.shape, line.training_only)

    # ---- expressions -------------------------------------------------------------------------

    def _is_light(self, step: Step) -> bool:
        """Whether a step is a call of nothing but its tensor, and no layer that a reader would look for."""
        match step.action:
            case Calls(target=target, modules=modules):
                made = self.draft.attributes.get(target.path[0]) if target.root is None else None
                light = isinstance(made, Make) and not _HEAVY.intersection(made.arguments)
                return light and not modules and len(target.path) == 1
            case Applies() as action:
                return self._expression(step, ["x"]).endswith("(x)") and action.function not in FUNCTIONS.values()
            case Formula(template=template):
                return step.gate is None and template.endswith("({0})") and template.count("{") == 1
            case Learned():
                return False

    def _expression(self, step: Step, given: list[str]) -> str:
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

    def _formula(self, action: Formula, given: list[str]) -> str:
        text = action.template.format(*given, all=", ".join(given))
        for place in range(len(action.numbers)):
            path = (action.key, str(place))
            constant = self.texts.constants.get(path)
            number = f"self.{constant}" if constant is not None else self.texts.slot(path)
            text = text.replace(f"<{place}>", number)
        return _SLICE.sub(r"\1 : \2", text)

    def _application(self, action: Applies, given: list[str]) -> str:
        if action.make.callee in FUNCTIONS:
            return FUNCTIONS[action.make.callee].format(x=given[0])
        if action.function == "F.pad":
            value = self.texts.slot((action.key, "value")) if "value" in action.make.arguments else None
            padding = self.texts.slot((action.key, "padding"))
            return f"F.pad({given[0]}, {padding}{f', value={value}' if value else ''})"
        arguments = arguments_text(action.make, self.texts.slot, (action.key,))
        return f"{action.function}({', '.join([*given, *arguments])})"

    def _reference(self, reference: Reference) -> str:
        owner = "self" if reference.root is None else self.modules[reference.root]
        for name in reference.path:
            owner = member(owner, name)
        return owner

    def _learned(self, reference: Reference) -> str:
        *path, name = reference.path
        return parameter(self._reference(Reference(reference.root, tuple(path))), name)
