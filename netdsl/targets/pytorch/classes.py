"""A family of uses to the text of its class, and to the call that makes each use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from netdsl.syntax.comments import doc_comment
from netdsl.targets.pytorch.docstrings import docstring
from netdsl.targets.pytorch.expressions import Texts
from netdsl.targets.pytorch.forward import forward
from netdsl.targets.pytorch.layout import INDENT, header, statement
from netdsl.targets.pytorch.loading import loader
from netdsl.targets.pytorch.naming import is_attribute, unique
from netdsl.targets.pytorch.parameters import Parameters, condition, declared_parameters
from netdsl.targets.pytorch.recipe_text import express, in_turn, literal, name_in_turn
from netdsl.targets.pytorch.recipes import COUNT, Chain, Make, Path, Recipe, Run, argument_names
from netdsl.targets.pytorch.signatures import Signature
from netdsl.targets.pytorch.steps import PAD, Applies, numbers_of
from netdsl.targets.pytorch.values import ABSENT, INCOMING, Parameter, Term
from netdsl.targets.pytorch.variants import MEMBERS, Family, Shape


@dataclass(frozen=True, eq=False, slots=True)
class ClassText:
    """A class as text: what a template puts together."""

    name: str
    base: str
    doc: list[str]
    constructor: list[str]
    forward: list[str]
    loader: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Everything, as one text."""
        return "\n".join((self.name, self.base, *self.doc, *self.constructor, *self.forward, *self.loader))


