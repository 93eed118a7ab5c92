"""Arguments of a call to the parameters of an operation or a block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from netdsl import ops
from netdsl.diagnostics import names, parameters, shapes, syntax
from netdsl.diagnostics.core import Fact, did_you_mean
from netdsl.graph.expressions import Evaluator
from netdsl.graph.learning import NOTHING_SAID, Learning, options_for
from netdsl.graph.scope import SAME_WORD, UNKNOWN, BlockValue, OperationValue, Scope, Unknown
from netdsl.graph.words import describe
from netdsl.ops.contract import Operation
from netdsl.ops.parameters import Callee, Described, Parameter, parameters_of, typed
from netdsl.ops.windows import SAME
from netdsl.source import Span
from netdsl.syntax import ast
from netdsl.types.tensors import TensorType
from netdsl.weights.starts import STARTS, Start

_SHORT = {ast.Role.STRIDE: "stride", ast.Role.CHANNELS: "channels", ast.Role.SAME: "pad"}
Evaluating = Callable[[Scope], Evaluator]


@dataclass(eq=False, repr=False, slots=True)
class Given:
    """An argument on its way to its parameter."""

    expression: ast.Expression
    span: Span
    evaluator: Evaluator


def assign(
    callee: str,
    known: tuple[str, ...],
    call: ast.Call,
    evaluator: Evaluator,
    skipped: int = 0,
    options: tuple[str, ...] = (),
) -> dict[str, Given] | None:
    """Which argument goes to which parameter; None after a mistake, which is reported.

    Args:
        callee: the word that is called.
        known: the parameters' names in order.
        call: the call.
        evaluator: for the values, and to report.
        skipped: positional arguments at the front that are tensors and not parameters.
        options: what can be given by name beside the parameters.
    """
    given: dict[str, Given] = {}
    complete = True
    position = 0
    for argument in call.arguments:
        if argument.role is ast.Role.POSITIONAL and skipped:
            skipped -= 1
            continue
        name = argument.name.text if argument.name else _SHORT.get(argument.role)
        if name is None:
            fact = _misplaced(callee, known, call, position, argument)
            if fact is not None:
                evaluator.report(fact, argument.span)
                return None
            name = known[position]
            position += 1
        span = argument.name.span if argument.name else argument.span
        if name not in known and name not in options:
            meant = did_you_mean(name, (*known, *options))
            evaluator.report(parameters.UnknownParameter(callee, name, known, meant), span)
            complete = False
        elif name in given:
            evaluator.report(parameters.GivenTwice(callee, name), argument.span)
            complete = False
        else:
            given[name] = Given(argument.value, argument.span, evaluator)
    return given if complete else None


def _misplaced(
    callee: str, known: tuple[str, ...], call: ast.Call, position: int, argument: ast.Argument
) -> Fact | None:
    """Why a positional argument has no parameter to go to, if so."""
    if call.short and position > 0:
        extra = argument.span.text
        meant = extra if extra in known else did_you_mean(extra, known) if extra.isidentifier() else None
        return syntax.MissingArrow(callee, extra, None if meant and _is_layer(extra) else meant, "channels" in known)
    if position < len(known):
        return None
    count = sum(1 for each in call.arguments if each.role is ast.Role.POSITIONAL)
    return parameters.TooManyArguments(callee, count, known)


def _is_layer(word: str) -> bool:
    """Whether a word is an operation's too: `pad` behind a layer is the next one."""
    return ops.find(word) is not None


# ---- operations ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Bound:
    """A call's arguments in their places.

    Attributes:
        operation: the operation with its parameters' values.
        learning: what the call says about its weights.
        spans: where the arguments are written, by the parameters' names.
    """

    operation: Operation
    learning: Learning
    spans: dict[str, Span]


def settings_of(
    operation: type[Operation], call: ast.Call, evaluator: Evaluator, skipped: int = 0
) -> dict[str, Given] | None:
    """Which argument goes to which parameter or option of an operation; None after a mistake, which is reported."""
    known, options = tuple(parameters_of(operation)), tuple(options_for(operation))
    return assign(operation.word, known, call, evaluator, skipped, options)


