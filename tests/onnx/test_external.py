"""A safetensors file beside the model holds its weights: for onnxruntime, for onnx, and for PyTorch."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnx
import pytest
import safetensors.numpy
import safetensors.torch
import torch

import netdsl
from netdsl import resources
from netdsl.api import Net, NetdslError
from netdsl.runtime import Session
from netdsl.weights.sources import Lively, array_of

SPEC = """\
net Small {
    input image: 3x8x8
    conv 3x3 x4 bias=false -> bn -> relu
    conv 3x3 x5 pad=1 -> bn affine=false -> relu
    flatten -> fc 3
}
"""


@pytest.fixture
def net() -> Net:
    return netdsl.parse(SPEC).only()


def lively(net: Net) -> dict[str, np.ndarray]:
    """Weights whose statistics of normalisation are not those of a fresh net."""
    return {name: array_of(Lively(1), name, weight).copy() for name, weight in net.weights().items()}


def answer(path: Path) -> np.ndarray:
    picture = np.random.default_rng(0).standard_normal((2, 3, 8, 8)).astype(np.float32)
    (found,) = Session(path, "cpu").run({"image": picture}).values()
    return found


def references(path: Path) -> dict[str, dict[str, str]]:
    """Where the tensors lie that are not in the model."""
    tensors = onnx.load(path, load_external_data=False).graph.initializer
    return {
        tensor.name: {entry.key: entry.value for entry in tensor.external_data}
        for tensor in tensors
        if tensor.external_data
    }


def codes(caught: pytest.ExceptionInfo[NetdslError]) -> list[str]:
    return [found.code for found in caught.value.diagnostics]


def test_a_file_that_is_there_becomes_the_models_data(net: Net, tmp_path: Path) -> None:
    data = tmp_path / "trained.safetensors"
    safetensors.numpy.save_file(lively(net), data)
    before = data.read_bytes()
    weights = net.weights_from(data)
    assert net.write_onnx(tmp_path / "a.onnx", weights=weights, external=data) == (tmp_path / "a.onnx", data)
    net.write_onnx(tmp_path / "inline.onnx", weights=weights)
    assert data.read_bytes() == before
    assert {entry["location"] for entry in references(tmp_path / "a.onnx").values()} == {"trained.safetensors"}
    assert (tmp_path / "a.onnx").stat().st_size < (tmp_path / "inline.onnx").stat().st_size
    onnx.checker.check_model(tmp_path / "a.onnx", full_check=True)
    assert (answer(tmp_path / "a.onnx") == answer(tmp_path / "inline.onnx")).all()
    loaded = onnx.load(tmp_path / "a.onnx")
    for tensor in loaded.graph.initializer:
        tensor.ClearField("data_location")
    assert loaded == onnx.load(tmp_path / "inline.onnx")


def test_drawn_weights_are_written_beside_the_model(net: Net, tmp_path: Path) -> None:
    model, data = net.write_onnx(tmp_path / "a.onnx", seed=3, external="w.safetensors")
    assert data == tmp_path / "w.safetensors"
    assert sorted(tmp_path.iterdir()) == [model, data]
    net.write_onnx(tmp_path / "inline.onnx", seed=3)
    assert (answer(model) == answer(tmp_path / "inline.onnx")).all()
    assert list(net.weights_from(data).arrays) == list(net.weights())
    again = net.write_onnx(tmp_path / "b.onnx", weights=net.weights_from(data), external=data)
    assert model.read_bytes() == again[0].read_bytes()


def test_numbers_begin_with_a_page(net: Net, tmp_path: Path) -> None:
    model, _ = net.write_onnx(tmp_path / "a.onnx", external="w.safetensors")
    assert min(int(entry["offset"]) for entry in references(model).values()) % 4096 == 0


@pytest.mark.parametrize("ending", [".npz", ".pt"])
def test_weights_of_another_kind_are_written_anew(net: Net, tmp_path: Path, ending: str) -> None:
    arrays, source = lively(net), tmp_path / f"trained{ending}"
    if ending == ".npz":
        np.savez(source, **arrays)
    else:
        torch.save({name: torch.from_numpy(array) for name, array in arrays.items()}, source)
    _, data = net.write_onnx(tmp_path / "a.onnx", weights=net.weights_from(source), external="w.safetensors")
    written = safetensors.numpy.load_file(data)
    assert written.keys() == arrays.keys()
    assert all((written[name] == array).all() for name, array in arrays.items())


def test_names_of_others_stay_in_the_file(net: Net, tmp_path: Path) -> None:
    """Matched by order, the model's own names lead to the places of the others."""
    data = tmp_path / "other.safetensors"
    safetensors.numpy.save_file(
        {name.replace("1", "_a").replace("2", "_b"): a for name, a in lively(net).items()}, data
    )
    npz = tmp_path / "other.npz"
    np.savez(npz, **{f"x{name}": array for name, array in lively(net).items()})
    weights = net.weights_from(npz, match="order")
    net.write_onnx(tmp_path / "inline.onnx", weights=weights)
    model, _ = net.write_onnx(tmp_path / "a.onnx", weights=weights, external="own.safetensors")
    assert (answer(model) == answer(tmp_path / "inline.onnx")).all()
    one = netdsl.parse("net One { input 4; fc 3 }").only()
    safetensors.numpy.save_file({"head.weight": np.ones((3, 4), np.float32), "head.bias": np.ones(3, np.float32)}, data)
    matched = one.weights_from(data, match="order")
    model, _ = one.write_onnx(tmp_path / "one.onnx", weights=matched, external=data)
    assert sorted(references(model)) == ["fc1.bias", "fc1.weight"]
    (found,) = Session(model, "cpu").run({"input": np.ones((1, 4), np.float32)}).values()
    assert (found == 5).all()


