"""Dense layers against ONNX's inference, onnxruntime and PyTorch."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from netdsl.ops.contract import EVERYWHERE, POINTWISE, Misfit
from netdsl.types.sizes import symbol
from tests.ops.harness import check, make, record, site_of, tensor, torch_module

T = symbol("T")


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("axis", ["all", "channels"])
@pytest.mark.parametrize("shape", [(5,), (5, 1), (5, 1, 1), (5, 1, 1, 1)])
def test_places_of_one_cell(shape: tuple[int, ...], axis: str, bias: bool) -> None:
    recorded = check(make("fc", units=7, bias=bias, axis=axis), tensor(*shape))
    assert recorded.site.y.shape == ((7,) if axis == "all" else (7, *shape[1:]))


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("shape", [(5, 4), (5, 3, 4), (5, 2, 3, 4)])
def test_the_channels_of_every_place(shape: tuple[int, ...], bias: bool) -> None:
    recorded = check(make("fc", units=7, bias=bias, axis="channels"), tensor(*shape))
    assert recorded.site.y.shape == (7, *shape[1:])
    assert recorded.operation.weights(recorded.site)[0].shape == (7, 5)


def test_open_places() -> None:
    assert check(make("fc", units=7, axis="channels"), tensor(5, T), T=6).site.y.shape == (7, T)


@pytest.mark.parametrize(("shape", "code"), [((5, 4, 4), "E203"), ((T,), "E209"), ((T, 1), "E209")])
def test_what_is_refused(shape: tuple[int, ...], code: str) -> None:
    result = make("fc", units=7).infer(tensor(*shape))
    assert isinstance(result, Misfit)
    assert result.fact.code == code


@pytest.mark.parametrize(("shape", "axis"), [((5,), "all"), ((5, 3, 4), "channels")])
def test_multiplications_are_those_that_pytorch_counts(shape: tuple[int, ...], axis: str) -> None:
    layer = make("fc", units=7, axis=axis)
    site = site_of(layer, tensor(*shape))
    with FlopCounterMode(display=False) as counter:
        torch_module(layer.pytorch(site))(torch.zeros(1, *shape))
    assert counter.get_total_flops() == 2 * layer.macs(site)


def test_the_receptive_field() -> None:
    for shape, reach in (((5,), EVERYWHERE), ((5, 1, 1), POINTWISE)):
        layer = make("fc", units=7)
        assert layer.reach(record(layer, tensor(*shape)).site) is reach
