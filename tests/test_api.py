"""The public module: its names are seen, and weights may be given as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import netdsl
from netdsl.weights.sources import Lively, array_of

SPEC = "net Small { input image: 3x8x8; conv 3x3 x4 -> relu; global_avgpool -> fc 2 }"


@pytest.fixture
def net() -> netdsl.Net:
    return netdsl.parse(SPEC).only()


@pytest.fixture
def weights(net: netdsl.Net, tmp_path: Path) -> Path:
    path = tmp_path / "w.npz"
    np.savez(path, **{name: array_of(Lively(1), name, weight) for name, weight in net.weights().items()})
    return path


def test_the_public_names_are_seen() -> None:
    assert dir(netdsl) == sorted(netdsl.__all__)
    assert all(getattr(netdsl, name) is not None for name in dir(netdsl))


def test_a_file_stands_for_the_weights_in_it(net: netdsl.Net, weights: Path, tmp_path: Path) -> None:
    image = np.random.default_rng(0).standard_normal((2, 3, 8, 8)).astype(np.float32)
    stored = net.weights_from(weights)
    expected = net.run({"image": image}, weights=stored, device="cpu")["output"]
    for given in (weights, str(weights)):
        assert (net.run({"image": image}, weights=given, device="cpu")["output"] == expected).all()
        assert net.onnx(weights=given) == net.onnx(weights=stored)
        assert (net.module(weights=given).state_dict()["fc1.bias"].numpy() == stored.arrays["fc1.bias"]).all()
    one, *_ = net.write_onnx(tmp_path / "one.onnx", weights=weights)
    other, *_ = net.write_onnx(tmp_path / "other.onnx", weights=stored)
    assert one.read_bytes() == other.read_bytes()


def test_a_file_that_does_not_fit_is_told(net: netdsl.Net, tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", **{"other.weight": np.ones(3, np.float32)})
    with pytest.raises(netdsl.NetdslError) as caught:
        net.write_onnx(tmp_path / "a.onnx", weights=tmp_path / "w.npz")
    assert {found.code for found in caught.value.diagnostics} == {"E401", "E403"}
    assert not (tmp_path / "a.onnx").exists()
