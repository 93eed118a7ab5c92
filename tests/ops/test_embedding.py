"""Tables of vectors and the places of a sequence against ONNX's inference, onnxruntime and PyTorch."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import netdsl
from netdsl.ops.contract import Misfit
from netdsl.types.sizes import symbol
from netdsl.types.tensors import INT64, TensorType
from netdsl.weights.sources import Drawn, array_of
from tests.ops.harness import OPSET, check, make, record, site_of, tensor, torch_module

H, T = symbol("H"), symbol("T")
KINDS = ("learned", "sinusoid")


def indices(*shape: object) -> TensorType:
    return TensorType(shape, INT64)  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", [(7,), (1,), (5, 4), (2, 3, 4)], ids=str)
def test_every_rank_of_indices(shape: tuple[int, ...]) -> None:
    assert check(make("embed", vocabulary=3, channels=6), indices(*shape)).site.y == tensor(6, *shape)


def test_open_numbers_of_indices() -> None:
    check(make("embed", vocabulary=3, channels=6), indices(T), T=5)
    check(make("embed", vocabulary=3, channels=6), indices(H, T), H=2, T=5)


def test_the_table_is_pytorchs() -> None:
    layer = make("embed", vocabulary=500, channels=40)
    site = site_of(layer, indices(7))
    state = torch_module(layer.pytorch(site)).state_dict()
    (weight,) = layer.weights(site)
    assert {weight.name: weight.shape} == {name: tuple(array.shape) for name, array in state.items()}
    assert (weight.initializer.mean, weight.initializer.deviation) == (0, 1)
    assert state["weight"].std() == pytest.approx(1, abs=0.05)


def test_a_table_is_looked_up_by_whole_numbers() -> None:
    result = make("embed", vocabulary=3, channels=6).infer(tensor(4, T))
    assert isinstance(result, Misfit)
    assert result.fact.message == "`embed` takes whole numbers, such as `int64[T]`, and float32[4xT] came"


@pytest.mark.parametrize("opset", [17, 18, OPSET, 23])
@pytest.mark.parametrize("channels", [1, 2, 7, 8])
@pytest.mark.parametrize("kind", KINDS)
def test_positions(kind: str, channels: int, opset: int) -> None:
    check(make("positions", kind=kind), tensor(channels, 9), opset=opset)
    check(make("positions", kind=kind, length=12), tensor(channels, 9), opset=opset)
    check(make("positions", kind=kind, length=12), tensor(channels, T), opset=opset, T=5)


def test_waves_need_no_length_and_are_exact_far_away() -> None:
    check(make("positions", kind="sinusoid"), tensor(4, T), T=20_000)


def test_waves_are_those_of_the_paper() -> None:
    layer = make("positions", kind="sinusoid")
    x = torch.zeros(1, 6, 50, dtype=torch.float64)
    waves = torch_module(layer.pytorch(site_of(layer, tensor(6, 50))))(x)[0]
    for place, pair in ((0, 0), (1, 0), (7, 1), (49, 2)):
        angle = place / 10_000 ** (2 * pair / 6)
        assert waves[2 * pair, place].item() == pytest.approx(math.sin(angle), abs=1e-12)
        assert waves[2 * pair + 1, place].item() == pytest.approx(math.cos(angle), abs=1e-12)


def test_learned_positions_begin_small() -> None:
    layer = make("positions", length=200)
    site = site_of(layer, tensor(64, T))
    state = torch_module(layer.pytorch(site)).state_dict()
    (weight,) = layer.weights(site)
    assert {weight.name: weight.shape} == {name: tuple(array.shape) for name, array in state.items()}
    assert weight.initializer.deviation == 0.02
    assert state["weight"].std() == pytest.approx(0.02, rel=0.05)


def test_waves_have_no_weights() -> None:
    layer = make("positions", kind="sinusoid")
    assert layer.weights(site_of(layer, tensor(64, T))) == ()


def test_how_many_places_there_can_be() -> None:
    layer = make("positions", length=12)
    assert layer.needs(record(layer, tensor(6, T)).site) == ((12 - T, 0),)
    assert layer.needs(record(layer, tensor(6, 12)).site) == ()
    assert make("positions", kind="sinusoid").needs(site_of(make("positions", kind="sinusoid"), tensor(6, T))) == ()


@pytest.mark.parametrize(
    ("length", "shape", "code", "parameter"),
    [
        (None, (6, T), "E209", None),
        (8, (6, 9), "E303", "length"),
        (8, (6,), "E227", None),
        (8, (6, 4, 4), "E227", None),
        (8, (H, 8), "E209", None),
    ],
    ids=str,
)
def test_what_positions_refuse(length: int | None, shape: tuple[int, ...], code: str, parameter: str | None) -> None:
    result = make("positions", length=length).infer(tensor(*shape))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == (code, parameter)


def test_a_place_of_an_embedding_sees_one_index() -> None:
    net = netdsl.parse("net Text { input tokens: int64[T]; embed 30 x8; positions 40; conv 3 x4 dilation=2 }").only()
    fields = [layer.receptive_field for layer in net.report.layers]
    assert [(field.size, field.offset) for field in fields] == [((1,), (0,)), ((1,), (0,)), ((5,), (0,))]


@pytest.mark.parametrize(("length", "chosen"), [(3, 3), (40, 4)])
def test_lengths_that_are_chosen_keep_below_the_end(length: int, chosen: int) -> None:
    found = netdsl.parse(f"net Text {{ input tokens: int64[T]; embed 30 x8; positions {length} }}").only().verify()
    assert (found.sizes, found.agrees) == ({"T": chosen}, True)


# ---- the index that pads ---------------------------------------------------------------------


def test_the_vector_that_pads_is_zeros_and_the_others_are_as_without_it() -> None:
    plain, padded = make("embed", vocabulary=5, channels=6), make("embed", vocabulary=5, channels=6, padding=2)
    tables = []
    for layer in (plain, padded):
        (weight,) = layer.weights(site_of(layer, indices(7)))
        tables.append(array_of(Drawn(seed=3), "embed1.weight", weight))
    assert not tables[1][2].any()
    assert (np.delete(tables[0], 2, 0) == np.delete(tables[1], 2, 0)).all()
    assert tables[0][2].any()


def test_the_vector_that_pads_is_not_trained() -> None:
    layer = make("embed", vocabulary=5, channels=6, padding=2)
    module = torch_module(layer.pytorch(site_of(layer, indices(4))))
    assert not module.weight[2].any()
    module(torch.tensor([[2, 1, 2, 4]])).sum().backward()
    assert module.weight.grad.any(dim=1).tolist() == [False, True, False, False, True]


def test_a_table_that_pads_agrees_everywhere() -> None:
    check(make("embed", vocabulary=3, channels=6, padding=0), indices(5, 4))


def test_what_pads_is_an_index() -> None:
    result = make("embed", vocabulary=5, channels=6, padding=5).infer(indices(T))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == ("E303", "padding")