@dataclass(eq=False, slots=True)
class ClassBuilder:
    """Writes the class of a family; `makes` are the calls of its uses, by their paths.

    `given` are its parameters, where they are not those of a block.
    """

    name: str
    family: Family
    doc: str = ""
    given: Parameters | None = None
    parameters: Parameters = field(init=False)
    terms: dict[Path, Term] = field(default_factory=dict)
    makes: dict[str, Make] = field(default_factory=dict)

    def build(self) -> ClassText:
        """Derive the parameters and write the class."""
        uses = self.family.uses
        modules = [use.draft.unit.module if use.draft.unit else None for use in uses]
        self.parameters = self.given or declared_parameters(modules)
        known, values = self.family.literals()
        self.parameters.incoming = {
            tuple(table.get(path, ABSENT) for table in values) for path in known if path[-1] == "in_channels"
        }
        self.parameters.made = {
            tuple(table.get(path, ABSENT) for table in values) for path in known if path[-1] not in INCOMING
        }
        for path, slot in known.items():
            self.terms[path] = self.parameters.term(path, slot, [table.get(path, ABSENT) for table in values])
        shape = self.family.shape = self.family.shape.widened(argument_names(known))
        if shape.chain is not None:
            text = ClassText(self.name, "nn.Sequential", self._doc(), self._sequential(), [])
        else:
            turned = self._turned()
            constants = self._constants(set(shape.attributes) | set(turned.values()))
            constructor = self._constructor(turned, constants)
            steps = (
                forward(
                    shape.draft,
                    Texts(self._text, self._shapes(), turned, constants, self._rows(), shape.members is not None),
                )
                if shape.draft.unit
                else []
            )
            base = "nn.Module" if shape.members is None else "nn.ModuleList"
            text = ClassText(self.name, base, self._doc(), constructor, steps, self._loader())
        self._make_uses()
        return text

    def _text(self, path: Path) -> str:
        return self.terms[path].text

    def _doc(self) -> list[str]:
        return docstring(self.doc)

    # ---- the constructor ---------------------------------------------------------------------

    def _constructor(self, turned: Mapping[str, str], constants: Mapping[Path, str]) -> list[str]:
        shape = self.family.shape
        lines = self._plain_attributes(constants)
        if shape.members is not None:
            made = express(shape.members, self._text, (MEMBERS,)).removeprefix("nn.Sequential")
            single = len(shape.members.runs) == 1 and made.startswith("(*(")
            members = made[3:-2] if single else f"[{made[1:-1]}]"
            return [*self._header(), *statement(f"super().__init__({members})"), *lines]
        makes = {step.action.key: step.action.make for step in shape.draft.steps if isinstance(step.action, Applies)}
        for name, recipe in shape.attributes.items():
            lines += (
                self._optional(name, recipe) if name in self.family.optional else self._attribute(name, recipe, name)
            )
        for key, name in turned.items():
            lines += self._attribute(name, makes[key], key)
        if not lines and not self._signature():
            return []
        return [*self._header(), f"{INDENT * 2}super().__init__()", *lines]

    def _plain_attributes(self, constants: Mapping[Path, str]) -> list[str]:
        """Numbers that `forward` needs, and whether it merges."""
        texts = {name: self._text(path) for path, name in constants.items()}
        known, _ = self.family.literals()
        deciding = [(slot.argument, self.terms[path]) for path, slot in known.items()]
        for gate, without in self.family.gates.items():
            there = tuple(use.path not in without for use in self.family.uses)
            texts[gate.attribute] = condition(deciding, there, self.parameters, gate.attribute, changes=False)
        return [line for name, text in texts.items() for line in statement(f"self.{name} = {text}")]

    def _attribute(self, name: str, recipe: Recipe, key: str, level: int = 2) -> list[str]:
        if name in self.family.shape.rows:
            return self._row(name)
        made = express(recipe, self._text, (key,))
        if is_attribute(name):
            return statement(f"self.{name} = {made}", level)
        adding = "register_parameter" if isinstance(recipe, Make) and recipe.is_parameter else "add_module"
        return statement(f'self.{adding}("{name}", {made})', level)

    def _row(self, name: str) -> list[str]:
        """The loop that makes the submodules of a row."""
        run = self._run(name)
        made = in_turn(run, self._text, (name, "0"))
        head = f"for i in range({self._text((name, '0', COUNT))}):"
        return [*statement(head), *statement(f"self.add_module({name_in_turn(run)}, {made})", 3)]

    def _run(self, row: str) -> Run:
        chain = self.family.shape.attributes[row]
        assert isinstance(chain, Chain), "a row is a chain"
        return chain.runs[0]

    def _rows(self) -> dict[str, tuple[str, str]]:
        """The submodule of turn `i` and the number of turns, for every row."""
        names = {row: name_in_turn(self._run(row)) for row in self.family.shape.rows}
        return {row: (f"getattr(self, {name})", self._text((row, "0", COUNT))) for row, name in names.items()}

    def _optional(self, name: str, recipe: Recipe) -> list[str]:
        there = tuple(self.family.has(use, name) for use in self.family.uses)
        known, _ = self.family.literals()
        deciding = [(slot.argument, self.terms[path]) for path, slot in known.items() if path[0] == name]
        test = condition(deciding, there, self.parameters, name, changes=True)
        absent = f"self.{name}: nn.Module = nn.Identity()"
        lines = [absent] if is_attribute(name) else [f'self.add_module("{name}", nn.Identity())']
        return [
            f"{INDENT * 2}{lines[0]}",
            *statement(f"if {test}:", 2),
            *self._attribute(name, recipe, name, level=3),
        ]

    def _sequential(self) -> list[str]:
        chain = self.family.shape.chain
        assert chain is not None, "a class of nn.Sequential has members"
        made = express(chain, self._text)
        members = made.removeprefix("nn.Sequential")
        return [*self._header(), *statement(f"super().__init__{members}", 2)]

    def _header(self) -> list[str]:
        return header("__init__", ["self", *self._signature()], "None")

    def _signature(self) -> list[str]:
        required = [f"{parameter.name}: {parameter.annotation}" for parameter in self.parameters.required]
        return required + [_with_default(parameter) for parameter in self.parameters.optional]

    def _loader(self) -> list[str]:
        """How a net with weights is made from a file; other classes are made by it."""
        unit = self.family.shape.draft.unit
        if unit is None or unit.module.kind != "net" or not any(layer.weights for layer in unit.module.layers()):
            return []
        given = [*self.parameters.required, *self.parameters.optional]
        return loader(self._signature(), [parameter.name for parameter in given])

    # ---- forward -----------------------------------------------------------------------------

    def _turned(self) -> dict[str, str]:
        """The functions whose arguments differ between uses: they become attributes, each under a free name."""
        shape = self.family.shape
        actions = [step.action for step in shape.draft.steps]
        keys = [action.key for action in actions if isinstance(action, Applies) and action.function != PAD]
        varying = {path[0] for path, term in self.terms.items() if term.varies}
        return {key: key for key in keys if key in varying}

    def _constants(self, taken: set[str]) -> dict[Path, str]:
        """The attributes that hold the numbers of formulas and pads, where these differ between uses."""
        names: dict[Path, str] = {}
        by_text: dict[str, str] = {}
        for step in self.family.shape.draft.steps:
            for path, word in numbers_of(step.action):
                term = self.terms[path]
                if not term.varies:
                    continue
                if term.text not in by_text:
                    by_text[term.text] = unique(term.text if term.text.isidentifier() else word, taken)
                names[path] = by_text[term.text]
        return names

    def _shapes(self) -> dict[int, str | None]:
        """The shapes that values have in every use."""
        shapes: dict[int, str | None] = {}
        if self.family.optional or self.family.gates:
            return shapes
        for place, step in enumerate(self.family.shape.draft.steps):
            if len(step.outputs) == 1:
                found = [use.draft.steps[place].shape for use in self.family.uses]
                of_net = self.parameters.shape(found) if self.given is not None else None
                shapes[step.outputs[0]] = step.shape if len(set(found)) == 1 else of_net
        return shapes

    # ---- its uses ----------------------------------------------------------------------------

    def _make_uses(self) -> None:
        required, optional = self.parameters.required, self.parameters.optional
        names = tuple(parameter.name for parameter in (*required, *optional))
        signature = Signature(names, {parameter.name: parameter.default for parameter in optional})
        for place, use in enumerate(self.family.uses):
            arguments = {parameter.name: parameter.values[place] for parameter in (*required, *optional)}
            self.makes[use.path] = Make(self.name, arguments, len(required), signature)


def _with_default(parameter: Parameter) -> str:
    return f"{parameter.name}: {parameter.annotation} = {literal(parameter.default)}"


def doc_of(shape: Shape) -> str:
    """The comment above the block that a class stands for."""
    unit = shape.draft.unit
    if unit is None:
        return ""
    module = unit.module
    if module.kind == "net":
        return doc_comment(module.span)
    return doc_comment(module.definition.span) if module.definition is not None else ""