def bind_operation(
    operation: type[Operation],
    call: ast.Call,
    evaluator: Evaluator,
    x: TensorType | None,
    defaults: dict[str, Given],
    tensors: int,
) -> Bound | None:
    """The operation with the values of its parameters and of its weights' options; None after a mistake.

    Args:
        operation: what is called.
        call: the call.
        evaluator: for the arguments' values.
        x: the first input.
        defaults: what `default` statements say for parameters that the call leaves out.
        tensors: how many positional arguments are input tensors.
    """
    given = settings_of(operation, call, evaluator, skipped=tensors)
    if given is None:
        return None
    options = options_for(operation)
    values: dict[str, Any] = {}
    missing: list[Parameter] = []
    for parameter in (*parameters_of(operation).values(), *options.values()):
        source = given.get(parameter.name) or defaults.get(parameter.name)
        if source is None and parameter.required:
            missing.append(parameter)
        else:
            values[parameter.name] = value_of(operation, parameter, source, call, evaluator, x)
    complete = not any(isinstance(value, Unknown) for value in values.values())
    if complete and missing:
        # A value that is wrong may be what is missing: `conv 3x3x64` has its channels in the kernel.
        first = missing[0]
        fact = parameters.MissingParameter(operation.word, first.name, first.doc, _example(operation, x))
        evaluator.report(fact, call.span)
        complete = False
    if not complete:
        return None
    learning = Learning(**{name: values.pop(name) for name in options}) if options else NOTHING_SAID
    return Bound(operation(**values), learning, {name: argument.span for name, argument in given.items()})


def inspect(operation: type[Operation], call: ast.Call, evaluator: Evaluator) -> None:
    """Report what is wrong with a call's arguments by themselves, where its input is not known."""
    table = {**parameters_of(operation), **options_for(operation)}
    given = settings_of(operation, call, evaluator)
    values = {name: _read(table[name], argument) for name, argument in (given or {}).items()}
    for name, value in values.items():
        if given is None or not isinstance(value, (int, Fraction)) or table[name].kind.startswith(("Sizes", "Padding")):
            continue
        result = typed(operation, table[name], value, None)
        if isinstance(result, Fact):
            evaluator.report(result, given[name].span)


def value_of(
    operation: type[Callee],
    parameter: Parameter,
    given: Given | None,
    call: ast.Call,
    evaluator: Evaluator,
    x: TensorType | None,
) -> Any:
    """The typed value of a parameter, given or its default; UNKNOWN after a mistake, which is reported."""
    value = parameter.default if given is None else _read(parameter, given)
    if isinstance(value, Unknown):
        return UNKNOWN
    if given is not None and isinstance(given.expression, ast.String) and _is_word(parameter, value):
        evaluator.report(parameters.WordInQuotes(operation.word, parameter.name, value), given.expression.span)
    if value is SAME_WORD:
        value = SAME
    if isinstance(value, OperationValue) and parameter.kind.startswith("Start"):
        value = STARTS.get(value.operation.word, value)  # `identity` is a layer too
    if given is not None and not _is_plain(value, in_list=parameter.kind.startswith("tuple")):
        value = Described(describe(value))
    result = typed(operation, parameter, value, x)
    if isinstance(result, Fact):
        # Every size of a call needs the axes that are missing: one mistake, one place.
        of_the_argument = given is not None and not isinstance(result, shapes.NeedsSpatialAxes)
        evaluator.report(result, given.span if given and of_the_argument else call.span)
        return UNKNOWN
    return result


def _is_word(parameter: Parameter, text: str) -> bool:
    """Whether a text is one of the words that a parameter takes."""
    return text in parameter.choices or (parameter.kind == "Padding" and text == SAME)


def _is_plain(value: Any, *, in_list: bool) -> bool:
    """Whether a value is a number, a word, or a row of them."""
    if isinstance(value, tuple) or (in_list and isinstance(value, list)):
        return all(_is_plain(member, in_list=False) for member in value)
    return isinstance(value, (int, Fraction, str, Start))


