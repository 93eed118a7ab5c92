"""Normalisations against ONNX's inference, onnxruntime and PyTorch, and `lrn` against the paper's formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from netdsl.ops.contract import Misfit
from netdsl.ops.lowering import TorchModule
from netdsl.types.sizes import symbol
from tests.ops.harness import assert_close, check, make, onnx_model, record, run_onnx, tensor, torch_module

H, W = symbol("H"), symbol("W")


# ---- batch normalisation ---------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(6,), (6, 5), (6, 4, 5), (6, 2, 3, 4)])
@pytest.mark.parametrize("settings", [{}, {"affine": False}, {"eps": 0.1, "momentum": 0.25}])
def test_batch_normalisation_at_every_rank(shape: tuple[int, ...], settings: dict[str, Any]) -> None:
    check(make("bn", **settings), tensor(*shape))


def test_batch_normalisation_of_open_sizes() -> None:
    check(make("bn"), tensor(6, H, W), H=3, W=4)
    result = make("bn").infer(tensor(H, 4))
    assert isinstance(result, Misfit)
    assert result.fact.code == "E209"


def test_its_weights_are_pytorchs() -> None:
    recorded = record(make("bn"), tensor(6, 4, 5))
    state = torch_module(recorded.operation.pytorch(recorded.site)).state_dict()
    weights = recorded.operation.weights(recorded.site)
    assert [weight.name for weight in weights] == [name for name in state if name != "num_batches_tracked"]
    assert [weight.trainable for weight in weights] == [True, True, False, False]
    assert [weight.buffer for weight in weights] == [False, False, True, True]
    for weight in weights:
        assert weight.initializer.value == state[weight.name][0]


def test_onnx_keeps_what_pytorch_replaces() -> None:
    (node,) = record(make("bn", momentum=0.1), tensor(6, 4, 5)).graph.nodes
    assert node.attributes == {"epsilon": 1e-5, "momentum": 0.9}


# ---- local response normalisation ------------------------------------------------------------


@pytest.mark.parametrize("shape", [(7, 5), (7, 4, 5), (7, 2, 3, 4), (2, 4, 5)])
@pytest.mark.parametrize("size", [1, 3, 5])
@pytest.mark.parametrize("settings", [{}, {"alpha": 0.3, "beta": 0.5, "k": 1.5}])
def test_local_response_normalisation(shape: tuple[int, ...], size: int, settings: dict[str, float]) -> None:
    check(make("lrn", size=size, **settings), tensor(*shape))


def test_local_response_normalisation_of_open_sizes() -> None:
    check(make("lrn", size=3, alpha=0.3), tensor(5, H), H=4)
    check(make("lrn", size=3, alpha=0.3), tensor(5, H, W), H=4, W=2)


def test_its_formula_is_the_papers() -> None:
    size, alpha, beta, k, channels = 5, 0.2, 0.75, 2.0, 9
    x = np.random.default_rng(0).standard_normal((2, channels, 3, 3)).astype(np.float32)
    truth = np.empty(x.shape)
    for channel in range(channels):
        near = x[:, max(0, channel - size // 2) : min(channels, channel + size // 2 + 1)].astype(np.float64)
        truth[:, channel] = x[:, channel] / (k + alpha * (near**2).sum(axis=1)) ** beta
    recorded = record(make("lrn", size=size, alpha=alpha, beta=beta, k=k), tensor(channels, 3, 3))
    model = onnx_model(recorded, {}, {"x0": tensor(channels, 3, 3)})
    assert_close(run_onnx(model, {"x0": x}, optimise=True), truth)


def test_alpha_stays_readable_in_source() -> None:
    lowering = make("lrn", size=3).pytorch(record(make("lrn", size=3), tensor(7, 4, 5)).site)
    assert isinstance(lowering, TorchModule)
    assert lowering.keywords == {"alpha": 0.0003, "k": 2.0}


def test_an_even_window_has_no_middle() -> None:
    result = make("lrn", size=4).infer(tensor(7, 4, 5))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == ("E212", "size")


# ---- normalisation by fixed numbers ----------------------------------------------------------

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@pytest.mark.parametrize("shape", [(3,), (3, 5), (3, 4, 5), (3, 2, 4, 5)])
def test_fixed_numbers_at_every_rank(shape: tuple[int, ...]) -> None:
    check(make("normalize", mean=MEAN, std=STD), tensor(*shape))


def test_fixed_numbers_are_no_state() -> None:
    recorded = record(make("normalize", mean=MEAN, std=STD), tensor(3, H, W))
    assert not torch_module(recorded.operation.pytorch(recorded.site)).state_dict()


@pytest.mark.parametrize(
    ("mean", "std", "parameter"), [((0.5,), STD, "mean"), (MEAN, STD[:2], "std"), ((*MEAN, 0.0), (*STD, 1.0), "mean")]
)
def test_every_channel_needs_its_number(mean: tuple[float, ...], std: tuple[float, ...], parameter: str) -> None:
    result = make("normalize", mean=mean, std=std).infer(tensor(3, 4, 5))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == ("E214", parameter)
