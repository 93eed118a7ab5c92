"""Dropout of channels and examples, and learned factors, against ONNX's inference, onnxruntime and PyTorch."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from netdsl.ops.contract import Misfit
from netdsl.types.sizes import symbol
from tests.ops.harness import check, make, record, site_of, tensor, torch_module

H, W = symbol("H"), symbol("W")
SHAPES = [(6,), (6, 5), (6, 4, 5), (6, 2, 3, 4)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("word", "settings"), [("dropout", {"per": "channel"}), ("drop_path", {"rate": 0.25}), ("drop_path", {"rate": 0.0})]
)
def test_noise_leaves_no_node(word: str, settings: dict[str, Any], shape: tuple[int, ...]) -> None:
    assert check(make(word, **settings), tensor(*shape)).graph.nodes == []


def in_training(word: str, settings: dict[str, Any], *shape: int) -> torch.Tensor:
    """What becomes of 1000 examples of ones."""
    layer = make(word, **settings)
    module = torch_module(layer.pytorch(site_of(layer, tensor(*shape))))
    torch.manual_seed(0)
    return module(torch.ones(1000, *shape))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("word", "settings"), [("dropout", {"per": "channel"}), ("drop_path", {})])
def test_in_training_whole_parts_are_zero(word: str, settings: dict[str, Any], shape: tuple[int, ...]) -> None:
    result = in_training(word, {**settings, "rate": 0.25}, *shape)
    whole = result.flatten(2) if word == "dropout" and len(shape) > 1 else result.reshape(1000, -1)
    if len(shape) > 1 or word == "drop_path":
        assert torch.equal(whole.amin(-1), whole.amax(-1))
    assert (result == 0).float().mean().item() == pytest.approx(0.25, abs=0.05)
    assert result.max().item() == pytest.approx(1 / 0.75)


# ---- scale -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [*SHAPES, (5, 5, 5), (1, 5, 5)])
def test_a_factor_belongs_to_its_channel(shape: tuple[int, ...]) -> None:
    check(make("scale", value=0.5), tensor(*shape))


def test_factors_of_open_sizes() -> None:
    check(make("scale"), tensor(6, H, W), H=3, W=6)
    result = make("scale").infer(tensor(H, 4))
    assert isinstance(result, Misfit)
    assert result.fact.code == "E209"


def test_factors_begin_as_they_are_told() -> None:
    layer = make("scale", value=1e-6)
    site = record(layer, tensor(6, 4)).site
    (weight,) = layer.weights(site)
    assert torch_module(layer.pytorch(site)).state_dict()["weight"].tolist() == pytest.approx([1e-6] * 6)
    assert (weight.shape, weight.initializer.value) == ((6,), 1e-6)
