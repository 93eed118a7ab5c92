"""MNIST's and CIFAR's files, whole, cut off and hostile, written here in their formats."""

from __future__ import annotations

import gzip
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.data_files import (
    data_package,
    drawn,
    idx,
    labels,
    python_2_pickle,
    python_3_pickles,
    write_cifar10_binary,
    write_cifar10_python,
    write_cifar100,
    write_mnist,
)

data = data_package()


def whole(examples: Any) -> tuple[np.ndarray, np.ndarray]:
    """All inputs and targets as arrays, in their order."""
    inputs, targets = zip(*examples.batches(torch.arange(len(examples)), 7), strict=True)
    return torch.cat(inputs).numpy(), torch.cat(targets).numpy()


def refusal(name: str, shape: tuple[int, ...] = (3, 32, 32), **options: Any) -> str:
    """What is said of data that cannot be opened."""
    with pytest.raises(data.DataError) as caught:
        data.open_data(name, shape=shape, **options)
    return str(caught.value)


def same_pictures(inputs: np.ndarray, pixels: np.ndarray) -> bool:
    """Whether inputs are the bytes divided by 255, to the last bit."""
    return inputs.dtype == np.float32 and bool((inputs == pixels.astype(np.float32) / np.float32(255)).all())


# ---- IDX -------------------------------------------------------------------------------------


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("mark", ["-", "."])
def test_mnist(tmp_path: Path, zipped: bool, mark: str) -> None:
    pictures = write_mnist(tmp_path, zipped=zipped, mark=mark)
    opened = data.open_data(f"mnist:{tmp_path}", shape=(1, 28, 28), classes=10)
    inputs, targets = whole(opened.train)
    assert same_pictures(inputs, pictures[:, None])
    assert targets.dtype == np.int64
    assert (targets == labels(30)).all()
    assert len(opened.held_out) == 10
    assert opened.train.classes == tuple("0123456789")


def test_fashion_has_the_same_files_and_other_names(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    opened = data.open_data(f"fashion:{tmp_path}", shape=(1, 28, 28), classes=10)
    assert opened.held_out.classes[0] == "T-shirt/top"
    assert opened.held_out.classes[9] == "Ankle boot"


@pytest.mark.parametrize("there", [0, 3, 9, 16, 17, 784, 7855])
def test_an_idx_file_that_is_cut_off(tmp_path: Path, there: int) -> None:
    write_mnist(tmp_path, train=10)
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:there])
    said = refusal(f"mnist:{tmp_path}", (1, 28, 28))
    assert str(path) in said
    if there > 3:
        expected = f"{16 + 7840:,}" if there >= 16 else "16"
        assert re.search(rf"\b{expected} bytes, and {there:,} are there", said), said


@pytest.mark.parametrize("there", [5, 12, 100])
def test_a_gzipped_file_that_is_cut_off(tmp_path: Path, there: int) -> None:
    write_mnist(tmp_path, zipped=True)
    path = tmp_path / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:there])
    assert f"{path} ({there} bytes) cannot be read" in refusal(f"mnist:{tmp_path}", (1, 28, 28))


def test_a_gzipped_file_whose_content_was_cut_off_before(tmp_path: Path) -> None:
    write_mnist(tmp_path, zipped=True)
    path = tmp_path / "train-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.compress(idx(labels(30))[:20]))
    said = refusal(f"mnist:{tmp_path}", (1, 28, 28))
    assert said == f"{path} is not whole: its header promises 38 bytes, and 20 are there"


