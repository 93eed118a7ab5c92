"""Every parameter that an operation declares changes what it becomes, in ONNX and in PyTorch."""

from __future__ import annotations

from dataclasses import asdict
from random import Random
from typing import Any

import pytest

from netdsl.diagnostics.core import Fact
from netdsl.ops import operations
from netdsl.ops.axes import axis_words
from netdsl.ops.contract import Misfit, Operation
from netdsl.ops.parameters import Parameter, parameters_of, typed
from netdsl.types.tensors import INT64, TensorType
from tests.ops.harness import Recorded, record

TRIES = 3000

WITH_DROPOUT = ("lstm", "gru", "rnn", "attention", "cross_attention", "window_attention")

# Parameters that a target has no use for, and why.
WITHOUT_EFFECT = {
    ("dropout", "rate", "onnx"): "a model that is used has no dropout",
    ("dropout", "per", "onnx"): "a model that is used has no dropout",
    ("drop_path", "rate", "onnx"): "a model that is used leaves no branch out",
    ("embed", "padding", "onnx"): "the zeros stand in the weights",
    ("param", "std", "onnx"): "the number stands in the weights",
    ("prelu", "slope", "onnx"): "the number stands in the weights",
    ("scale", "value", "onnx"): "the number stands in the weights",
    **{(word, "dropout", "onnx"): "a model that is used has no dropout" for word in WITH_DROPOUT},
}

# The input that must be smaller than the other one.
SMALLER = {"crop_like": 1, "pad_like": 0}

INPUTS = (
    TensorType((4, 9, 8)),
    TensorType((4, 6, 8)),
    TensorType((4, 9)),
    TensorType((4, 2)),
    TensorType((4, 6, 9, 8)),
    TensorType((4,)),
    TensorType((4, 1, 1)),
    TensorType((4,), INT64),
)
PARAMETERS = [(word, name) for word, operation in sorted(operations().items()) for name in parameters_of(operation)]


def drawn(parameter: Parameter, x: TensorType, random: Random) -> Any:
    """A value as a spec may have it: the default, or one of the parameter's kind, which may not fit."""
    if not parameter.required and random.random() < 0.5:
        return parameter.default
    if parameter.choices:
        words = axis_words(x)
        several = parameter.kind.startswith("tuple")
        return tuple(random.sample(words, len(words))) if several else random.choice(parameter.choices)
    kinds: dict[str, Any] = {
        "int": random.choice((1, 2, 3, 4, 5, 8)),
        "float": random.choice((0.1, 0.25, 0.5, 0.75, 1.0, 2.0)),
        "bool": random.random() < 0.5,
        "Sizes": tuple(random.choice((0, 1, 2, 3)) for _ in range(x.rank)),
        "Padding": random.choice((0, 1, 2)),
        "Shape": tuple(random.choice((1, 2, 3)) for _ in range(random.choice((1, 2)))),
        "tuple[float, ...]": tuple(random.choice((0.25, 0.5, 1.0)) for _ in range(4)),
        "tuple[int, ...]": tuple(random.choice((1, 2, 3, 4)) for _ in range(random.choice((1, 2)))),
    }
    return kinds[parameter.kind.removesuffix(" | None")]


def made(kind: type[Operation], values: dict[str, Any], x: TensorType) -> Recorded | None:
    """The lowerings; None where a value is out of range or the shape rule refuses the input."""
    bound = {name: typed(kind, parameters_of(kind)[name], value, x) for name, value in values.items()}
    if any(isinstance(value, Fact) for value in bound.values()):
        return None
    operation, inputs = kind(**bound), [x] * kind.least_inputs
    if kind.word in SMALLER:
        inputs[SMALLER[kind.word]] = x.with_spatial(tuple(1 for _ in x.spatial))
    return None if isinstance(operation.infer(*inputs), Misfit) else record(operation, *inputs)


def onnx_form(recorded: Recorded) -> str:
    """The nodes with their constants and the shapes of the weights, as text."""
    graph = recorded.graph
    nodes = [(node.operator, node.inputs, node.attributes) for node in graph.nodes]
    constants = [(constant.name, constant.values, constant.shape) for constant in graph.constants]
    shapes = [(weight.name, weight.shape) for weight in recorded.operation.weights(recorded.site)]
    return repr((nodes, constants, shapes, len(recorded.outputs)))


def torch_form(recorded: Recorded) -> str:
    return repr(asdict(recorded.operation.pytorch(recorded.site)))


def effects(word: str, name: str) -> set[str]:
    """The targets in which some change of the parameter alone, all others kept, changes something."""
    kind = operations()[word]
    table = parameters_of(kind)
    random = Random(f"{word} {name}")  # noqa: S311 - no secrets here
    found: set[str] = set()
    for _ in range(TRIES):
        x = random.choice(INPUTS)
        values = {each.name: drawn(each, x, random) for each in table.values()}
        first = made(kind, values, x)
        second = made(kind, {**values, name: drawn(table[name], x, random)}, x)
        if first is None or second is None:
            continue
        if onnx_form(first) != onnx_form(second):
            found.add("onnx")
        if torch_form(first) != torch_form(second):
            found.add("pytorch")
        if found == {"onnx", "pytorch"}:
            break
    return found


@pytest.mark.parametrize(("word", "name"), PARAMETERS)
def test_it_has_an_effect_in_both_targets(word: str, name: str) -> None:
    expected = {target for target in ("onnx", "pytorch") if (word, name, target) not in WITHOUT_EFFECT}
    assert effects(word, name) == expected


def test_every_exception_is_of_a_parameter_that_exists() -> None:
    assert {(word, name) for word, name, _ in WITHOUT_EFFECT} <= set(PARAMETERS)
