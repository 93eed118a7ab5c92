"""Recurrent layers against ONNX's inference, onnxruntime and PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import netdsl
from netdsl.ops.contract import EVERYWHERE, Misfit
from netdsl.types.sizes import symbol
from netdsl.weights.initializers import Uniform
from tests.ops.harness import OPSET, check, make, onnx_model, record, run_onnx, site_of, tensor, torch_module

H, T = symbol("H"), symbol("T")
WORDS = ("lstm", "gru", "rnn")
KINDS_OF_WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
SETTINGS: list[dict[str, Any]] = [
    {},
    {"layers": 3},
    {"bidirectional": True},
    {"layers": 2, "bidirectional": True, "bias": False},
    {"layers": 2, "bidirectional": True, "dropout": 0.5},
]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("word", WORDS)
def test_layers_and_directions(word: str, layers: int, bidirectional: bool, bias: bool) -> None:
    layer = make(word, units=5, layers=layers, bidirectional=bidirectional, bias=bias)
    assert check(layer, tensor(3, 7)).site.y == tensor(10 if bidirectional else 5, 7)


@pytest.mark.parametrize("opset", [17, 18, 20, OPSET, 22, 23])
@pytest.mark.parametrize("word", WORDS)
def test_every_opset(word: str, opset: int) -> None:
    check(make(word, units=4, layers=2, bidirectional=True), tensor(3, 6), opset=opset)


@pytest.mark.parametrize("word", WORDS)
def test_an_open_length(word: str) -> None:
    layer = make(word, units=4, layers=2, bidirectional=True)
    for length in (1, 2, 9):
        assert check(layer, tensor(3, T), T=length).site.y == tensor(8, T)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_activations_of_a_plain_net(bidirectional: bool) -> None:
    check(make("rnn", units=4, activation="relu", layers=2, bidirectional=bidirectional), tensor(3, 6))


@pytest.mark.parametrize("word", WORDS)
def test_both_directions_are_two_layers(word: str) -> None:
    """The second half of the channels is the layer of the other weights on the sequence from behind."""
    both, one = make(word, units=4, bidirectional=True), make(word, units=4)
    x = torch.randn(2, 3, 7)
    layer, ahead, back = (torch_module(each.pytorch(site_of(each, tensor(3, 7)))) for each in (both, one, one))
    state = layer.state_dict()
    ahead.load_state_dict({name: array for name, array in state.items() if not name.endswith("_reverse")})
    back.load_state_dict({name.removesuffix("_reverse"): a for name, a in state.items() if name.endswith("_reverse")})
    with torch.no_grad():
        expected = torch.cat([ahead(x), back(x.flip(2)).flip(2)], dim=1)
        assert torch.allclose(layer(x), expected, atol=1e-6)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("word", WORDS)
def test_weights_are_pytorchs(word: str, settings: dict[str, Any]) -> None:
    layer = make(word, units=16, **settings)
    site = site_of(layer, tensor(3, 7))
    state = torch_module(layer.pytorch(site)).state_dict()
    weights = layer.weights(site)
    assert [(weight.name, weight.shape) for weight in weights] == [(name, (*a.shape,)) for name, a in state.items()]
    for weight in weights:
        assert weight.initializer == Uniform(-0.25, 0.25)
        assert state[weight.name].abs().max() <= 0.25
    assert max(float(array.abs().max()) for array in state.values()) > 0.2


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("word", WORDS)
def test_products_are_those_that_pytorch_counts(word: str, settings: dict[str, Any]) -> None:
    layer = make(word, units=5, **settings)
    site = site_of(layer, tensor(3, 7))
    with torch.device("meta"):
        module, x = torch_module(layer.pytorch(site)).eval(), torch.empty(1, 3, 7)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(x)
    assert layer.macs(site) == 0
    assert layer.further_macs(site) == (("recurrence", counter.get_total_flops() // 2),)


def test_products_of_an_open_length() -> None:
    layer = make("gru", units=5)
    assert layer.further_macs(site_of(layer, tensor(3, T))) == (("recurrence", 3 * 5 * (3 + 5) * T),)


@pytest.mark.parametrize("word", WORDS)
def test_the_receptive_field_is_global(word: str) -> None:
    layer = make(word, units=5)
    assert layer.reach(site_of(layer, tensor(3, 7))) is EVERYWHERE


def test_dropout_stands_between_layers_in_training() -> None:
    layer = make("lstm", units=64, layers=2, dropout=0.5)
    module = torch_module(layer.pytorch(site_of(layer, tensor(3, 7))))
    x = torch.randn(1, 3, 7)
    with torch.no_grad():
        assert not torch.equal(module.train()(x), module.train()(x))
        assert torch.equal(module.eval()(x), module.eval()(x))


@pytest.mark.parametrize(
    ("shape", "settings", "code", "parameter"),
    [
        ((6,), {}, "E227", None),
        ((6, 4, 4), {}, "E227", None),
        ((H, 4), {}, "E209", None),
        ((6, 4), {"dropout": 0.5}, "E303", "dropout"),
    ],
    ids=str,
)
@pytest.mark.parametrize("word", WORDS)
def test_what_they_refuse(
    word: str, shape: tuple[int, ...], settings: dict[str, Any], code: str, parameter: str | None
) -> None:
    result = make(word, units=4, **settings).infer(tensor(*shape))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == (code, parameter)


def test_whole_numbers_are_refused() -> None:
    (found,) = netdsl.parse("net Text { input tokens: int64[8x30]; lstm 16 }").diagnostics
    assert found.message == "`lstm` takes numbers of float32, and int64[8x30] came"


@pytest.mark.parametrize("word", WORDS)
def test_onnx_holds_the_weights_as_pytorch_names_them(word: str) -> None:
    net = netdsl.parse(f"net Reader {{ input 3x7; reader: {word} 4 bidirectional=true }}").only()
    names = [f"reader.{kind}_l0{way}" for way in ("", "_reverse") for kind in KINDS_OF_WEIGHTS]
    assert list(net.weights()) == list(net.module().state_dict()) == names


@pytest.mark.parametrize("word", WORDS)
def test_an_example_alone_is_as_in_a_batch(word: str) -> None:
    recorded = record(make(word, units=4, layers=2, bidirectional=True), tensor(3, 7))
    random = np.random.default_rng(0)
    weights = {
        weight.name: random.standard_normal(weight.shape, dtype=np.float32)
        for weight in recorded.operation.weights(recorded.site)
    }
    model = onnx_model(recorded, weights, {"x0": tensor(3, 7)})
    batch = random.standard_normal((3, 3, 7), dtype=np.float32)
    together = run_onnx(model, {"x0": batch}, optimise=True)
    for place in range(3):
        alone = run_onnx(model, {"x0": batch[place : place + 1]}, optimise=True)
        np.testing.assert_allclose(alone[0], together[place], atol=1e-6)
