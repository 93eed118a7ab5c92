"""Weights from files: every kind that is read, damaged ones, and weights by order."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch

import netdsl
from netdsl.api import NetdslError
from netdsl.weights.files import all_arrays, read_arrays

SPEC = """\
net Small {
    input image: 3x8x8
    conv 3x3 x4 -> bn -> relu
    conv 3x3 x4 pad=1 -> relu
    flatten -> fc 2
}
"""


@pytest.fixture
def net() -> netdsl.Net:
    return netdsl.parse(SPEC).only()


def numbers(net: netdsl.Net) -> dict[str, np.ndarray]:
    """Arrays for a net's weights, no two of them alike."""
    generator = np.random.default_rng(3)
    return {name: generator.random(weight.shape, np.float32) for name, weight in net.weights().items()}


def stored(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    """The arrays in a file of the kind that its ending names."""
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    elif path.suffix == ".safetensors":
        safetensors.numpy.save_file(arrays, path)
    else:
        torch.save({name: torch.from_numpy(array) for name, array in arrays.items()}, path)
    return path


def renamed(arrays: dict[str, np.ndarray], *words: str) -> dict[str, np.ndarray]:
    """The arrays with other words for the layers, in order."""
    layers = list(dict.fromkeys(name.partition(".")[0] for name in arrays))
    new = dict(zip(layers, words, strict=True))
    return {f"{new[name.partition('.')[0]]}.{name.partition('.')[2]}": array for name, array in arrays.items()}


def same(found: Any, arrays: dict[str, np.ndarray]) -> bool:
    """Whether a source gives every weight the numbers that it had."""
    return found.keys() == arrays.keys() and all((found[name] == arrays[name]).all() for name in arrays)


# ---- kinds of files ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["w.safetensors", "w.npz", "w.pt", "w.pth", "w.bin"])
def test_every_kind_gives_the_same_numbers(net, tmp_path: Path, name: str) -> None:
    arrays = numbers(net)
    assert same(net.weights_from(stored(tmp_path / name, arrays)).arrays, arrays)


def test_a_modules_state_dict_and_its_counters(net, tmp_path: Path) -> None:
    state = net.module().state_dict()
    torch.save(state, tmp_path / "w.pt")
    assert "bn1.num_batches_tracked" in all_arrays(tmp_path / "w.pt")
    read = read_arrays(tmp_path / "w.pt")
    assert list(read) == list(net.weights())
    assert same(net.weights_from(tmp_path / "w.pt").arrays, read)


@pytest.mark.parametrize("word", ["state_dict", "model_state_dict", "model"])
def test_a_training_scripts_file(net, tmp_path: Path, word: str) -> None:
    state = {name: torch.from_numpy(array) for name, array in numbers(net).items()}
    torch.save({word: state, "epoch": 3, "optimizer": {"lr": 0.1}}, tmp_path / "w.pt")
    assert same(net.weights_from(tmp_path / "w.pt").arrays, numbers(net))


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16, torch.float64])
@pytest.mark.parametrize("suffix", ["pt", "safetensors"])
def test_other_floats(net, tmp_path: Path, kind: torch.dtype, suffix: str) -> None:
    state = {name: torch.from_numpy(array).to(kind) for name, array in numbers(net).items()}
    path = tmp_path / f"w.{suffix}"
    if suffix == "pt":
        torch.save(state, path)
    else:
        safetensors.torch.save_file(state, path)
    expected = {name: tensor.to(torch.float64).numpy() for name, tensor in state.items()}
    assert same(net.weights_from(path).arrays, expected)


def test_a_state_dict_without_pytorch(net, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stored(tmp_path / "w.pt", numbers(net))
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ModuleNotFoundError) as caught:
        net.weights_from(path)
    assert caught.value.name == "torch"


# ---- damage ------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["safetensors", "npz", "pt"])
@pytest.mark.parametrize("part", [0.0, 0.01, 0.5, 0.99])
def test_a_truncated_file_is_refused(net, tmp_path: Path, suffix: str, part: float) -> None:
    path = stored(tmp_path / f"w.{suffix}", numbers(net))
    data = path.read_bytes()
    path.write_bytes(data[: int(part * len(data))])
    with pytest.raises(ValueError, match=rf"w\.{suffix} is no .* that can be read: ."):
        net.weights_from(path)


@pytest.mark.parametrize("suffix", ["safetensors", "npz", "pt"])
def test_any_flipped_bytes_give_an_answer_or_a_refusal(net, tmp_path: Path, suffix: str) -> None:
    path = stored(tmp_path / f"w.{suffix}", numbers(net))
    data = path.read_bytes()
    refused = 0
    for place in np.random.default_rng(5).integers(0, len(data), 60):
        damaged = bytearray(data)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:
            net.weights_from(path)
        except (ValueError, NetdslError):
            refused += 1
    assert refused


class Spy:
    """What a hostile pickle would run."""

    def __reduce__(self) -> Any:
        return (exec, ("raise SystemExit('the file ran its code')",))


