"""Activations against ONNX's inference, onnxruntime and PyTorch."""

from __future__ import annotations

from typing import Any

import pytest

from netdsl.ops.contract import Misfit
from netdsl.types.sizes import symbol
from tests.ops.harness import check, make, record, tensor, torch_module

H, W = symbol("H"), symbol("W")
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
        ("relu6", {}),
        ("prelu", {}),
        ("prelu", {"shared": True, "slope": 0.1}),
        ("softplus", {}),
        ("softplus", {"beta": 0.25}),
        ("softplus", {"beta": 20.0}),
        ("silu", {}),
        ("gelu", {}),
        ("gelu", {"approximate": "tanh"}),
        ("mish", {}),
        ("selu", {}),
        ("celu", {}),
        ("celu", {"alpha": 0.3}),
        ("hard_sigmoid", {}),
        ("hard_swish", {}),
        ("softmax", {}),
        ("log_softmax", {}),
    ],
)
def test_every_activation_at_every_rank(word: str, settings: dict[str, Any], shape: tuple[int, ...]) -> None:
    recorded = check(make(word, **settings), tensor(*shape))
    assert recorded.site.y.shape == shape


@pytest.mark.parametrize(
    ("axis", "shape"),
    [("length", (3, 5)), ("height", (3, 4, 5)), ("width", (3, 4, 5)), ("depth", (2, 3, 4, 5)), ("width", (2, 3, 4, 5))],
)
@pytest.mark.parametrize("word", ["softmax", "log_softmax"])
def test_softmax_along_every_axis(word: str, axis: str, shape: tuple[int, ...]) -> None:
    check(make(word, axis=axis), tensor(*shape))


def test_softmax_of_open_sizes() -> None:
    check(make("softmax", axis="width"), tensor(3, H, W), H=4, W=5)


@pytest.mark.parametrize(("axis", "shape"), [("width", (3, 5)), ("length", (3, 4, 5)), ("height", (6,))])
def test_softmax_along_an_axis_that_is_not_there(axis: str, shape: tuple[int, ...]) -> None:
    result = make("softmax", axis=axis).infer(tensor(*shape))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == ("E217", "axis")


@pytest.mark.parametrize("approximate", ["none", "tanh"])
@pytest.mark.parametrize(("word", "opset"), [("gelu", 19), ("gelu", 20), ("mish", 17), ("mish", 18)])
def test_older_opsets_have_the_parts(word: str, opset: int, approximate: str) -> None:
    recorded = check(make(word, **({"approximate": approximate} if word == "gelu" else {})), tensor(3, 40), opset=opset)
    operators = [node.operator for node in recorded.graph.nodes]
    assert (operators == [word.capitalize()]) == (opset in (18, 20))


# ---- prelu -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5, 5, 5), (5, 1, 5), (1, 5, 5)])
def test_a_slope_belongs_to_its_channel(shape: tuple[int, ...]) -> None:
    check(make("prelu"), tensor(*shape))


def test_slopes_of_open_sizes() -> None:
    check(make("prelu"), tensor(3, H, W), H=4, W=3)
    check(make("prelu", shared=True), tensor(H, W), H=4, W=3)
    result = make("prelu").infer(tensor(H, 4))
    assert isinstance(result, Misfit)
    assert result.fact.code == "E209"


@pytest.mark.parametrize(("shared", "slopes"), [(False, 6), (True, 1)])
def test_slopes_begin_as_in_pytorch(shared: bool, slopes: int) -> None:
    layer = make("prelu", shared=shared)
    site = record(layer, tensor(6, 4)).site
    (weight,) = layer.weights(site)
    assert weight.shape == (slopes,)
    module = torch_module(layer.pytorch(site))
    assert module.state_dict()["weight"].tolist() == [weight.initializer.value] * slopes