def test_a_trained_nets_statistics_give_the_same_answers_in_both_targets(net: Net, tmp_path: Path) -> None:
    module = net.module().train()
    picture = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 3, 8, 8)).astype(np.float32))
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        module(3 * picture + 1).square().mean().backward()
        optimizer.step()
    data = tmp_path / "trained.safetensors"
    safetensors.torch.save_file(module.state_dict(), data)
    weights = net.weights_from(data)
    model, _ = net.write_onnx(tmp_path / "a.onnx", weights=weights, external=data)
    net.write_onnx(tmp_path / "optimised.onnx", weights=weights, optimise=True)
    with torch.no_grad():
        expected = module.eval().double()(picture.double()).numpy()
        fresh = net.module(weights=weights).eval()(picture).numpy()
    for found in (answer(model), answer(tmp_path / "optimised.onnx"), fresh):
        assert np.abs(found - expected).max() <= 1e-5 * max(1, np.abs(expected).max())
    assert (weights.arrays["bn1.running_mean"] != 0).all()


def test_the_file_holds_what_only_training_needs(tmp_path: Path) -> None:
    net = netdsl.load(resources.path("specs", "googlenet.net"))["GoogLeNet"]
    model, data = net.write_onnx(tmp_path / "a.onnx", external="w.safetensors")
    assert list(net.weights_from(data).arrays) == list(net.weights())
    assert set(references(model)) < set(net.weights())


@pytest.mark.parametrize("old", [None, b"", b"anything"], ids=["weights", "empty", "else"])
def test_weights_that_are_there_are_not_overwritten(net: Net, tmp_path: Path, old: bytes | None) -> None:
    data = tmp_path / "trained.safetensors"
    safetensors.numpy.save_file(lively(net), data)
    if old is not None:
        data.write_bytes(old)
    before = data.read_bytes()
    with pytest.raises(NetdslError, match=r"`trained\.safetensors` is there already") as caught:
        net.write_onnx(tmp_path / "a.onnx", external="trained.safetensors")
    assert codes(caught) == ["E415"]
    assert data.read_bytes() == before
    assert list(tmp_path.iterdir()) == [data]


@pytest.mark.parametrize("change", ["none", "seed", "shorter", "longer"])
def test_only_the_same_weights_are_written_again(net: Net, tmp_path: Path, change: str) -> None:
    model, data = net.write_onnx(tmp_path / "a.onnx", seed=3, external="w.safetensors")
    written = data.read_bytes()
    before = {"shorter": written[:-1], "longer": written + b"\0"}.get(change, written)
    data.write_bytes(before)
    if change == "none":
        assert net.write_onnx(tmp_path / "b.onnx", seed=3, external="w.safetensors")[1] == data
        assert (answer(model) == answer(tmp_path / "b.onnx")).all()
    else:
        with pytest.raises(NetdslError):
            net.write_onnx(tmp_path / "b.onnx", seed=4 if change == "seed" else 3, external="w.safetensors")
    assert data.read_bytes() == before


@pytest.mark.parametrize("given", ["elsewhere/w.safetensors", "../w.safetensors", "w.npz", "/w.safetensors"])
def test_a_file_elsewhere_is_refused(net: Net, tmp_path: Path, given: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(NetdslError) as caught:
        net.write_onnx(tmp_path / "a.onnx", external=tmp_path / given)
    assert codes(caught) == ["E407"]
    assert [path.name for path in tmp_path.rglob("*")] == ["elsewhere"]


def test_a_link_that_leads_elsewhere_is_refused(net: Net, tmp_path: Path) -> None:
    target = tmp_path / "secret.safetensors"
    target.write_bytes(b"mine")
    (tmp_path / "out").mkdir()
    os.symlink(target, tmp_path / "out" / "w.safetensors")
    with pytest.raises(NetdslError) as caught:
        net.write_onnx(tmp_path / "out" / "a.onnx", external="w.safetensors")
    assert codes(caught) == ["E407"]
    assert target.read_bytes() == b"mine"


def test_the_model_is_not_its_own_data(net: Net, tmp_path: Path) -> None:
    with pytest.raises(NetdslError) as caught:
        net.write_onnx(tmp_path / "a.safetensors", external="a.safetensors")
    assert codes(caught) == ["E407"]


@pytest.mark.parametrize("element", [np.float16, np.float64])
def test_numbers_of_another_type_are_refused_with_their_layers(net: Net, tmp_path: Path, element: type) -> None:
    data, arrays = tmp_path / "w.safetensors", lively(net)
    arrays["fc1.weight"] = arrays["fc1.weight"].astype(element)
    safetensors.numpy.save_file(arrays, data)
    with pytest.raises(NetdslError) as caught:
        net.write_onnx(tmp_path / "a.onnx", weights=net.weights_from(data), external=data)
    assert [(found.code, found.span.row) for found in caught.value.diagnostics] == [("E408", 5)]
    assert not (tmp_path / "a.onnx").exists()


@pytest.mark.parametrize("choice", [{"optimise": True}, {"precision": "fp16"}, {"precision": "int8"}], ids=str)
def test_changed_weights_are_not_shared(net: Net, tmp_path: Path, choice: dict) -> None:
    with pytest.raises(NetdslError) as caught:
        net.write_onnx(tmp_path / "a.onnx", external="w.safetensors", **choice)
    assert codes(caught) == ["E409"]


def test_a_name_that_would_mean_another_file_elsewhere_is_refused(net: Net, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="second file"):
        net.write_onnx(tmp_path / "a.onnx", external="w..safetensors")
    assert list(tmp_path.iterdir()) == []