def test_an_npz_file_with_pickles_is_refused(net, tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", fc1=np.array([Spy()], dtype=object))
    with pytest.raises(ValueError, match=r"w\.npz is no npz file that can be read: Object arrays"):
        net.weights_from(tmp_path / "w.npz")


@pytest.mark.parametrize("thing", [Spy(), {"a": Spy()}, torch.nn.Linear(2, 2)], ids=["code", "inside", "module"])
def test_a_pickle_that_holds_more_than_tensors_is_refused(net, tmp_path: Path, thing: object) -> None:
    torch.save(thing, tmp_path / "w.pt")
    with pytest.raises(ValueError, match=r"it holds more than tensors; save `module\.state_dict\(\)`"):
        net.weights_from(tmp_path / "w.pt")


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        ([1, 2], "it holds a list"),
        (torch.ones(2), "it holds a Tensor"),
        ({"a": 1}, "`a` in it is a int"),
        ({"a": torch.eye(2).to_sparse()}, "sparse"),
    ],
)
def test_a_pickle_without_a_state_dict_is_refused(net, tmp_path: Path, thing: object, message: str) -> None:
    torch.save(thing, tmp_path / "w.pt")
    with pytest.raises(ValueError, match=message):
        net.weights_from(tmp_path / "w.pt")


def test_one_array_and_a_folder_are_no_weights(net, tmp_path: Path) -> None:
    with (tmp_path / "w.npz").open("wb") as file:
        np.save(file, np.ones(3))
    with pytest.raises(ValueError, match="one array without a name"):
        net.weights_from(tmp_path / "w.npz")
    with pytest.raises(ValueError, match="is a folder"):
        net.weights_from(tmp_path)
    with pytest.raises(FileNotFoundError):
        net.weights_from(tmp_path / "none.safetensors")


@pytest.mark.parametrize("match", ["name", "order"])
@pytest.mark.parametrize(
    ("array", "code"),
    [
        (np.ones(2, np.int64), "E406"),
        (np.array(["a", "b"]), "E406"),
        (np.ones(2, bool), "E406"),
        (np.ones(2, np.complex64), "E406"),
        (np.array([1.0, np.nan], np.float32), "E404"),
        (np.array([1.0, 1e300]), "E404"),
    ],
)
def test_what_is_no_number_is_told_with_its_layer(net, tmp_path: Path, match: Any, array: Any, code: str) -> None:
    path = stored(tmp_path / "w.npz", {**numbers(net), "fc1.bias": array})
    with pytest.raises(NetdslError) as caught:
        net.weights_from(path, match=match)
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.text) == (code, "fc 2")
    assert "`fc1.bias`" in found.message


# ---- by order ----------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["npz", "pt"])
def test_by_order_other_names_do_not_matter(net, tmp_path: Path, suffix: str) -> None:
    arrays = numbers(net)
    path = stored(tmp_path / f"w.{suffix}", renamed(arrays, "z", "norm", "b", "a"))
    found = net.weights_from(path, match="order")
    assert same(found.arrays, arrays)
    assert found.origins["conv1.weight"] == "z.weight"
    assert found.origins["bn1.running_var"] == "norm.running_var"
    with pytest.raises(NetdslError):
        net.weights_from(path)


def test_within_a_layer_the_kinds_decide(net, tmp_path: Path) -> None:
    arrays = numbers(net)
    mixed = renamed(dict(reversed(arrays.items())), "d", "c", "b", "a")
    backwards = dict(sorted(mixed.items()))
    assert list(backwards)[:2] == ["a.bias", "a.weight"]
    found = net.weights_from(stored(tmp_path / "w.npz", backwards), match="order")
    assert same(found.arrays, arrays)


def test_numbered_layers_in_a_safetensors_file_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    chain = netdsl.parse("net Chain { input v: 4; { fc 4 -> relu } * 12 }").only()
    arrays = numbers(chain)
    path = stored(tmp_path / "w.safetensors", renamed(arrays, *(f"layers.{number}" for number in range(12))))
    assert same(chain.weights_from(path, match="order").arrays, arrays)


def test_a_mean_is_no_bias_whatever_its_shape(net, tmp_path: Path) -> None:
    arrays = numbers(net)
    swapped = {name.replace("bn1.bias", "bn1.running_mean_"): array for name, array in arrays.items()}
    order = ["conv1.weight", "conv1.bias", "bn1.weight", "bn1.running_mean", "bn1.running_mean_", "bn1.running_var"]
    moved = {name: swapped[name] for name in [*order, *(name for name in swapped if name not in order)]}
    with pytest.raises(NetdslError) as caught:
        net.weights_from(stored(tmp_path / "w.npz", moved), match="order")
    assert [found.code for found in caught.value.diagnostics] == ["E405"]


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (lambda arrays: arrays.pop("bn1.weight"), ["E405"]),
        (lambda arrays: arrays.pop("fc1.bias"), ["E401"]),
        (lambda arrays: arrays.update(extra=np.ones(3, np.float32)), ["E403"]),
        (lambda arrays: arrays.update({"fc1.weight": np.ones((3, 144), np.float32)}), ["E405"]),
    ],
    ids=["missing inside", "missing at the end", "surplus", "misshapen"],
)
def test_by_order_it_is_all_or_nothing(net, tmp_path: Path, change: Any, codes: list[str]) -> None:
    arrays = numbers(net)
    change(arrays)
    with pytest.raises(NetdslError) as caught:
        net.weights_from(stored(tmp_path / "w.npz", arrays), match="order")
    assert [found.code for found in caught.value.diagnostics] == codes
