"""A graph to the source of its module: drafts of all classes, gathered block by block, inner ones first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

from netdsl.graph.model import Graph
from netdsl.ops.lowering import TorchExpression, TorchModule
from netdsl.targets.pytorch.chains import Chains, Members, Pending, Use
from netdsl.targets.pytorch.classes import ClassBuilder, ClassText, doc_of
from netdsl.targets.pytorch.drafts import draft_of
from netdsl.targets.pytorch.loops import looped
from netdsl.targets.pytorch.naming import class_name, net_class_name, stem, unique
from netdsl.targets.pytorch.recipes import Chain, Make, Recipe
from netdsl.targets.pytorch.runs import chain
from netdsl.targets.pytorch.settings import Written, with_settings
from netdsl.targets.pytorch.steps import Draft
from netdsl.targets.pytorch.unit_builder import units_of
from netdsl.targets.pytorch.variants import Family, Shape, families

Key: TypeAlias = tuple[str, ...]
_NAMES_OF_OTHERS = frozenset("Tensor OrderedDict None True False F PathLike Self load_file".split())
_NAMES_OF_HELPERS = frozenset("Any Callable Layer TypeVar".split())


@dataclass(eq=False, slots=True)
class Generated:
    """The classes of a module, inner ones first; the last is the net."""

    classes: list[ClassText]
    support: list[str]

    @property
    def net(self) -> str:
        """The name of the net's class."""
        return self.classes[-1].name


def generate(graph: Graph) -> Generated:
    """The classes of a complete graph."""
    generator = _generator(graph)
    written = generator.run()
    net = with_settings(graph, written, _written, generator.net, doc_of(written.net))
    return Generated([*written.inner, net], generator.support)


def _written(graph: Graph) -> Written:
    return _generator(graph).run()


def _generator(graph: Graph) -> _Generator:
    units = units_of(graph)
    chains = Chains(units)
    drafts: dict[str, Draft] = {}
    pending = [""]
    while pending:
        path = pending.pop()
        if path not in drafts:
            drafts[path] = draft_of(path, units, chains, graph)
            pending.extend(reversed(_uses(drafts[path])))
    modules = [torch for torch in units.torch.values() if isinstance(torch, TorchModule)]
    support = {torch.support: torch.name for torch in modules if torch.support is not None}
    kept = [torch for torch in units.torch.values() if not isinstance(torch, TorchExpression)]
    helpers = {helper for torch in kept for helper in torch.helpers}
    taken = {*support.values(), *(_NAMES_OF_HELPERS if helpers else ()), *_NAMES_OF_OTHERS}
    net = unique(net_class_name(graph.name), taken)
    return _Generator(drafts, net, taken, sorted({*support, *helpers}))


def _uses(draft: Draft) -> list[str]:
    """The paths of the classes that a draft makes instances of."""
    found: list[str] = []
    pending: list[Pending] = [*draft.attributes.values(), *([draft.members] if draft.members else [])]
    pending.reverse()
    while pending:
        part = pending.pop()
        if isinstance(part, Use):
            found.append(part.path)
        elif isinstance(part, Members):
            pending.extend(inner for _, inner in reversed(part.members))
    return found


