"""The AST: what the text says, before any name or size is looked at. Immutable nodes, each with its span.

Named tuples, because fifty frozen dataclasses take a tenth of a whole check to be made.
"""

from __future__ import annotations

from enum import Enum
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from netdsl.source import Source, Span

class Word(NamedTuple):
    """A name where it is written."""

    text: str
    span: Span


# ---- expressions -----------------------------------------------------------------------------


class Number(NamedTuple):
    """`64`, `0.5`, `61M`: whole numbers are int, the others exact fractions."""

    value: int | Fraction
    span: Span


class Size(NamedTuple):
    """`3x3`, `3xHxW`: numbers and upper-case names of open sizes."""

    parts: tuple[int | str, ...]
    span: Span


class String(NamedTuple):
    """`"layer{i + 1}"`: pieces of text and, between braces, expressions."""

    parts: tuple[str | Expression, ...]
    span: Span


class Boolean(NamedTuple):
    """`true` or `false`."""

    value: bool
    span: Span


class Same(NamedTuple):
    """The word `same`, as a value of `pad`."""

    span: Span


class Name(NamedTuple):
    """A name used as a value; `in` and `here` are names too."""

    text: str
    span: Span


class Tuple(NamedTuple):
    """`(1, k)`: a size with computed parts."""

    items: tuple[Expression, ...]
    span: Span


class ListDisplay(NamedTuple):
    """`[3, 4, 6, 3]`."""

    items: tuple[Expression, ...]
    span: Span


class Unary(NamedTuple):
    """`-a` or `not a`."""

    operator: str
    operand: Expression
    span: Span


class Binary(NamedTuple):
    """Arithmetic, comparison, `and`, `or`."""

    operator: str
    left: Expression
    right: Expression
    span: Span


class Conditional(NamedTuple):
    """`a if c else b`."""

    condition: Expression
    when_true: Expression
    when_false: Expression
    span: Span


class Attribute(NamedTuple):
    """`in.channels`."""

    owner: Expression
    name: Word
    span: Span


class Slice(NamedTuple):
    """`1:3` inside square brackets."""

    start: Expression | None
    stop: Expression | None
    span: Span


class Index(NamedTuple):
    """`widths[1]`, `depths[1:]`, and `int64[T]` where an input's shape is meant."""

    owner: Expression
    subscripts: tuple[Expression | Slice, ...]
    span: Span


class CallValue(NamedTuple):
    """`max(3, 4)` inside an expression."""

    function: Expression
    arguments: tuple[Argument, ...]
    span: Span


Expression: TypeAlias = (
    "Number | Size | String | Boolean | Same | Name | Tuple | ListDisplay | Unary | Binary | Conditional"
    " | Attribute | Index | CallValue"
)


# ---- flows -----------------------------------------------------------------------------------


class Role(Enum):
    """How an argument was written."""

    POSITIONAL = "positional"
    STRIDE = "stride"
    CHANNELS = "channels"
    SAME = "same"
    KEYWORD = "keyword"


class Argument(NamedTuple):
    """One argument of a call; `name` is set for keywords only."""

    role: Role
    name: Word | None
    value: Expression
    span: Span


class Call(NamedTuple):
    """`conv 3x3/2 x64`, `inception(64, …)`, `concat { | … }`, or a tensor's name at the start of a pipeline.

    `branches` is None where no braces are written.
    """

    target: Word
    arguments: tuple[Argument, ...]
    short: bool
    branches: tuple[Branch, ...] | None
    span: Span


class Branch(NamedTuple):
    """One `| …` of a merge; without statements it is the incoming tensor."""

    statements: tuple[Statement, ...]
    span: Span


class Start(NamedTuple):
    """A pipeline's start that is no plain name: `in`, `here`, `skips[-1]`."""

    value: Expression
    span: Span


class Group(NamedTuple):
    """`{ … }`."""

    body: Body
    span: Span


