"""Activations against ONNX's inference, onnxruntime and PyTorch."""

from __future__ import annotations

from typing import Any

import pytest

from netdsl.ops.contract import Misfit
from netdsl.types.sizes import symbol
from tests.ops.harness import check, make, tensor

SHAPES = [(6,), (3, 5), (3, 4, 5), (2, 3, 4, 5)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("word", "settings"),
    [
        ("relu", {}),
        ("leaky_relu", {}),
        ("leaky_relu", {"slope": 0.2}),
        ("leaky_relu", {"slope": -0.5}),
        ("elu", {}),
        ("elu", {"alpha": 0.3}),
        ("sigmoid", {}),
        ("tanh", {}),
        ("abs", {}),
        ("softmax", {}),
    ],
)
def test_every_activation_at_every_rank(word: str, settings: dict[str, Any], shape: tuple[int, ...]) -> None:
    recorded = check(make(word, **settings), tensor(*shape))
    assert recorded.site.y.shape == shape


@pytest.mark.parametrize(
    ("axis", "shape"),
    [("length", (3, 5)), ("height", (3, 4, 5)), ("width", (3, 4, 5)), ("depth", (2, 3, 4, 5)), ("width", (2, 3, 4, 5))],
)
def test_softmax_along_every_axis(axis: str, shape: tuple[int, ...]) -> None:
    check(make("softmax", axis=axis), tensor(*shape))


def test_softmax_of_open_sizes() -> None:
    check(make("softmax", axis="width"), tensor(3, symbol("H"), symbol("W")), H=4, W=5)


@pytest.mark.parametrize(("axis", "shape"), [("width", (3, 5)), ("length", (3, 4, 5)), ("height", (6,))])
def test_softmax_along_an_axis_that_is_not_there(axis: str, shape: tuple[int, ...]) -> None:
    result = make("softmax", axis=axis).infer(tensor(*shape))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == ("E217", "axis")
