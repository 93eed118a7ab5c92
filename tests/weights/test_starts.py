"""The words of `init=` begin weights as `torch.nn.init` does, and as their papers say."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from netdsl.weights.draw import pieces
from netdsl.weights.starts import STARTS, Start, fans


def drawn(start: Start, shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    numbers = b"".join(bytes(piece) for piece in pieces(start.scheme(shape), math.prod(shape), "layer.weight", seed))
    return np.frombuffer(numbers, "<f4").reshape(shape)


@pytest.mark.parametrize("shape", [(64, 32), (64, 16, 3), (32, 16, 5, 3), (16, 8, 3, 3, 3)])
def test_fans_are_torchs(shape: tuple[int, ...]) -> None:
    assert fans(shape) == nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))


@pytest.mark.parametrize(
    ("word", "torch_name", "settings"),
    [
        ("he", "kaiming_normal_", {}),
        ("he_fan_out", "kaiming_normal_", {"mode": "fan_out"}),
        ("xavier", "xavier_uniform_", {}),
    ],
)
def test_a_scheme_has_the_spread_of_torchs(word: str, torch_name: str, settings: dict[str, str]) -> None:
    shape = (256, 128, 3, 3)
    torch.manual_seed(0)
    expected = getattr(nn.init, torch_name)(torch.empty(shape), **settings)
    found = drawn(STARTS[word], shape)
    assert abs(found.mean()) < 4 * float(expected.std()) / math.sqrt(found.size)
    assert found.std() == pytest.approx(float(expected.std()), rel=0.01)
    assert np.abs(found).max() == pytest.approx(float(expected.abs().max()), rel=0.2)


def test_numbers_are_what_they_say() -> None:
    assert np.all(drawn(STARTS["zeros"], (3, 2)) == 0)
    assert np.all(drawn(STARTS["ones"], (3,)) == 1)
    assert np.all(drawn(Start("constant", (0.25,)), (3,)) == np.float32(0.25))
    assert drawn(Start("normal", (0.01,)), (100_000,)).std() == pytest.approx(0.01, rel=0.02)
    assert np.abs(drawn(Start("uniform", (0.05,)), (10_000,))).max() == pytest.approx(0.05, rel=0.01)


@pytest.mark.parametrize("shape", [(12, 30), (30, 12), (8, 4, 3, 3)])
def test_orthogonal_rows_or_columns(shape: tuple[int, ...]) -> None:
    flat = drawn(STARTS["orthogonal"], shape).reshape(shape[0], -1).astype(np.float64)
    product = flat @ flat.T if flat.shape[0] <= flat.shape[1] else flat.T @ flat
    assert np.allclose(product, np.eye(len(product)), atol=1e-6)


@pytest.mark.parametrize("shape", [(4, 4, 3), (6, 4, 3, 3), (4, 4, 3, 3, 3)])
def test_identity_is_torchs_dirac(shape: tuple[int, ...]) -> None:
    assert np.array_equal(drawn(STARTS["identity"], shape), nn.init.dirac_(torch.empty(shape)).numpy())


@pytest.mark.parametrize("factor", [2, 3, 4, 8])
def test_bilinear_weights_enlarge_as_interpolation_does(factor: int) -> None:
    window = 2 * factor - factor % 2
    weight = torch.from_numpy(drawn(STARTS["bilinear"], (3, 3, window, window)).copy())
    picture = torch.randn(1, 3, 9, 9, generator=torch.Generator().manual_seed(0))
    padding = (window - factor) // 2 if (window - factor) % 2 == 0 else None
    assert padding is not None
    enlarged = functional.conv_transpose2d(picture, weight, stride=factor, padding=padding)
    expected = functional.interpolate(picture, scale_factor=factor, mode="bilinear")
    inner = slice(factor, -factor)
    assert torch.allclose(enlarged[..., inner, inner], expected[..., inner, inner], atol=1e-6)


def test_what_an_array_has_no_place_for_does_not_fit() -> None:
    assert [word for word in STARTS if STARTS[word].fits((16,))] == ["zeros", "ones"]
    assert not STARTS["bilinear"].fits((16, 8))
    assert all(start.fits((16, 8, 3, 3)) for start in STARTS.values())


def test_a_start_is_written_as_in_a_spec() -> None:
    assert [str(start) for start in (STARTS["he"], Start("normal", (0.01,)), STARTS["ones"])] == [
        "he",
        "normal(0.01)",
        "1",
    ]
