"""From a serialised graph without weights, and an iterator of weights beside it, to one ONNX file.

The weights are framed as protobuf by hand and written piece by piece, so that memory does not grow with them. They go
inside the graph's own field: protobuf would merge a second field of that kind, but many readers written for browsers
keep the last one only. A model above protobuf's limit keeps its weights in one file next to it, as ONNX external data.

The field numbers are those of onnx.proto.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from netdsl.files import replace_file, replace_files
from netdsl.targets.onnx import wire

# Protobuf's readers refuse a message of 2 GiB.
PROTOBUF_LIMIT = 2**31 - 1
# Pages are mapped into memory whole, so a tensor that begins with one needs no copy.
PAGE = 4096
# Smaller tensors stay in the model: shape inference reads their numbers (a Reshape's target), as onnx.save keeps them.
SMALLEST_EXTERNAL = 1024

_MODEL_GRAPH = 7
_GRAPH_INITIALIZER = 5
_TENSOR_DIMS, _TENSOR_TYPE, _TENSOR_NAME, _TENSOR_RAW, _TENSOR_EXTERNAL, _TENSOR_LOCATION = 1, 2, 8, 9, 13, 14
_EXTERNAL = 1


@dataclass(frozen=True, slots=True)
class Initializer:
    """A tensor that a model holds, and how to get its bytes.

    `data_type` is one of onnx's TensorProto.DataType, strings excepted. `pieces` gives the numbers in ONNX's raw
    format (little-endian, row by row), `nbytes` bytes in all; each piece is used up before the next is asked for.
    """

    name: str
    dims: tuple[int, ...]
    data_type: int
    pieces: Callable[[], Iterable[bytes | memoryview]]
    nbytes: int


def write_model(
    path: str | os.PathLike[str],
    graph_model: bytes,
    initializers: Iterable[Initializer],
    *,
    external_limit: int = PROTOBUF_LIMIT,
) -> tuple[Path, ...]:
    """Write a model with its weights, and return the files that this made: the model, and its data file if it has one.

    `graph_model` is a serialised ModelProto. A model of more than `external_limit` bytes leaves its larger tensors in
    `<name>.data` in the same folder. The files replace what was there when all of them are complete; a data file that
    the new model does not need stays where it is.

    Raises:
        ValueError: the pieces of an initialiser are not `nbytes` long, `graph_model` is not a ModelProto, or the
            file's name cannot stand in a model as its data file's.
        OSError: a file cannot be written.
    """
    path = Path(path)
    tensors = tuple(initializers)
    model = _assemble(graph_model, [_Fragment.inline(tensor) for tensor in tensors])
    if model.size <= external_limit or all(tensor.nbytes < SMALLEST_EXTERNAL for tensor in tensors):
        with replace_file(path) as file:
            model.write(file)
        return (path,)
    data_path = path.with_name(checked_location(f"{path.name}.data"))
    fragments, placed = _place_outside(tensors, data_path.name)
    model = _assemble(graph_model, fragments)
    with replace_files(data_path, path) as (data_file, file):
        _write_data(data_file, placed)
        model.write(file)
    return (path, data_path)


def linked_model(
    graph_model: bytes, initializers: Iterable[Initializer], location: str, offsets: Mapping[str, int]
) -> bytes:
    """The model whose numbers all lie in another file of its folder, `location`, from these offsets on.

    Raises:
        ValueError: `graph_model` is not a ModelProto, or the name cannot stand in a model as another file's.
    """
    checked_location(location)
    fragments = [_Fragment.external(tensor, location, offsets[tensor.name]) for tensor in initializers]
    file = io.BytesIO()
    _assemble(graph_model, fragments).write(file)
    return file.getvalue()


def model_bytes(graph_model: bytes, initializers: Iterable[Initializer]) -> bytes:
    """The model with its weights as `write_model` would write it, in memory.

    Raises:
        ValueError: as in `write_model`, or the model is too large for one protobuf message.
    """
    model = _assemble(graph_model, [_Fragment.inline(tensor) for tensor in initializers])
    if model.size > PROTOBUF_LIMIT:
        raise ValueError(f"The model has {model.size} bytes, and a single message at most {PROTOBUF_LIMIT}.")
    file = io.BytesIO()
    model.write(file)
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class _Fragment:
    """One initializer field of the graph: its bytes, or those before the numbers of `tensor`, with which it ends."""

    head: bytes
    tensor: Initializer | None

    @property
    def size(self) -> int:
        return len(self.head) + (self.tensor.nbytes if self.tensor else 0)

    @classmethod
    def inline(cls, tensor: Initializer) -> _Fragment:
        head = _description(tensor) + wire.head(_TENSOR_RAW, tensor.nbytes)
        return cls(wire.head(_GRAPH_INITIALIZER, len(head) + tensor.nbytes) + head, tensor)

    @classmethod
    def external(cls, tensor: Initializer, location: str, offset: int) -> _Fragment:
        entries = {"location": location, "offset": str(offset), "length": str(tensor.nbytes)}
        place = b"".join(wire.delimited(_TENSOR_EXTERNAL, _entry(*entry)) for entry in entries.items())
        content = _description(tensor) + place + wire.integer(_TENSOR_LOCATION, _EXTERNAL)
        return cls(wire.delimited(_GRAPH_INITIALIZER, content), None)


@dataclass(frozen=True, slots=True)
class _Model:
    """A ModelProto in the order of its bytes: all that was there, then the initialisers as the graph's last fields."""

    head: bytes
    fragments: Sequence[_Fragment]

    @property
    def size(self) -> int:
        return len(self.head) + sum(fragment.size for fragment in self.fragments)

    def write(self, file: BinaryIO) -> None:
        file.write(self.head)
        for fragment in self.fragments:
            file.write(fragment.head)
            if fragment.tensor is not None:
                write_pieces(file, fragment.tensor)