class Choice(NamedTuple):
    """`if … { } else { }`, decided at compile time; `otherwise` is a body, another choice, or nothing."""

    condition: Expression
    body: Body
    otherwise: Body | Choice | None
    span: Span


class Loop(NamedTuple):
    """`for kernel, width in rows { }`, unrolled at compile time."""

    names: tuple[Word, ...]
    iterable: Expression
    body: Body
    span: Span


class Tap(NamedTuple):
    """`tap skips`: puts the tensor on a list."""

    list_name: Word
    span: Span


Core: TypeAlias = "Call | Start | Group | Choice | Loop | Tap"


class Repeat(NamedTuple):
    """`* n` behind a `}` or a `)`."""

    count: Expression
    span: Span


class ShapeAssertion(NamedTuple):
    """`:: 96x55x55`."""

    shape: Expression
    span: Span


class Naming(NamedTuple):
    """`as pool3`, `as low, high`."""

    names: tuple[Word, ...]
    span: Span


Suffix: TypeAlias = "Repeat | ShapeAssertion | Naming"


class Step(NamedTuple):
    """One member of a flow, with its label and what follows it."""

    label: Word | String | None
    core: Core
    suffixes: tuple[Suffix, ...]
    span: Span


class Flow(NamedTuple):
    """`a -> b -> c`."""

    steps: tuple[Step, ...]
    span: Span


# ---- statements and declarations -------------------------------------------------------------


class Input(NamedTuple):
    """`input image: 3x227x227`."""

    name: Word | None
    shape: Expression
    span: Span


class Let(NamedTuple):
    """`let width = 64`."""

    name: Word
    value: Expression
    span: Span


class Share(NamedTuple):
    """`share tower { … }`: one set of weights for every use of the name."""

    name: Word
    body: Body
    span: Span


class Default(NamedTuple):
    """`default conv bias=false same`."""

    target: Word
    arguments: tuple[Argument, ...]
    span: Span


class Budget(NamedTuple):
    """`budget params <= 5M, macs <= 300M`."""

    conditions: tuple[Expression, ...]
    span: Span


class RecipeLine(NamedTuple):
    """`optimizer sgd lr=0.01`; `augment` is followed by further calls."""

    word: Word
    arguments: tuple[Argument, ...]
    then: tuple[Call, ...]
    span: Span


class Train(NamedTuple):
    """`train { … }`."""

    lines: tuple[RecipeLine, ...]
    span: Span


class OutputItem(NamedTuple):
    """`logits`, or `style = relu3 -> …`."""

    name: Word
    flow: Flow | None
    span: Span


class Output(NamedTuple):
    """`output a, b = c`; `training output …` is there in training only."""

    items: tuple[OutputItem, ...]
    training: bool
    span: Span


class Broken(NamedTuple):
    """A statement that could not be read; its mistake has been reported."""

    span: Span


Statement: TypeAlias = "Flow | Input | Let | Share | Default | Budget | Train | Output | Broken"


class Body(NamedTuple):
    """The statements between `{` and `}`."""

    statements: tuple[Statement, ...]
    span: Span


class Parameter(NamedTuple):
    """A parameter of a net or a block."""

    name: Word
    default: Expression | None
    span: Span


class Use(NamedTuple):
    """`use bottleneck from "resnet.net"`; `path` is a Word for the standard library."""

    names: tuple[Word, ...]
    path: String | Word
    span: Span


class Net(NamedTuple):
    """`net AlexNet(classes=1000) { … }`."""

    name: Word
    parameters: tuple[Parameter, ...]
    body: Body
    span: Span


class Block(NamedTuple):
    """`block basic(width, stride=1) { … }`."""

    name: Word
    parameters: tuple[Parameter, ...]
    body: Body
    span: Span


Item: TypeAlias = "Use | Net | Block | Default | Let | Broken"


class Comment(NamedTuple):
    """A comment, `#` and all."""

    text: str
    span: Span


class File(NamedTuple):
    """One spec file."""

    source: Source
    items: tuple[Item, ...]
    comments: tuple[Comment, ...]
    span: Span
