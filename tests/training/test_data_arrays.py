"""npz files, digits, synthetic examples; what is held out, what depends on a seed, and data that do not fit a net."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from netdsl.pictures import picture_array
from netdsl.resources import path as resource
from tests.training.data_files import data_package, drawn, labels
from tests.training.test_data_formats import refusal, same_pictures, whole

data = data_package()


# ---- npz -------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
def test_the_parts_of_an_npz_file(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "d.npz"
    arrays = {"x_train": drawn(20, 8, 8), "y_train": labels(20), "x_test": drawn(5, 8, 8), "y_test": labels(5)}
    (np.savez_compressed if packed else np.savez)(path, **arrays)
    opened = data.open_data(f"npz:{path}", shape=(1, 8, 8), classes=10)
    inputs, targets = whole(opened.train)
    assert same_pictures(inputs, arrays["x_train"][:, None])
    assert (targets == arrays["y_train"]).all()
    assert len(opened.held_out) == 5


@pytest.mark.parametrize("axes", [(8, 9), (1, 8, 9), (8, 9, 1), (3, 8, 9), (8, 9, 3)])
def test_bytes_are_pictures_with_channels_on_either_side(tmp_path: Path, axes: tuple[int, ...]) -> None:
    path = tmp_path / "d.npz"
    pixels = drawn(20, *axes)
    np.savez(path, x=pixels, y=labels(20, 2))
    channels = 3 if 3 in axes else 1
    opened = data.open_data(f"npz:{path}", shape=(channels, 8, 9))
    first = pixels.reshape(20, channels, 8, 9) if axes[-1] != 3 else pixels.transpose(0, 3, 1, 2)
    found = np.concatenate([whole(part)[0] for part in (opened.train, opened.held_out)])
    wanted = first.astype(np.float32) / np.float32(255)
    assert {each.tobytes() for each in found} == {np.ascontiguousarray(each).tobytes() for each in wanted}


@pytest.mark.parametrize("shape", [(5,), (2, 7), (1, 4, 4), (3, 2, 4, 4)])
def test_numbers_are_taken_as_they_are(tmp_path: Path, shape: tuple[int, ...]) -> None:
    path = tmp_path / "d.npz"
    numbers = np.random.default_rng(0).normal(size=(10, *shape))
    np.savez(path, x_train=numbers, y_train=labels(10, 2), x_test=numbers, y_test=labels(10, 2), classes=["no", "yes"])
    opened = data.open_data(f"npz:{path}", shape=shape, classes=2)
    assert (whole(opened.train)[0] == numbers.astype(np.float32)).all()
    assert opened.held_out.classes == ("no", "yes")
    np.savez(path, x=numbers.reshape(10, *(shape[1:] if shape[0] == 1 else shape)), y=labels(10, 2))
    assert whole(data.open_data(f"npz:{path}", shape=shape).train)[0].shape == (8, *shape)


def test_targets_that_are_no_classes(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    wanted = np.random.default_rng(0).normal(size=(10, 3)).astype(np.float32)
    np.savez(path, x_train=wanted, y_train=wanted, x_test=wanted, y_test=wanted)
    opened = data.open_data(f"npz:{path}", shape=(3,))
    assert opened.train.classes == ()
    inputs, targets = whole(opened.train)
    assert targets.dtype == np.float32
    assert (targets == inputs).all()
    np.savez(path, x=wanted, y=wanted)
    assert len(data.open_data(f"npz:{path}", shape=(3,)).held_out) == 2
    assert refusal(f"npz:{path}", (3,), classes=3) == f"npz:{path} has 0 classes, and the net has 3 outputs"


def test_a_class_for_every_place(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    places = drawn(10, 8, 8) % 4
    np.savez(path, x=drawn(10, 8, 8), y=places)
    opened = data.open_data(f"npz:{path}", shape=(1, 8, 8), classes=4)
    assert (len(opened.train), len(opened.held_out)) == (8, 2)
    targets = np.concatenate([whole(opened.train)[1], whole(opened.held_out)[1]])
    assert targets.shape == (10, 8, 8)
    assert targets.dtype == np.int64
    assert np.bincount(targets.ravel()).tolist() == np.bincount(places.ravel()).tolist()
    np.savez(path, x=drawn(10, 8, 8), y=labels(10, 2)[:, None])
    assert data.open_data(f"npz:{path}", shape=(1, 8, 8)).train.targets.shape == (8,)


@pytest.mark.parametrize("share", [0, 0.2, 0.5, 0.9, 0.99])
def test_an_npz_file_that_is_cut_off(tmp_path: Path, share: float) -> None:
    path = tmp_path / "d.npz"
    np.savez(path, x=drawn(20, 8, 8), y=labels(20))
    content = path.read_bytes()
    there = int(share * len(content))
    path.write_bytes(content[:there])
    assert f"{path} ({there:,} bytes) cannot be read as npz: " in refusal(f"npz:{path}", (1, 8, 8))


def test_an_npz_file_with_a_damaged_array(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    np.savez(path, x=drawn(20, 8, 8), y=labels(20))
    content = bytearray(path.read_bytes())
    content[600] ^= 1
    path.write_bytes(content)
    assert f"{path} ({len(content):,} bytes) cannot be read as npz: Bad CRC" in refusal(f"npz:{path}", (1, 8, 8))


class _Hostile:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self._path,)


def test_objects_in_an_npz_file_are_refused_and_do_not_run(tmp_path: Path) -> None:
    path, mark = tmp_path / "d.npz", tmp_path / "mark"
    np.savez(path, x=np.array([_Hostile(mark)], dtype=object), y=labels(1))
    assert "Object arrays cannot be loaded" in refusal(f"npz:{path}")
    assert not mark.exists()


def test_arrays_that_do_not_belong_together(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"

    def said(shape: tuple[int, ...] = (1, 8, 8), **arrays: object) -> str:
        np.savez(path, **arrays)
        return refusal(f"npz:{path}", shape)

    assert said(a=drawn(2, 8, 8)) == f"{path} lacks `y`; it holds a"
    assert "lacks `x`" in said(y=labels(2))
    assert "lacks `y_test`" in said(x_train=drawn(2, 8, 8), y_train=labels(2))
    assert "holds 20 examples in x, and 19 in y" in said(x=drawn(20, 8, 8), y=labels(19))
    assert "holds 0 examples in x, and 0 in y" in said(x=drawn(0, 8, 8), y=labels(0))
    assert "class below 0" in said(x=drawn(2, 8, 8), y=np.array([-1, 0]))
    assert "holds the class 9 and names 2 classes" in said(x=drawn(20, 8, 8), y=labels(20), classes=["a", "b"])
    floats = np.zeros((20, 4, 4), np.float32)
    assert "holds arrays of 4x4, and the net takes 1x8x8" in said(x=floats, y=labels(20, 2))
    assert f"{tmp_path / 'none.npz'} does not exist" in refusal(f"npz:{tmp_path / 'none.npz'}")
    np.save(path, drawn(2, 2))
    Path(f"{path}.npy").rename(path)
    assert "is no npz file" in refusal(f"npz:{path}")


# ---- digits and synthetic examples -----------------------------------------------------------


def test_digits_are_what_netdsl_run_sees_in_their_pictures() -> None:
    opened = data.open_data("digits", shape=(1, 32, 32), classes=10)
    assert (len(opened.train), len(opened.held_out)) == (1437, 360)
    inputs, targets = whole(opened.held_out)
    for digit in range(10):
        sample = picture_array(resource("specs", "samples", f"digit_{digit}.png"), (1, 32, 32))
        assert (inputs[np.flatnonzero(targets == digit)[0]] == sample).all()


def test_no_seed_moves_what_is_held_out(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    np.savez(path, x=drawn(50, 8, 8), y=labels(50, 5))
    for name in ("digits", f"npz:{path}"):
        one, other = (data.open_data(name, shape=(1, 8, 8), seed=seed) for seed in (0, 1))
        assert torch.equal(one.held_out.inputs, other.held_out.inputs)
        assert torch.equal(one.train.inputs, other.train.inputs)
        known = {each.numpy().tobytes() for each in one.train.inputs}
        unseen = {each.numpy().tobytes() for each in one.held_out.inputs}
        assert not known & unseen
    shares = [len(data.open_data(f"npz:{path}", shape=(1, 8, 8), held_out=share).held_out) for share in (0.1, 0.5)]
    assert shares == [5, 25]


@pytest.mark.parametrize("shape", [(6,), (2, 9), (4, 5, 5), (2, 3, 4, 5)])
def test_synthetic_examples_of_any_shape(shape: tuple[int, ...]) -> None:
    one, same, other = (data.open_data("synthetic", shape=shape, classes=7, seed=seed) for seed in (1, 1, 2))
    inputs, targets = whole(one.train)
    assert inputs.shape[1:] == shape
    assert inputs.dtype == np.float32
    assert 0 <= inputs.min() < inputs.max() <= 1
    assert set(targets) == set(whole(one.held_out)[1]) == set(range(7))
    assert torch.equal(one.train.inputs, same.train.inputs)
    assert not torch.equal(one.train.inputs, other.train.inputs)


def test_large_synthetic_examples_are_few() -> None:
    opened = data.open_data("synthetic", shape=(3, 16, 112, 112), classes=101)
    assert 0 < len(opened.held_out) < len(opened.train) < 200


# ---- what fits -------------------------------------------------------------------------------


def test_batches_follow_the_order(tmp_path: Path) -> None:
    examples = data.open_data("digits", shape=(1, 8, 8)).train
    order = torch.tensor([5, 5, 0, 1436, 7])
    inputs, targets = zip(*examples.batches(order, 2), strict=True)
    assert [len(each) for each in inputs] == [2, 2, 1]
    assert torch.equal(torch.cat(inputs), examples.inputs[order] / 255)
    assert torch.equal(torch.cat(targets), examples.targets[order])
    assert list(examples.batches(order[:0], 2)) == []


def test_data_move_to_the_device_once() -> None:
    examples = data.open_data("digits", shape=(1, 8, 8)).train
    inputs, targets = next(iter(examples.batches(torch.arange(4), 2, "meta")))
    assert inputs.device.type == targets.device.type == "meta"
    kept = examples._resident[1]
    next(iter(examples.batches(torch.arange(4), 2, "meta")))
    assert examples._resident[1] is kept


@pytest.mark.parametrize("classes", [2, 9, 11, 1000])
def test_classes_that_are_not_the_nets_outputs(classes: int) -> None:
    wanted = f"digits has 10 classes, and the net has {classes:,} outputs"
    assert refusal("digits", (1, 8, 8), classes=classes) == wanted


@pytest.mark.parametrize("name", ["", "digit", "digits:x", "mnist", "npz:", "hf", "folder:", "synthetic:3", "C:\\data"])
def test_data_that_nobody_knows(name: str) -> None:
    said = refusal(name)
    assert said.startswith(f"there are no data `{name}`; there are digits, mnist:DIR, ")
    assert said.endswith("synthetic")


@pytest.mark.parametrize("share", [0, 1, -1, 2, float("nan")])
def test_shares_that_are_none(share: float) -> None:
    assert "between 0 and 1" in refusal("digits", (1, 8, 8), held_out=share)


@pytest.mark.parametrize(("library", "name"), [("sklearn.datasets", "digits"), ("PIL", "digits")])
def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, library: str, name: str) -> None:
    shape = (1, 32, 32)
    monkeypatch.setitem(sys.modules, library, None)
    assert "`pip install " in refusal(name, shape)


def test_the_package_imports_nothing_but_torch_and_numpy() -> None:
    folder = resource("codegen_templates", "training")
    program = "import sys, data; print({'PIL', 'sklearn', 'datasets', 'netdsl'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
