"""A word of a recipe as it is called to the word with the values of its parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, dataclass
from typing import Any

from netdsl import training as families
from netdsl.diagnostics import parameters, syntax, training
from netdsl.graph.arguments import Given, assign, value_of
from netdsl.graph.expressions import Evaluator
from netdsl.graph.scope import Unknown
from netdsl.ops.parameters import Parameter, parameters_of
from netdsl.source import Span
from netdsl.syntax import ast
from netdsl.training.contract import RecipeWord
from netdsl.types.tensors import TensorType

PIPELINES = ("augment",)


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Written:
    """A word as it is written: where, and where each of its parameters."""

    word: RecipeWord
    span: Span
    spans: dict[str, Span]


def calls_of(line: ast.RecipeLine) -> Iterator[ast.Call]:
    """A line as calls: the setting itself, the word that is chosen, or the steps of a pipeline.

    A word that is missing is "" at the place of the line's.
    """
    name = line.word.text
    if name in families.words()[name]:
        yield ast.Call(line.word, line.arguments, False, None, line.span)
    elif not line.arguments or not isinstance(line.arguments[0].value, ast.Name) or line.arguments[0].name:
        yield ast.Call(ast.Word("", line.word.span), (), False, None, line.word.span)
    else:
        chosen = line.arguments[0]
        target = ast.Word(chosen.value.text, chosen.span)  # type: ignore[union-attr]
        span = chosen.span.to(line.arguments[-1].span)
        yield ast.Call(target, line.arguments[1:], name in PIPELINES, None, span)
    yield from line.then


def bind(kind: type[RecipeWord], call: ast.Call, evaluator: Evaluator, picture: TensorType | None) -> Written | None:
    """The word with its parameters' values; None after a mistake, which is reported.

    Args:
        kind: the word.
        call: how it is called.
        evaluator: for the arguments' values.
        picture: the pictures that the net takes, whose axes sizes have.
    """
    table = parameters_of(kind)
    step = next((each for each in call.arguments if call.short and _is_step(kind, each)), None)
    if step is not None:
        evaluator.report(syntax.MissingArrow(kind.word, step.span.text), step.span)
        return None
    given = assign(kind.word, tuple(table), call, evaluator)
    if given is None:
        return None
    missing = next((p for p in table.values() if p.required and p.name not in given), None)
    if missing is not None:
        fact = (
            training.MissingLearningRate(kind.word)
            if missing.name == "lr"
            else parameters.MissingParameter(kind.word, missing.name, missing.doc, kind.example)
        )
        evaluator.report(fact, call.span)
        return None
    values = {p.name: value_of(kind, p, given.get(p.name), call, evaluator, picture) for p in table.values()}
    if any(isinstance(value, Unknown) for value in values.values()):
        return None
    return Written(kind(**values), call.target.span, {name: argument.span for name, argument in given.items()})


def _is_step(kind: type[RecipeWord], argument: ast.Argument) -> bool:
    """Whether an argument is the next step of a pipeline, with no arrow before it."""
    value = argument.value
    return argument.name is None and isinstance(value, ast.Name) and value.text in families.words()[kind.line]


def without_weights(kind: type[RecipeWord], call: ast.Call) -> tuple[ast.Call, list[ast.Argument]]:
    """The call of a loss without what it says of single outputs (`aux=0.3`), and that."""
    own = parameters_of(kind)
    weights = [each for each in call.arguments if each.name is not None and each.name.text not in own]
    kept = tuple(each for each in call.arguments if each not in weights)
    return ast.Call(call.target, kept, call.short, call.branches, call.span), weights


def weight_of(kind: type[RecipeWord], argument: ast.Argument, call: ast.Call, evaluator: Evaluator) -> float | None:
    """The weight of an output; None after a mistake, which is reported."""
    assert argument.name is not None
    doc = "what the loss of the output is multiplied with"
    parameter = Parameter(argument.name.text, "float", MISSING, doc, {"minimum": 0}, ())
    given = Given(argument.value, argument.span, evaluator)
    value: Any = value_of(kind, parameter, given, call, evaluator, None)
    return None if isinstance(value, Unknown) else float(value)