def _assemble(graph_model: bytes, fragments: Sequence[_Fragment]) -> _Model:
    """The model whose graph has the fragments, and which has one graph only."""
    graph, others = b"", b""
    for number, start, content, end in wire.fields(graph_model):
        if number == _MODEL_GRAPH:
            graph += graph_model[content:end]
        else:
            others += graph_model[start:end]
    length = len(graph) + sum(fragment.size for fragment in fragments)
    return _Model(others + wire.head(_MODEL_GRAPH, length) + graph, fragments)


def write_pieces(file: BinaryIO, tensor: Initializer) -> None:
    """Write a tensor's bytes, never more of them than it declares.

    Raises:
        ValueError: its pieces are not `nbytes` long.
    """
    left = tensor.nbytes
    for piece in tensor.pieces():
        left -= memoryview(piece).nbytes
        if left < 0:
            break
        file.write(piece)
    if left:
        comparison = "more" if left < 0 else f"{left} fewer"
        raise ValueError(f"The pieces of {tensor.name!r} have {comparison} than the declared {tensor.nbytes} bytes.")


def _place_outside(tensors: Sequence[Initializer], location: str) -> tuple[list[_Fragment], list[Initializer]]:
    """The fragments of all tensors, and those tensors that lie in the data file, each from the next page on."""
    fragments, placed, offset = [], [], 0
    for tensor in tensors:
        if tensor.nbytes < SMALLEST_EXTERNAL:
            fragments.append(_Fragment.inline(tensor))
            continue
        fragments.append(_Fragment.external(tensor, location, offset))
        placed.append(tensor)
        offset += tensor.nbytes + -tensor.nbytes % PAGE
    return fragments, placed


def _write_data(file: BinaryIO, tensors: Sequence[Initializer]) -> None:
    for tensor in tensors:
        write_pieces(file, tensor)
        file.write(bytes(-tensor.nbytes % PAGE))


def checked_location(name: str) -> str:
    """The name of a second file, if it means the same file to every reader of the model.

    onnx takes `..` for a way out of the folder, Windows a backslash or a colon; protobuf's strings are UTF-8.

    Raises:
        ValueError: it does not.
    """
    if not name.isprintable() or ".." in name or set(name) & set('\\/:*?"<>|'):
        raise ValueError(f"The model has a second file beside it, which cannot be called {name!r}.")
    return name


def _description(tensor: Initializer) -> bytes:
    """The fields of a TensorProto before its numbers."""
    dims = b"".join(wire.integer(_TENSOR_DIMS, size) for size in tensor.dims)
    kind = wire.integer(_TENSOR_TYPE, tensor.data_type)
    return dims + kind + wire.delimited(_TENSOR_NAME, tensor.name.encode())


def _entry(key: str, value: str) -> bytes:
    """A StringStringEntryProto."""
    return wire.delimited(1, key.encode()) + wire.delimited(2, value.encode())
