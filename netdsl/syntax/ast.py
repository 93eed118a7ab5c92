"""The AST: what the text says, before any name or size is looked at. Immutable nodes, each with its span."""

from __future__ import annotations

from enum import Enum
from fractions import Fraction
from typing import TypeAlias

from netdsl.source import Source, Span
from netdsl.syntax.node import node


@node
class Word:
    """A name where it is written."""

    text: str
    span: Span


# ---- expressions -----------------------------------------------------------------------------


@node
class Number:
    """`64`, `0.5`, `61M`: whole numbers are int, the others exact fractions."""

    value: int | Fraction
    span: Span


@node
class Size:
    """`3x3`, `3xHxW`: numbers and upper-case names of open sizes."""

    parts: tuple[int | str, ...]
    span: Span


@node
class String:
    """`"layer{i + 1}"`: pieces of text and, between braces, expressions."""

    parts: tuple[str | Expression, ...]
    span: Span


@node
class Boolean:
    """`true` or `false`."""

    value: bool
    span: Span


@node
class Same:
    """The word `same`, as a value of `pad`."""

    span: Span


@node
class Name:
    """A name used as a value; `in` and `here` are names too."""

    text: str
    span: Span


@node
class Tuple:
    """`(1, k)`: a size with computed parts."""

    items: tuple[Expression, ...]
    span: Span


@node
class ListDisplay:
    """`[3, 4, 6, 3]`."""

    items: tuple[Expression, ...]
    span: Span


@node
class Unary:
    """`-a` or `not a`."""

    operator: str
    operand: Expression
    span: Span


@node
class Binary:
    """Arithmetic, comparison, `and`, `or`."""

    operator: str
    left: Expression
    right: Expression
    span: Span


@node
class Conditional:
    """`a if c else b`."""

    condition: Expression
    when_true: Expression
    when_false: Expression
    span: Span


@node
class Attribute:
    """`in.channels`."""

    owner: Expression
    name: Word
    span: Span


@node
class Slice:
    """`1:3` inside square brackets."""

    start: Expression | None
    stop: Expression | None
    span: Span


@node
class Index:
    """`widths[1]`, `depths[1:]`, and `int64[T]` where an input's shape is meant."""

    owner: Expression
    subscripts: tuple[Expression | Slice, ...]
    span: Span


@node
class CallValue:
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


@node
class Argument:
    """One argument of a call; `name` is set for keywords only."""

    role: Role
    name: Word | None
    value: Expression
    span: Span


@node
class Call:
    """`conv 3x3/2 x64`, `inception(64, …)`, `concat { | … }`, or a tensor's name at the start of a pipeline.

    `branches` is None where no braces are written.
    """

    target: Word
    arguments: tuple[Argument, ...]
    short: bool
    branches: tuple[Branch, ...] | None
    span: Span


@node
class Branch:
    """One `| …` of a merge; without statements it is the incoming tensor."""

    statements: tuple[Statement, ...]
    span: Span


@node
class Start:
    """A pipeline's start that is no plain name: `in`, `here`, `skips[-1]`."""

    value: Expression
    span: Span


@node
class Group:
    """`{ … }`."""

    body: Body
    span: Span


@node
class Choice:
    """`if … { } else { }`, decided at compile time; `otherwise` is a body, another choice, or nothing."""

    condition: Expression
    body: Body
    otherwise: Body | Choice | None
    span: Span


@node
class Loop:
    """`for kernel, width in rows { }`, unrolled at compile time."""

    names: tuple[Word, ...]
    iterable: Expression
    body: Body
    span: Span


@node
class Tap:
    """`tap skips`: puts the tensor on a list."""

    list_name: Word
    span: Span


Core: TypeAlias = "Call | Start | Group | Choice | Loop | Tap"


@node
class Repeat:
    """`* n` behind a `}` or a `)`."""

    count: Expression
    span: Span


@node
class ShapeAssertion:
    """`:: 96x55x55`."""

    shape: Expression
    span: Span


@node
class Naming:
    """`as pool3`, `as low, high`."""

    names: tuple[Word, ...]
    span: Span


Suffix: TypeAlias = "Repeat | ShapeAssertion | Naming"


@node
class Step:
    """One member of a flow, with its label and what follows it."""

    label: Word | String | None
    core: Core
    suffixes: tuple[Suffix, ...]
    span: Span


@node
class Flow:
    """`a -> b -> c`."""

    steps: tuple[Step, ...]
    span: Span


# ---- statements and declarations -------------------------------------------------------------


@node
class Input:
    """`input image: 3x227x227`."""

    name: Word | None
    shape: Expression
    span: Span


@node
class Let:
    """`let width = 64`."""

    name: Word
    value: Expression
    span: Span


@node
class Share:
    """`share tower { … }`: one set of weights for every use of the name."""

    name: Word
    body: Body
    span: Span


@node
class Default:
    """`default conv bias=false same`."""

    target: Word
    arguments: tuple[Argument, ...]
    span: Span


@node
class Budget:
    """`budget params <= 5M, macs <= 300M`."""

    conditions: tuple[Expression, ...]
    span: Span


@node
class RecipeLine:
    """`optimizer sgd lr=0.01`; `augment` is followed by further calls."""

    word: Word
    arguments: tuple[Argument, ...]
    then: tuple[Call, ...]
    span: Span


@node
class Train:
    """`train { … }`."""

    lines: tuple[RecipeLine, ...]
    span: Span


@node
class OutputItem:
    """`logits`, or `style = relu3 -> …`."""

    name: Word
    flow: Flow | None
    span: Span


@node
class Output:
    """`output a, b = c`; `training output …` is there in training only."""

    items: tuple[OutputItem, ...]
    training: bool
    span: Span


@node
class Broken:
    """A statement that could not be read; its mistake has been reported."""

    span: Span


Statement: TypeAlias = "Flow | Input | Let | Share | Default | Budget | Train | Output | Broken"


@node
class Body:
    """The statements between `{` and `}`."""

    statements: tuple[Statement, ...]
    span: Span


@node
class Parameter:
    """A parameter of a net or a block."""

    name: Word
    default: Expression | None
    span: Span


@node
class Use:
    """`use bottleneck from "resnet.net"`; `path` is a Word for the standard library."""

    names: tuple[Word, ...]
    path: String | Word
    span: Span


@node
class Net:
    """`net AlexNet(classes=1000) { … }`."""

    name: Word
    parameters: tuple[Parameter, ...]
    body: Body
    span: Span


@node
class Block:
    """`block basic(width, stride=1) { … }`."""

    name: Word
    parameters: tuple[Parameter, ...]
    body: Body
    span: Span


Item: TypeAlias = "Use | Net | Block | Default | Let | Broken"


@node
class Comment:
    """A comment, `#` and all."""

    text: str
    span: Span


@node
class File:
    """One spec file."""

    source: Source
    items: tuple[Item, ...]
    comments: tuple[Comment, ...]
    span: Span