def _read(parameter: Parameter, given: Given) -> Any:
    """The value of an argument; bare words are themselves where the parameter is one or a row of several words."""
    expression = given.expression
    if isinstance(expression, ast.Name) and expression.text in parameter.choices:
        return expression.text
    if parameter.choices and isinstance(expression, ast.Name):
        return expression.text
    if parameter.choices and isinstance(expression, ast.Tuple):
        words = tuple(item.text for item in expression.items if isinstance(item, ast.Name))
        if len(words) == len(expression.items):
            return words
    return given.evaluator.value(expression)


def _example(operation: type[Operation], x: TensorType | None) -> str:
    """The shortest call with every required parameter: `conv 3x3 x64`."""
    rank = x.rank if x is not None and x.rank else 2
    words = [operation.word]
    for place, parameter in enumerate(parameters_of(operation).values()):
        if not parameter.required:
            continue
        value = {"Sizes": "x".join(["3"] * rank), "Shape": "768x1", "int": "64", "float": "0.5"}.get(
            parameter.kind, "…"
        )
        if parameter.name == "channels":
            words.append(f"x{value}")
        else:
            words.append(value if place == 0 else f"{parameter.name}={value}")
    return " ".join(words)


# ---- blocks ----------------------------------------------------------------------------------


def bind_block(
    value: BlockValue, call: ast.Call, evaluator: Evaluator, inside: Callable[[Scope], Evaluator]
) -> dict[str, tuple[Any, Span]] | None:
    """The values of a block's parameters; a default may use the parameters before it. None after a mistake.

    Args:
        value: the block.
        call: the call.
        evaluator: for the arguments, which are read at the call.
        inside: makes the evaluator for the defaults, which are read in the block's own file.
    """
    declared = value.block.parameters
    word = value.block.name.text
    given = assign(word, tuple(parameter.name.text for parameter in declared), call, evaluator)
    if given is None:
        return None
    bound: dict[str, tuple[Any, Span]] = {}
    complete = True
    for parameter in declared:
        name = parameter.name.text
        argument = given.get(name)
        if argument is None and parameter.default is None:
            evaluator.report(parameters.MissingParameter(word, name, "", _block_example(value)), call.span)
            complete = False
            continue
        span = argument.span if argument else parameter.span
        bound[name] = (_block_value(argument, parameter, bound, value.scope, inside), span)
        if argument is not None and parameter.default is None and isinstance(bound[name][0], Unknown):
            complete = False
    return bound if complete else None


def _block_value(
    argument: Given | None,
    parameter: ast.Parameter,
    bound: dict[str, tuple[Any, Span]],
    scope: Scope,
    inside: Callable[[Scope], Evaluator],
) -> Any:
    if argument is not None:
        return argument.evaluator.value(argument.expression)
    earlier = Scope(scope)
    for name, (value, span) in bound.items():
        earlier.define(name, value, span, "parameter")
    assert parameter.default is not None
    return inside(earlier).value(parameter.default)


def _block_example(value: BlockValue) -> str:
    words = [
        p.name.text if p.default is None else f"{p.name.text}={p.default.span.text}" for p in value.block.parameters
    ]
    return f"{value.block.name.text}({', '.join(words)})"


def wrong_start(word: str, value: Any) -> Fact:
    """The fact for calling something that is no operation, block or tensor."""
    return names.WrongKindOfThing(f"`{word}` is {describe(value)}", "an operation, a block or a tensor")


def wrong_default(word: str, scope: Scope) -> Fact | None:
    """The fact for `default` settings of something that is no operation."""
    definition = scope.find(word)
    if definition is None:
        return None if word in ops.words() else names.UnknownOperation(word, did_you_mean(word, tuple(ops.words())))
    if isinstance(definition.value, (OperationValue, Unknown)):
        return None
    advice = "a block's defaults stand with its parameters: `block name(width=64)`"
    return names.WrongKindOfThing(f"`{word}` is {describe(definition.value)}", "an operation", advice)
