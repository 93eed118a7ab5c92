"""Small data sets in the formats of the large ones, written byte by byte as their pages describe them."""

from __future__ import annotations

import gzip
import pickle
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from netdsl import resources

Array = np.ndarray[Any, Any]
CIFAR10_FILES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")


@contextmanager
def _at_the_front(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def data_package() -> Any:
    """The package `data` as a training folder has it."""
    with _at_the_front(resources.path("codegen_templates", "training")):
        return import_module("data")


def drawn(count: int, *shape: int, seed: int = 0) -> Array:
    """Bytes by a seed."""
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)


def labels(count: int, classes: int = 10) -> Array:
    """0, 1, 2, … and again."""
    return (np.arange(count) % classes).astype(np.uint8)


# ---- IDX -------------------------------------------------------------------------------------


def idx(array: Array) -> bytes:
    """An IDX file of bytes."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def write_mnist(folder: Path, *, train: int = 30, test: int = 10, zipped: bool = False, mark: str = "-") -> Array:
    """MNIST's four files with pictures of their own; the result is the training pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = drawn(train, 28, 28)
    for part, pixels in (("train", pictures), ("t10k", drawn(test, 28, 28, seed=1))):
        for name, array in ((f"images{mark}idx3", pixels), (f"labels{mark}idx1", labels(len(pixels)))):
            path = folder / f"{part}-{name}-ubyte{'.gz' if zipped else ''}"
            path.write_bytes(gzip.compress(idx(array)) if zipped else idx(array))
    return pictures


# ---- CIFAR -----------------------------------------------------------------------------------


def write_cifar10_binary(folder: Path, count: int = 10) -> Array:
    """Records of a label and a picture; the result is all training pictures, channels first."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(CIFAR10_FILES):
        records = np.concatenate([labels(count)[:, None], drawn(count, 3072, seed=seed)], axis=1)
        (folder / f"{name}.bin").write_bytes(records.tobytes())
    return np.concatenate([drawn(count, 3, 32, 32, seed=seed) for seed in range(5)])


def write_cifar10_python(folder: Path, count: int = 10, dump: Callable[[Any], bytes] | None = None) -> Array:
    """The pickled dictionaries of the Python version."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(CIFAR10_FILES):
        content = {
            b"batch_label": name.encode(),
            b"labels": labels(count).tolist(),
            b"data": drawn(count, 3072, seed=seed),
            b"filenames": [f"{place}.png".encode() for place in range(count)],
        }
        (folder / name).write_bytes((dump or python_2_pickle)(content))
    return np.concatenate([drawn(count, 3, 32, 32, seed=seed) for seed in range(5)])


def write_cifar100(folder: Path, *, binary: bool, count: int = 100) -> Array:
    """CIFAR-100's two files, with the names of its fine classes; the result is the training pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"kind_{number}" for number in range(100)]
    for seed, (name, many) in enumerate((("train", 5 * count), ("test", count))):
        coarse, fine = labels(many, 20), labels(many, 100)
        if binary:
            records = np.concatenate([coarse[:, None], fine[:, None], drawn(many, 3072, seed=seed)], axis=1)
            (folder / f"{name}.bin").write_bytes(records.tobytes())
        else:
            content = {
                b"fine_labels": fine.tolist(),
                b"coarse_labels": coarse.tolist(),
                b"data": drawn(many, 3072, seed=seed),
            }
            (folder / name).write_bytes(python_2_pickle(content))
    (folder / "fine_label_names.txt").write_text("\n".join(names) + "\n")
    (folder / "meta").write_bytes(python_2_pickle({b"fine_label_names": [name.encode() for name in names]}))
    return drawn(5 * count, 3, 32, 32)


def python_2_pickle(content: dict[bytes, Any]) -> bytes:
    """A dictionary as Python 2 pickled it in 2009, in protocol 2: text is bytes, and arrays are numpy's of then."""
    return b"\x80\x02" + _put(content) + b"."


def _put(value: Any) -> bytes:
    match value:
        case bytes():
            return b"T" + struct.pack("<I", len(value)) + value
        case bool():
            return b"\x88" if value else b"\x89"
        case int():
            return b"J" + struct.pack("<i", value)
        case None:
            return b"N"
        case list():
            return b"](" + b"".join(map(_put, value)) + b"e"
        case tuple():
            return b"(" + b"".join(map(_put, value)) + b"t"
        case dict():
            return b"}(" + b"".join(_put(key) + _put(each) for key, each in value.items()) + b"u"
        case np.ndarray():
            return _put_array(value)
    raise TypeError(type(value).__name__)


def _put_array(array: Array) -> bytes:
    kind = b"cnumpy\ndtype\n" + _put((b"u1", 0, 1)) + b"R" + _put((3, b"|", None, None, None, -1, -1, 0)) + b"b"
    made = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n" + _put((0,)) + _put(b"b") + b"tR"
    return made + b"(" + _put(1) + _put(array.shape) + kind + _put(False) + _put(array.tobytes()) + b"tb"


def python_3_pickles() -> list[Callable[[Any], bytes]]:
    """How Python of today writes the same, in its protocols."""
    return [lambda content, protocol=protocol: pickle.dumps(content, protocol) for protocol in range(2, 6)]
