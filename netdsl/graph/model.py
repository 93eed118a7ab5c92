"""The typed graph of a net: tensors, layers, and the modules that nest them as the spec's text does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from netdsl.diagnostics.core import Note
from netdsl.graph.decisions import Decisions
from netdsl.graph.learning import NOTHING_SAID, Learning
from netdsl.ops.contract import Operation, Site, Weight
from netdsl.source import Span
from netdsl.types.sizes import Size
from netdsl.types.tensors import TensorType

if TYPE_CHECKING:
    from netdsl.graph.scope import Scope
    from netdsl.syntax import ast


@dataclass(eq=False, repr=False, slots=True)
class Tensor:
    """What flows. Without a type it is the result of a mistake that has been reported.

    `doubted` tells that an assertion about it, or about what it was made of, has failed: further assertions that
    fail are the same mistake.
    """

    type: TensorType | None
    span: Span
    layer: Layer | None = None
    name: str | None = None
    uses: int = 0
    doubted: bool = False


@dataclass(eq=False, repr=False, slots=True)
class Layer:
    """An operation at its place.

    Attributes:
        name: its path, unique in the net.
        weights_name: the path of its weights: another layer's where a body is shared.
        trail: the calls through which its text was reached, innermost first.
        learning: what its call says about the weights.
        training_only: whether only training outputs need it.
        batch: the tensor that a source has as many examples as, though it takes nothing else of it.
    """

    name: str
    operation: Operation
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    span: Span
    weights_name: str
    local_name: str
    trail: tuple[Note, ...] = ()
    learning: Learning = NOTHING_SAID
    training_only: bool = False
    batch: Tensor | None = None

    @property
    def is_source(self) -> bool:
        """Whether it makes its output out of no input."""
        return self.operation.most_inputs == 0

    @property
    def reads(self) -> tuple[Tensor, ...]:
        """The tensors that it needs when it runs: its inputs, or the one whose batch a source has."""
        return self.inputs if self.batch is None else (self.batch,)

    @property
    def well_typed(self) -> bool:
        """Whether every input and output has a type."""
        return all(tensor.type is not None for tensor in (*self.inputs, *self.outputs))

    @property
    def site(self) -> Site:
        """The types of inputs and outputs; only for a well-typed layer."""
        return Site(
            tuple(tensor.type for tensor in self.inputs if tensor.type),
            tuple(tensor.type for tensor in self.outputs if tensor.type),
        )

    @property
    def weights(self) -> tuple[Weight, ...]:
        """The arrays that the layer holds."""
        return self.learning.applied(self.operation.weights(self.site))

    def name_of(self, weight: Weight) -> str:
        """A weight's full name: the layer's path and the weight's own name, if it has one."""
        return f"{self.weights_name}.{weight.name}" if weight.name else self.weights_name

    @property
    def shares_weights(self) -> bool:
        """Whether the weights belong to an earlier layer."""
        return self.weights_name != self.name


@dataclass(eq=False, repr=False, slots=True)
class Module:
    """A net, a block's use, a labelled group or a shared body, with its members in the order of the flow.

    Attributes:
        kind: `net`, `block`, `group` or `share`.
        path: the path that its members' names begin with; the same as the parent's where it adds nothing.
        local_name: the last part of the path, None where it adds nothing.
        block: the name of the block or shared body, None for groups.
        arguments: the values of a block's parameters in this use.
        definition: the block that is used.
    """

    kind: str
    path: str
    local_name: str | None
    block: str | None
    span: Span
    numbered: bool = False
    members: list[Member] = field(default_factory=list)
    inputs: tuple[Tensor, ...] = ()
    outputs: tuple[Tensor, ...] = ()
    arguments: dict[str, object] = field(default_factory=dict)
    definition: ast.Block | None = None

    def layers(self) -> Iterator[Layer]:
        """All layers inside, in the order of the flow."""
        for member in self.members:
            if isinstance(member, Layer):
                yield member
            else:
                yield from member.layers()


Member: TypeAlias = "Layer | Module"


@dataclass(eq=False, repr=False, slots=True)
class Requirement:
    """What an open size must reach for a window to fit."""

    size: Size
    least: int
    span: Span


@dataclass(eq=False, repr=False)
class Graph:
    """A net, typed.

    Attributes:
        inputs: the input tensors, each with its name.
        outputs: the outputs by name.
        training_outputs: the outputs that are there in training only.
        root: the net as a module.
        parameters: the net's parameters and their values.
        budgets: the conditions that it states, with the scope that they are read in.
        recipe: its `train` block, and the scope that it is read in.
        symbols: the names of the sizes that its inputs leave open, those that were given a value too.
        varied: the net with another whole number for one of its parameters, None where that is a mistake; what the net
            asserts about shapes may fail there, since it is said of the number that was given.
        decisions: what hung on numbers while the net was elaborated.
    """

    name: str
    span: Span
    root: Module
    inputs: list[Tensor] = field(default_factory=list)
    outputs: dict[str, Tensor] = field(default_factory=dict)
    training_outputs: dict[str, Tensor] = field(default_factory=dict)
    parameters: dict[str, object] = field(default_factory=dict)
    budgets: list[tuple[ast.Expression, Scope]] = field(default_factory=list)
    requirements: list[Requirement] = field(default_factory=list)
    recipe: ast.Train | None = None
    recipe_scope: Scope | None = None
    symbols: set[str] = field(default_factory=set)
    varied: Callable[[str, int], Graph | None] | None = None
    decisions: Decisions = field(default_factory=Decisions)
    complete: bool = True

    def layers(self) -> list[Layer]:
        """All layers in the order of the flow."""
        return list(self.root.layers())
