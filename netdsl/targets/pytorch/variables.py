"""Values to the names of local variables: the flow is `x`, and what waits for a merge is named by what it is.

Values that flow straight on share a variable. A variable is free again once nothing will read it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from netdsl.targets.pytorch.naming import unique, variable_name
from netdsl.targets.pytorch.steps import Calls, Draft, Formula, Repeats, Step

FLOW = ("x", "y", "z", "w", "v", "u")
MANY = 3
SHORTEST_LABEL = 3
"""From so many operands on, a merge's branches are numbered."""


@dataclass(eq=False, slots=True)
class _Web:
    """Values that share a variable: each is made from the one before, which nothing else reads."""

    values: list[int]
    start: int
    end: int
    forks: bool
    hints: list[str] = field(default_factory=list)


def variable_names(draft: Draft, reserved: set[str]) -> dict[int, str]:
    """A name for every value of a draft; `_` for those that nothing reads."""
    return _Namer(draft, reserved).names()


class _Namer:
    def __init__(self, draft: Draft, reserved: set[str]) -> None:
        self.draft = draft
        self.end = len(draft.steps)
        self.readers: dict[int, list[int]] = defaultdict(list)
        for place, step in enumerate(draft.steps):
            for value in step.inputs:
                self.readers[value].append(place)
        for value in (*draft.outputs, *draft.training_outputs):
            self.readers[value].append(self.end)
        self.labels = {
            step.outputs[0]: step.action.label or ""
            for step in draft.steps
            if isinstance(step.action, Calls) and len(step.outputs) == 1
        }
        self.kept = {value: place + 1 for place, step in enumerate(draft.steps) for value in _kept(step)}
        self.busy_until: dict[str, int] = {}
        self.found: dict[int, str] = {}
        self.fixed = set(reserved)

    def names(self) -> dict[int, str]:
        """Name the inputs, then the webs as they begin."""
        self._name_inputs()
        for web in sorted(self._webs(), key=lambda web: web.start):
            name = self._choose(web)
            self.busy_until[name] = max(web.end, web.start + 1)
            self.found.update((value, name) for value in web.values)
        return self.found

    def _last(self, value: int) -> int:
        return max(self.readers[value], default=-1)

    def _end(self, value: int) -> int:
        """Until where a value's name is taken."""
        return max(self._last(value), self.kept.get(value, -1))

    def _name_inputs(self) -> None:
        taken = set(self.fixed)
        for value in self.draft.inputs:
            hint = self.draft.hints.get(value)
            wish = (hint.argument or hint.name if hint else None) or "x"
            word = "x" if wish == "input" else wish
            name = self.found[value] = unique(variable_name(word), taken)
            self.busy_until[name] = self._end(value)

    # ---- webs --------------------------------------------------------------------------------

    def _webs(self) -> list[_Web]:
        webs: dict[int, _Web] = {}
        for place, step in enumerate(self.draft.steps):
            for value in step.outputs:
                before = self._continues(step, value, webs)
                if before is not None:
                    before.values.append(value)
                    before.end = self._end(value)
                    webs[value] = before
                    continue
                forks = any(len(self.readers[given]) > 1 and not self._own_name(given) for given in step.inputs)
                webs[value] = _Web([value], place, self._end(value), forks)
        unique_webs = list({id(web): web for web in webs.values()}.values())
        for web in unique_webs:
            web.hints = self._hints(web)
        return unique_webs

    def _continues(self, step: Step, value: int, webs: dict[int, _Web]) -> _Web | None:
        """The web that a value goes on with, if it comes from a single tensor that nothing else reads."""
        merges = isinstance(step.action, Formula) and len(step.inputs) > 1
        if isinstance(step.action, Repeats):
            merges = value != step.outputs[0]
        elif self._joins_list(value) or len(step.outputs) != 1:
            return None
        if merges or not step.inputs or self._own_name(value):
            return None
        given = step.inputs[0]
        web = webs.get(given)
        if web is None or len(self.readers[given]) != 1 or self._own_name(given):
            return None
        return web if len(self.draft.steps[web.start].outputs) == 1 else None

    def _own_name(self, value: int) -> str | None:
        hint = self.draft.hints.get(value)
        return hint.name if hint else None

    # ---- names -------------------------------------------------------------------------------

    def _hints(self, web: _Web) -> list[str]:
        """What a web may be called, the best first; `x` for what simply flows."""
        last = web.values[-1]
        own = self._own_name(last)
        if own:
            return [own]
        merge, operand = self._merge_of(last)
        if merge is None or not isinstance(merge.action, Formula):
            return []
        if merge.action.list_operand is not None and merge.action.collection is not None:
            return [merge.action.collection]
        if len(merge.inputs) >= MANY:
            return self._numbered(web, merge, merge.action, operand)
        return [hint for hint in (self._block(web), self._label(web)) if hint] if web.forks else []

    def _numbered(self, web: _Web, merge: Step, action: Formula, operand: int) -> list[str]:
        if action.collection is not None:
            return [f"{action.collection}{operand + 1}"]
        label = self._label(web)
        return [label or f"branch{operand + 1}"] if web.forks or label else []

    def _merge_of(self, value: int) -> tuple[Step | None, int]:
        """The merge that reads a value last, and as which operand."""
        place = self._last(value)
        if not 0 <= place < self.end:
            return None, 0
        step = self.draft.steps[place]
        merges = isinstance(step.action, Formula) and len(step.inputs) > 1
        return (step, step.inputs.index(value)) if merges else (None, 0)

    def _joins_list(self, value: int) -> bool:
        """Whether the merge that reads a value last takes a list too."""
        merge, _ = self._merge_of(value)
        return merge is not None and isinstance(merge.action, Formula) and merge.action.list_operand is not None

    def _block(self, web: _Web) -> str | None:
        hint = self.draft.hints.get(web.values[-1])
        return hint.block if hint else None

    def _label(self, web: _Web) -> str | None:
        """What the labels of a web's layers begin with: `branch5x5` for `branch5x5_1` and `branch5x5_2`."""
        labels = [self.labels[value] for value in web.values if value in self.labels]
        if not all(labels):
            return None
        common = _common_start(labels)
        word = common if len(labels) == 1 else common.rstrip("0123456789").rstrip("_")
        return word if len(word) >= SHORTEST_LABEL or len(labels) == len(web.values) == 1 else None

    def _choose(self, web: _Web) -> str:
        if web.end < 0:
            return "_"
        for hint in web.hints:
            name = variable_name(hint)
            number = 2
            while not self._is_free(name, web):
                name = f"{variable_name(hint)}_{number}"
                number += 1
            return name
        merge, _ = self._merge_of(web.values[-1])
        branches_off = web.forks and merge is not None
        for name in FLOW[1:] if branches_off else FLOW:
            if self._is_free(name, web):
                return name
        number = 2
        while not self._is_free(f"x{number}", web):
            number += 1
        return f"x{number}"

    def _is_free(self, name: str, web: _Web) -> bool:
        return name not in self.fixed and self.busy_until.get(name, -1) <= web.start


def _kept(step: Step) -> tuple[int, ...]:
    """What every turn of a loop reads, and what it hands on to the next."""
    return (*step.inputs[1:], step.outputs[0]) if isinstance(step.action, Repeats) else ()


def _common_start(words: list[str]) -> str:
    """The letters that all words begin with."""
    first, last = min(words, default=""), max(words, default="")
    length = next((place for place, (one, two) in enumerate(zip(first, last, strict=False)) if one != two), len(first))
    return first[:length]
