"""Weights are drawn by scheme, name and seed, and by nothing else."""

from __future__ import annotations

import math
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from netdsl.weights.draw import generator_for, pieces
from netdsl.weights.initializers import (
    PIECE,
    Constant,
    Initialisation,
    Normal,
    Uniform,
    fan_in_uniform,
    he_uniform,
    pytorch_default,
    xavier_uniform,
)

SCHEMES = [Uniform(-0.5, 1.5), Normal(0.5, 2.0), Constant(0.25)]


def drawn(scheme: Initialisation, count: int, key: str = "conv1.weight", seed: int = 0, **options: int) -> bytes:
    return b"".join(pieces(scheme, count, key, seed, **options))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("count", [0, 1, 7, PIECE, 2 * PIECE + 5])
def test_pieces_are_all_the_numbers_as_little_endian_float32(scheme: Initialisation, count: int) -> None:
    whole = scheme.draw(generator_for("conv1.weight", 0), count)
    assert drawn(scheme, count) == whole.astype("<f4").tobytes()
    assert len(drawn(scheme, count)) == 4 * count


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("piece", [1, 3, 64, 999, 1000])
def test_numbers_do_not_depend_on_the_size_of_the_pieces(scheme: Initialisation, piece: int) -> None:
    assert drawn(scheme, 1000, piece=piece) == drawn(scheme, 1000)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_pieces_stay_as_they_are_while_the_next_are_drawn(scheme: Initialisation) -> None:
    kept = list(pieces(scheme, 300, "w", 0, piece=100))
    assert [len(piece) for piece in kept] == [400, 400, 400]
    assert b"".join(kept) == drawn(scheme, 300, "w")


def test_numbers_depend_on_the_seed_and_the_name() -> None:
    keys = ["a", "b", "1a", "gewicht-ä", ""]
    texts = {drawn(Uniform(0, 1), 8, key, seed) for key in keys for seed in (0, 1, 11, -1, 2**80)}
    assert len(texts) == 25
    assert drawn(Uniform(0, 1), 8, "a", 1) == drawn(Uniform(0, 1), 8, "a", 1)


def test_the_same_name_and_seed_give_the_same_numbers_on_every_machine() -> None:
    assert generator_for("conv1.weight", 0).bit_generator.random_raw(2).tolist() == [
        7_819_775_271_584_276_337,
        14_308_831_212_218_117_580,
    ]


def test_uniform_numbers_fill_their_range_evenly() -> None:
    numbers = Uniform(-1, 3).draw(generator_for("w", 0), 100_000).astype(np.float64)
    assert -1 <= numbers.min() < -0.99
    assert 2.99 < numbers.max() <= 3
    assert numbers.mean() == pytest.approx(1, abs=0.02)
    assert numbers.var() == pytest.approx(4**2 / 12, rel=0.02)
    histogram = np.histogram(numbers, bins=10, range=(-1, 3))[0]
    assert histogram.min() > 9_600
    assert histogram.max() < 10_400


def test_normal_numbers_have_their_mean_and_deviation() -> None:
    numbers = Normal(5, 0.1).draw(generator_for("w", 0), 100_000).astype(np.float64)
    assert numbers.mean() == pytest.approx(5, abs=0.002)
    assert numbers.std() == pytest.approx(0.1, rel=0.02)
    assert np.mean(np.abs(numbers - 5) < 0.1) == pytest.approx(math.erf(1 / math.sqrt(2)), abs=0.01)


def test_a_constant_takes_nothing_from_the_generator() -> None:
    generator = generator_for("w", 0)
    assert Constant(0.5).draw(generator, 5).tolist() == [0.5] * 5
    assert generator.bit_generator.random_raw() == generator_for("w", 0).bit_generator.random_raw()


@pytest.mark.parametrize("fan_in", [1, 25, 4096])
def test_pytorch_default_is_the_start_that_pytorch_gives_a_linear_layer(fan_in: int) -> None:
    import torch

    torch.manual_seed(0)
    layer = torch.nn.Linear(fan_in, 40_000 // fan_in + 1)
    scheme = pytorch_default(fan_in)
    assert scheme == Uniform(-(fan_in**-0.5), fan_in**-0.5)
    assert layer.weight.abs().max().item() == pytest.approx(scheme.high, rel=1e-3)
    assert layer.bias.abs().max().item() <= scheme.high
    assert fan_in_uniform(1 / 3, fan_in).high == pytest.approx(scheme.high)


def test_bounds_of_he_and_xavier() -> None:
    assert he_uniform(24) == Uniform(-0.5, 0.5)
    assert xavier_uniform(4, 20) == Uniform(-0.5, 0.5)


@pytest.mark.parametrize("fan_in", [0, -3])
def test_a_fan_in_below_one_is_refused(fan_in: int) -> None:
    for scheme in (pytorch_default, he_uniform):
        with pytest.raises(ValueError, match=str(fan_in)):
            scheme(fan_in)


def test_schemes_are_values() -> None:
    assert Uniform(0, 1) == Uniform(0, 1)
    assert len({*SCHEMES, *SCHEMES}) == 3
    assert all(first != second for first, second in pairwise(SCHEMES))


def test_schemes_do_not_import_numpy() -> None:
    program = "import sys, netdsl.weights.draw; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
