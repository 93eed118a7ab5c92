"""Normalisations of each example against ONNX's inference, onnxruntime and PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import netdsl
from netdsl.ops.contract import EVERYWHERE, POINTWISE, Misfit
from netdsl.types.sizes import symbol
from tests.ops.harness import check, make, onnx_model, record, run_onnx, tensor, torch_module

H, W = symbol("H"), symbol("W")
SHAPES = [(6,), (6, 5), (6, 4, 5), (6, 2, 3, 4)]
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("layer_norm", {}),
    ("rms_norm", {}),
    ("group_norm", {"groups": 2}),
    ("group_norm", {"groups": 1}),
    ("instance_norm", {}),
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("settings", [{}, {"affine": True}, {"affine": False}, {"eps": 0.1}])
@pytest.mark.parametrize(("word", "own"), KINDS)
def test_every_rank(word: str, own: dict[str, Any], settings: dict[str, Any], shape: tuple[int, ...]) -> None:
    layer = make(word, **own, **settings)
    if word == "instance_norm" and len(shape) == 1:
        result = layer.infer(tensor(*shape))
        assert isinstance(result, Misfit)
        assert result.fact.code == "E208"
        return
    check(layer, tensor(*shape))


@pytest.mark.parametrize(("word", "own"), KINDS)
def test_open_sizes(word: str, own: dict[str, Any]) -> None:
    check(make(word, **own, affine=True), tensor(6, H, W), H=3, W=4)
    result = make(word, **own).infer(tensor(H, 4))
    assert isinstance(result, Misfit)
    assert result.fact.code == "E209"


@pytest.mark.parametrize("shape", [(6,), (6, 4, 5)])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("opset", [17, 18, 22, 23])
def test_root_mean_squares_in_every_opset(opset: int, affine: bool, shape: tuple[int, ...]) -> None:
    recorded = check(make("rms_norm", affine=affine), tensor(*shape), opset=opset)
    assert ("RMSNormalization" in [node.operator for node in recorded.graph.nodes]) == (opset == 23)


@pytest.mark.parametrize("word", ["layer_norm", "rms_norm", "group_norm", "instance_norm"])
def test_weights_are_pytorchs(word: str) -> None:
    layer = make(word, affine=True, **({"groups": 3} if word == "group_norm" else {}))
    site = record(layer, tensor(6, 4, 5)).site
    state = torch_module(layer.pytorch(site)).state_dict()
    weights = layer.weights(site)
    assert [weight.name for weight in weights] == list(state)
    for weight in weights:
        assert weight.initializer.value == state[weight.name][0]


@pytest.mark.parametrize(
    ("groups", "shape"), [(3, (6, 1)), (6, (6, 4)), (2, (6,)), (1, (2, 1, 1)), (2, (2, 1, 2))], ids=str
)
def test_two_numbers_are_enough(groups: int, shape: tuple[int, ...]) -> None:
    check(make("group_norm", groups=groups), tensor(*shape))


@pytest.mark.parametrize(("groups", "shape"), [(6, (6,)), (6, (6, 1)), (1, (1, 1, 1))], ids=str)
def test_one_number_has_no_spread(groups: int, shape: tuple[int, ...]) -> None:
    result = make("group_norm", groups=groups).infer(tensor(*shape))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == ("E225", "groups")


def test_one_place_has_no_spread() -> None:
    result = make("instance_norm").infer(tensor(6, 1, 1))
    assert isinstance(result, Misfit)
    assert result.fact.code == "E225"


@pytest.mark.parametrize(("word", "own", "least"), [("instance_norm", {}, H * W), ("group_norm", {"groups": 6}, H * W)])
def test_open_places_are_more_than_one(word: str, own: dict[str, int], least: object) -> None:
    layer = make(word, **own)
    assert layer.needs(record(layer, tensor(6, H, W)).site) == ((least, 2),)
    assert layer.needs(record(layer, tensor(6, 2 * H, W)).site) == ()


def test_groups_divide_the_channels() -> None:
    result = make("group_norm", groups=4).infer(tensor(6, 2))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == ("E205", "groups")


def test_the_receptive_field() -> None:
    for word, own, reach in (("layer_norm", {}, POINTWISE), ("group_norm", {"groups": 2}, EVERYWHERE)):
        layer = make(word, **own)
        assert layer.reach(record(layer, tensor(6, 4)).site) is reach


def test_an_empty_batch_passes() -> None:
    x = tensor(6, 4, 5)
    model = onnx_model(record(make("group_norm", groups=2, affine=False), x), {}, {"x0": x})
    assert run_onnx(model, {"x0": np.zeros((0, 6, 4, 5), np.float32)}, optimise=True).shape == (0, 6, 4, 5)


@pytest.mark.parametrize("operation", ["group_norm 2", "group_norm 4", "instance_norm"])
def test_long_sums_keep_their_digits(operation: str) -> None:
    net = netdsl.parse(f"net Large {{ input image: 3x240x240; conv 3x3 x4 same -> relu -> {operation} }}")["Large"]
    (output,) = net.verify(batch=1).outputs
    assert output.relative < 1e-6
