"""`init`, `bias_init` and `frozen` in the generated source: what its layers begin with, and whether they learn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import netdsl
from netdsl.weights.draw import pieces
from netdsl.weights.initializers import Constant

HEAD = "net Small {\n    input image: 4x8x8\n"


def module(body: str) -> nn.Module:
    torch.manual_seed(0)
    return netdsl.parse(f"{HEAD}{body}\n}}")["Small"].module()


def drawn(body: str, name: str) -> np.ndarray:
    weight = netdsl.parse(f"{HEAD}{body}\n}}")["Small"].weights()[name]
    data = b"".join(bytes(piece) for piece in pieces(weight.initializer, weight.count, name, 0))
    return np.frombuffer(data, "<f4").reshape(weight.shape)


@pytest.mark.parametrize("start", ["he", "he_fan_out", "xavier", "normal(0.01)", "uniform(0.05)"])
def test_both_targets_draw_with_one_spread(start: str) -> None:
    body = f"conv 3x3 x64 init={start}"
    weight = module(body).state_dict()["conv1.weight"].numpy()
    expected = drawn(body, "conv1.weight")
    assert weight.std() == pytest.approx(expected.std(), rel=0.1)
    assert abs(weight.mean()) < 0.1 * expected.std()


@pytest.mark.parametrize("start", ["zeros", "ones", "0.25", "identity", "bilinear"])
def test_both_targets_begin_with_the_same_numbers(start: str) -> None:
    body = f"upconv 4x4/2 x4 pad=1 bias=false init={start}"
    assert np.array_equal(module(body).state_dict()["upconv1.weight"].numpy(), drawn(body, "upconv1.weight"))


def test_orthogonal_weights_are_at_right_angles() -> None:
    weight = module("fc 16 axis=channels init=orthogonal").state_dict()["fc1.weight"]
    assert torch.allclose(weight.T @ weight, torch.eye(4), atol=1e-6)


def test_biases_begin_where_the_spec_says() -> None:
    state = module("conv 3x3 x8 init=he bias_init=1; conv 3x3 x8 bias_init=0.5; conv 1x1 x8 init=he").state_dict()
    assert [float(state[f"conv{number}.bias"].unique()) for number in (1, 2, 3)] == [1.0, 0.5, 0.0]
    assert len(state["conv2.weight"].unique()) > 8


def test_every_array_of_a_layer_begins_so() -> None:
    state = module("bn init=zeros").state_dict()
    assert float(state["bn1.weight"].abs().max()) == 0
    assert float(state["bn1.running_var"].min()) == 1


def test_what_is_frozen_does_not_learn() -> None:
    found = module("conv 3x3 x8 frozen=true; body: { bn frozen=true -> conv 1x1 x2 } * 2")
    learning = {name for name, parameter in found.named_parameters() if parameter.requires_grad}
    assert learning == {"body.1.weight", "body.1.bias", "body.3.weight", "body.3.bias"}


def test_layers_that_begin_differently_are_not_one_row() -> None:
    state = module("body: { conv 1x1 x4 init=ones; conv 1x1 x4 init=zeros }").state_dict()
    assert float(state["body.0.weight"].mean()) == 1
    assert float(state["body.1.weight"].abs().max()) == 0


def test_a_class_may_be_called_as_a_helper_is() -> None:
    text = "block layer(n) { first: conv 1x1 x n init=he; add { | | conv 1x1 x n } }\n" + HEAD
    source = netdsl.parse(text + "one: layer(4)\n}")["Small"].pytorch()
    namespace: dict[str, object] = {}
    exec(source, namespace)  # noqa: S102 - our own text
    net = namespace["Small"]
    assert isinstance(net, type)
    assert net()(torch.zeros(2, 4, 8, 8)).shape == (2, 4, 8, 8)


def test_an_index_that_only_pads_keeps_its_zeros() -> None:
    body = "net Words { input tokens: int64[12]; embed 50 x8 padding=3 init=normal(0.5) }"
    net = netdsl.parse(body)["Words"]
    weight = net.weights()["embed1.weight"]
    data = b"".join(bytes(piece) for piece in pieces(weight.initializer, weight.count, "embed1.weight", 0))
    for table in (np.frombuffer(data, "<f4").reshape(50, 8), net.module().state_dict()["embed1.weight"].numpy()):
        assert np.all(table[3] == 0)
        assert np.delete(table, 3, axis=0).std() == pytest.approx(0.5, rel=0.2)


def test_a_table_of_positions_is_no_bias() -> None:
    weights = netdsl.parse("net A { input image: 8x8x8; window_attention 4 heads=2 bias_init=1 }")["A"].weights()
    assert weights["window_attention1.relative_position_bias_table"].initializer != Constant(1.0)
    assert weights["window_attention1.qkv.bias"].initializer == Constant(1.0)
