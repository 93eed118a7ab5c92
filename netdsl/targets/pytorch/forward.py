"""The steps of a draft to the lines of `forward`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from netdsl.targets.pytorch.expressions import Expressions, Texts
from netdsl.targets.pytorch.layout import INDENT, header, statement
from netdsl.targets.pytorch.naming import unique, variable_name
from netdsl.targets.pytorch.steps import Draft, Repeats, Step
from netdsl.targets.pytorch.variables import variable_names

DEEPEST_CALL = 3
"""How many calls that take nothing but a tensor may stand in each other: `F.relu(self.bn1(self.conv1(x)))`."""


@dataclass(eq=False, slots=True)
class _Line:
    """One statement: what it makes, from what, and whether another call may take its place.

    `loop` is what stands inside, where the statement begins a loop.
    """

    targets: tuple[int, ...]
    text: str
    taken: int | None
    around: Callable[[str], str]
    depth: int
    shape: str | None
    training_only: bool
    loop: tuple[str, ...] = ()


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
        self.expressions = Expressions(draft, modules, texts)
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
        if (
            last is not None
            and not last.loop
            and last.targets == results
            and len(results) == 1
            and self.readers[results[0]] == 1
        ):
            written = [text for line in lines[:-1] for text in self._statement(line, level)]
            return [*written, *statement(f"return {last.text}", level, last.shape)]
        written = [text for line in lines for text in self._statement(line, level)]
        return [*written, *statement(f"return {self._tuple(results)}", level)]

    def _statement(self, line: _Line, level: int) -> list[str]:
        if line.loop:
            inside = [text for repeated in line.loop for text in statement(repeated, level + 1)]
            return [*(text for part in line.text.splitlines() for text in statement(part, level)), *inside]
        return statement(f"{self._tuple(line.targets)} = {line.text}", level, line.shape)

    def _tuple(self, values: tuple[int, ...]) -> str:
        return ", ".join(self.names[value] for value in values)

    # ---- lines -------------------------------------------------------------------------------

    def _joined(self) -> list[_Line]:
        """One line for each step, but calls of nothing but a tensor join the line before."""
        lines: list[_Line] = []
        current = {value: self.texts.shapes.get(value) for value in self.draft.inputs}
        for step in self.draft.steps:
            line = self._loop(step, step.action) if isinstance(step.action, Repeats) else self._line(step, current)
            before = lines[-1] if lines else None
            if before is not None and self._may_join(before, line):
                lines[-1] = self._join(before, line)
            else:
                lines.append(line)
        return lines

    def _line(self, step: Step, current: dict[int, str | None]) -> _Line:
        bare = len(step.inputs) == 1 and self.expressions.is_light(step)
        value = step.outputs[0] if len(step.outputs) == 1 else None
        shape = self.texts.shapes.get(value) if value is not None else None
        changed = shape if shape != current.get(step.inputs[0] if step.inputs else -1) else None
        if value is not None:
            current[value] = shape if shape is not None else None
        taken = step.inputs[0] if bare else None
        text = self.expressions.of(step, [self.names[given] for given in step.inputs])
        around = partial(self._around, step)
        return _Line(step.outputs, text, taken, around, 1, changed, step.training_only)

    def _around(self, step: Step, inner: str) -> str:
        return self.expressions.of(step, [inner])

    def _loop(self, step: Step, action: Repeats) -> _Line:
        """A loop, behind what it begins with: the tensor under the name that it has in every turn, and a list."""
        given = [self.names[value] for value in step.inputs]
        flowing = self.names[step.outputs[0]]
        module, head = self._turns(action)
        called = f"{module}({', '.join([flowing, *given[1:]])})"
        before = [f"{flowing} = {given[0]}"] if flowing != given[0] else []
        repeated: tuple[str, ...] = (f"{flowing} = {called}",)
        if action.word is not None:
            gathered = self.names[step.outputs[1]]
            one = unique(variable_name(action.word), self._names_before(step))
            before.append(f"{gathered} = []")
            repeated = (f"{flowing}, {one} = {called}", f"{gathered}.append({one})")
        text = "\n".join([*before, head])
        return _Line(step.outputs, text, None, str, 1, None, step.training_only, repeated)

    def _turns(self, action: Repeats) -> tuple[str, str]:
        """What a loop calls, and the statement that begins it."""
        if not self.texts.is_list:
            module, count = self.texts.rows[action.key]
            return module, f"for i in range({count}):"
        if action.span is not None:
            return "self[i]", f"for i in range({action.span[0]}, {action.span[1]}):"
        module = unique("layer", {*self.names.values(), *self.modules.values()})
        return module, f"for {module} in self:"

    def _names_before(self, step: Step) -> set[str]:
        """The names of all that there is when a step is done."""
        place = self.draft.steps.index(step)
        made = [value for before in self.draft.steps[: place + 1] for value in before.outputs]
        return {self.names[value] for value in (*self.draft.inputs, *made)} | set(self.modules.values())

    def _may_join(self, before: _Line, line: _Line) -> bool:
        if before.loop:
            return False
        if line.taken is None or before.targets != (line.taken,) or before.training_only != line.training_only:
            return False
        named = self.draft.hints.get(line.taken)
        kept = named is not None and named.name is not None
        return not kept and line.shape is None and self.readers[line.taken] == 1 and before.depth < DEEPEST_CALL

    def _join(self, before: _Line, line: _Line) -> _Line:
        text = line.around(before.text)
        return replace(line, text=text, taken=None, depth=before.depth + 1, shape=before.shape)