def test_an_idx_file_with_more_than_it_promises(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    path = tmp_path / "train-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes() + b"\0")
    assert f"{path} is not whole" in refusal(f"mnist:{tmp_path}", (1, 28, 28))


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("sizes", [(2**32 - 1,) * 3, (2**31, 28, 28), (2**32 - 1, 1, 1)])
def test_a_header_that_promises_more_than_there_is(tmp_path: Path, zipped: bool, sizes: tuple[int, ...]) -> None:
    write_mnist(tmp_path, zipped=zipped)
    path = tmp_path / f"train-images-idx3-ubyte{'.gz' if zipped else ''}"
    content = bytes((0, 0, 8, 3)) + np.array(sizes, ">u4").tobytes() + b"ink"
    path.write_bytes(gzip.compress(content) if zipped else content)
    said = refusal(f"mnist:{tmp_path}", (1, 28, 28))
    promised = 16 + sizes[0] * sizes[1] * sizes[2]
    assert said == f"{path} is not whole: its header promises {promised:,} bytes, and 19 are there"


def test_a_header_of_empty_pictures(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(bytes((0, 0, 8, 3)) + np.array((30, 0, 2**32 - 1), ">u4").tobytes())
    said = refusal(f"mnist:{tmp_path}", (1, 28, 28))
    assert said == f"{path} holds nothing: its header says 30x0x4294967295 bytes"


def test_files_that_do_not_belong_together(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    labels_path = tmp_path / "train-labels-idx1-ubyte"
    labels_path.write_bytes(idx(labels(29)))
    said = refusal(f"mnist:{tmp_path}", (1, 28, 28))
    assert "30 pictures" in said
    assert "29 labels" in said
    labels_path.write_bytes(idx(labels(30, 12)))
    assert "holds the class 11, and there are 10" in refusal(f"mnist:{tmp_path}", (1, 28, 28))
    labels_path.unlink()
    assert f"{tmp_path} lacks train-labels-idx1-ubyte" in refusal(f"mnist:{tmp_path}", (1, 28, 28))
    labels_path.write_bytes(b"<html>not found</html>")
    assert "is no IDX file" in refusal(f"mnist:{tmp_path}", (1, 28, 28))
    assert "is no folder" in refusal(f"mnist:{tmp_path / 'none'}", (1, 28, 28))


# ---- CIFAR, binary ---------------------------------------------------------------------------


def test_cifar10_binary(tmp_path: Path) -> None:
    pictures = write_cifar10_binary(tmp_path)
    opened = data.open_data(f"cifar10:{tmp_path}", shape=(3, 32, 32), classes=10)
    inputs, targets = whole(opened.train)
    assert same_pictures(inputs, pictures)
    assert (targets == np.tile(labels(10), 5)).all()
    assert opened.train.classes[3] == "cat"
    assert len(opened.held_out) == 10


@pytest.mark.parametrize("name", ["data_batch_3.bin", "test_batch.bin"])
@pytest.mark.parametrize("there", [0, 1, 3072, 3073, 30_000, 27_657])
def test_a_binary_file_that_is_cut_off(tmp_path: Path, name: str, there: int) -> None:
    write_cifar10_binary(tmp_path)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:there])
    said = refusal(f"cifar10:{tmp_path}")
    assert f"{path} is not whole" in said
    assert f"{there:,}" in said
    if there % 3073:
        assert f"{-(-there // 3073) * 3073:,}" in said


def test_cifar_without_a_file(tmp_path: Path) -> None:
    write_cifar10_binary(tmp_path)
    (tmp_path / "data_batch_5.bin").unlink()
    assert refusal(f"cifar10:{tmp_path}") == f"{tmp_path} lacks data_batch_5.bin"
    assert "lacks test.bin (the binary version) and test (the Python version)" in refusal(f"cifar100:{tmp_path}")


@pytest.mark.parametrize("binary", [True, False])
def test_cifar100(tmp_path: Path, binary: bool) -> None:
    folder = tmp_path / ("cifar-100-binary" if binary else "cifar-100-python")
    pictures = write_cifar100(folder, binary=binary)
    opened = data.open_data(f"cifar100:{tmp_path}", shape=(3, 32, 32), classes=100)
    inputs, targets = whole(opened.train)
    assert same_pictures(inputs, pictures)
    assert (targets == np.tile(labels(100, 100), 5)).all()
    assert opened.train.classes[99] == "kind_99"
    assert len(opened.held_out) == 100


def test_a_file_of_cifar100_that_ends_between_two_pictures(tmp_path: Path) -> None:
    write_cifar100(tmp_path, binary=True)
    path = tmp_path / "train.bin"
    path.write_bytes(path.read_bytes()[: 499 * 3074])
    said = refusal(f"cifar100:{tmp_path}")
    assert f"{path} is not whole: by the other files it has 500 pictures, and 499 are there" in said


# ---- CIFAR, Python ---------------------------------------------------------------------------


@pytest.mark.parametrize("dump", [python_2_pickle, *python_3_pickles()])
def test_cifar10_python(tmp_path: Path, dump: Callable[[Any], bytes]) -> None:
    pictures = write_cifar10_python(tmp_path / "cifar-10-batches-py", dump=dump)
    opened = data.open_data(f"cifar10:{tmp_path}", shape=(3, 32, 32), classes=10)
    inputs, targets = whole(opened.train)
    assert same_pictures(inputs, pictures)
    assert (targets == np.tile(labels(10), 5)).all()


def test_what_the_tests_write_is_what_python_reads(tmp_path: Path) -> None:
    write_cifar10_python(tmp_path)
    loaded = pickle.loads((tmp_path / "test_batch").read_bytes(), encoding="bytes")  # noqa: S301 - our own bytes
    assert loaded[b"labels"] == labels(10).tolist()
    assert (loaded[b"data"] == drawn(10, 3072, seed=5)).all()


@pytest.mark.parametrize("share", [0, 0.001, 0.3, 0.7, 0.999])
def test_a_pickle_that_is_cut_off(tmp_path: Path, share: float) -> None:
    write_cifar10_python(tmp_path)
    path = tmp_path / "data_batch_2"
    content = path.read_bytes()
    there = int(share * len(content))
    path.write_bytes(content[:there])
    assert f"{path} ({there:,} bytes) is damaged or cut off" in refusal(f"cifar10:{tmp_path}")


class _Hostile:
    """Writes a file when it is unpickled."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> tuple[Any, ...]:
        return self._call


def _touch(path: Path) -> dict[bytes, Any]:
    return {b"data": _Hostile(Path.touch, path), b"labels": [0]}


@pytest.mark.parametrize("protocol", range(6))
def test_a_hostile_pickle_is_refused_and_does_not_run(tmp_path: Path, protocol: int) -> None:
    write_cifar10_python(tmp_path)
    mark = tmp_path / "mark"
    path = tmp_path / "data_batch_1"
    path.write_bytes(pickle.dumps(_touch(mark), protocol))
    said = refusal(f"cifar10:{tmp_path}")
    assert f"{path} (" in said
    assert "is no file of CIFAR, and is not read: it names " in said
    assert not mark.exists()
    pickle.loads(path.read_bytes())  # noqa: S301 - our own bytes
    assert mark.exists(), "the file would have run code"


@pytest.mark.parametrize(
    "content",
    [
        b"cos\nsystem\n(S'true'\ntR.",
        b"cnumpy\nload\n(S'x'\ntR.",
        b"cnumpy.core.multiarray\nscalar\n.",
        b"c__builtin__\neval\n(S'1'\ntR.",
        b"cbuiltins\ngetattr\n.",
        b"\x80\x04\x8c\x05numpy\x8c\x0dndarray.dumps\x93.",
    ],
)
def test_no_other_name_is_known(tmp_path: Path, content: bytes) -> None:
    write_cifar10_python(tmp_path)
    (tmp_path / "data_batch_1").write_bytes(content)
    assert "is no file of CIFAR, and is not read: it names " in refusal(f"cifar10:{tmp_path}")


@pytest.mark.parametrize(
    "content",
    [
        {b"labels": [0]},
        {b"data": drawn(1, 3071), b"labels": [0]},
        {b"data": drawn(1, 3072).astype(np.float64), b"labels": [0]},
        {b"data": drawn(1, 3072), b"labels": [b"cat"]},
        {b"data": drawn(1, 3072), b"labels": [-1]},
        {b"data": drawn(1, 3072), b"labels": [0, 1]},
        {b"data": b"bytes", b"labels": [0]},
        [0],
    ],
)
def test_a_pickle_of_something_else(tmp_path: Path, content: Any) -> None:
    write_cifar10_python(tmp_path)
    (tmp_path / "data_batch_1").write_bytes(pickle.dumps(content, 2))
    assert str(tmp_path / "data_batch_1") in refusal(f"cifar10:{tmp_path}")


def test_an_array_whose_length_is_a_lie(tmp_path: Path) -> None:
    write_cifar10_python(tmp_path)
    path = tmp_path / "data_batch_1"
    path.write_bytes(
        path.read_bytes().replace(b"J" + (3072).to_bytes(4, "little"), b"J" + (4096).to_bytes(4, "little"))
    )
    assert f"{path} (" in refusal(f"cifar10:{tmp_path}")