@dataclass(eq=False)
class _Generator:
    drafts: dict[str, Draft]
    net: str
    taken: set[str]
    support: list[str]
    makes: dict[str, Make] = field(default_factory=dict)
    heights: dict[str, int] = field(default_factory=dict)

    def run(self) -> Written:
        """Write the classes block by block; the net's own comes last, and is written elsewhere."""
        written: list[ClassText] = []
        *blocks, _ = self._in_order()
        for key, paths in blocks:
            found = families([self._shape(path) for path in paths])
            for family in found:
                name = unique(self._name(key, family, found), self.taken)
                builder = ClassBuilder(name, family, doc_of(family.shape))
                written.append(builder.build())
                self.makes.update(builder.makes)
        return Written(written, self._shape(""))

    # ---- blocks in order ---------------------------------------------------------------------

    def _in_order(self) -> list[tuple[Key, list[str]]]:
        """The uses of each block, a block after those that it uses; a block within itself counts by its depth."""
        split: set[Key] = set()
        while True:
            groups, needs = self._groups(split)
            try:
                TopologicalSorter(needs).prepare()
            except CycleError as error:
                split.update(key[:-1] if key[:-1] in split else key for key in error.args[1])
                continue
            order: dict[Key, None] = {}
            _visit(("net",), needs, order)
            return [(key, groups[key]) for key in order]

    def _groups(self, split: set[Key]) -> tuple[dict[Key, list[str]], dict[Key, list[Key]]]:
        groups: dict[Key, list[str]] = {}
        keys: dict[str, Key] = {}
        for path in self.drafts:
            key = self._key(path)
            key = (*key, str(self._height(path))) if key in split else key
            keys[path] = key
            groups.setdefault(key, []).append(path)
        needs: dict[Key, list[Key]] = {key: [] for key in groups}
        for path, draft in self.drafts.items():
            needs[keys[path]].extend(dict.fromkeys(keys[inner] for inner in _uses(draft)))
        return groups, needs

    def _height(self, path: str) -> int:
        if path not in self.heights:
            self.heights[path] = 1 + max(map(self._height, _uses(self.drafts[path])), default=0)
        return self.heights[path]

    def _key(self, path: str) -> Key:
        """What makes paths uses of one block."""
        unit = self.drafts[path].unit
        if not path:
            return ("net",)
        label = path.rstrip(".").rpartition(".")[2]
        if unit is None:
            return ("holder", stem(label))
        module = unit.module
        if module.kind == "block" and module.definition is not None:
            span = module.definition.span
            return ("block", module.definition.name.text, span.source.name, str(span.start))
        return (module.kind, stem(label) if module.kind == "group" else label)

    # ---- one block ---------------------------------------------------------------------------

    def _shape(self, path: str) -> Shape:
        draft = self.drafts[path]
        attributes = {name: self._recipe(pending) for name, pending in draft.attributes.items()}
        members = self._recipe(draft.members) if draft.members is not None else None
        return looped(Shape(path, draft, attributes, members if isinstance(members, Chain) else None))

    def _recipe(self, pending: Pending) -> Recipe:
        if isinstance(pending, Use):
            return self.makes[pending.path]
        if isinstance(pending, Members):
            return chain([(name, self._recipe(inner)) for name, inner in pending.members])
        return pending

    def _name(self, key: Key, family: Family, found: list[Family]) -> str:
        """The block's name, and for variants of a block what they have and the plain one lacks."""
        name = class_name(key[1])
        if len(found) == 1:
            return name
        plain = max(found, key=lambda other: (len(other.uses), -len(other.shape.attributes)))
        if family is plain:
            return name
        own = _more(family.shape.attributes, plain.shape.attributes) or _more(family.shape.parts(), plain.shape.parts())
        lacking = _more(plain.shape.attributes, family.shape.attributes) or _more(
            plain.shape.parts(), family.shape.parts()
        )
        named = name + "".join(map(class_name, own[:2]))
        if own and named not in self.taken:
            return named
        without = (f"{named}Without{''.join(map(class_name, lacking[:count]))}" for count in range(1, 1 + len(lacking)))
        return next((each for each in without if each not in self.taken), named)


def _more(words: Iterable[str], known: Iterable[str]) -> list[str]:
    """The words that there are more of here, without the numbers at their ends."""
    more = Counter(list(words)) - Counter(list(known))
    return [word.rstrip("0123456789") for word in more if not word.isdigit()]


def _visit(key: Key, needs: Mapping[Key, list[Key]], order: dict[Key, None]) -> None:
    """Enter a block behind all that it needs."""
    for inner in needs[key]:
        if inner not in order:
            _visit(inner, needs, order)
    order[key] = None


__all__ = ["Generated", "generate"]
