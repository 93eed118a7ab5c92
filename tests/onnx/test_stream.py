"""A streamed model is the model that onnx itself would have written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from netdsl.targets.onnx.stream import PAGE, Initializer, model_bytes, write_model
from netdsl.weights.draw import pieces
from netdsl.weights.initializers import Uniform

Write = Callable[[str], Path]


def graph_model() -> onnx.ModelProto:
    """`y = reshape(x · weight + bias)`, without the three tensors that it names."""
    nodes = [
        helper.make_node("MatMul", ["x", "gewicht-ü"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["sum"]),
        helper.make_node("Reshape", ["sum", "target"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "main",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 40])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 30, 20])],
        doc_string="what it is",
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10, producer_name="netdsl")


def arrays() -> dict[str, NDArray[np.generic]]:
    generator = np.random.default_rng(0)
    return {
        "gewicht-ü": generator.random((40, 600), dtype=np.float32),
        "bias": generator.random(600, dtype=np.float32),
        "target": np.array([0, 30, 20], np.int64),
    }


def in_pieces(data: bytes, size: int = 1000) -> Iterator[memoryview]:
    for start in range(0, len(data), size):
        yield memoryview(data)[start : start + size]


def initializers() -> list[Initializer]:
    return [
        Initializer(
            name, array.shape, helper.np_dtype_to_tensor_dtype(array.dtype), partial(in_pieces, data), len(data)
        )
        for name, array in arrays().items()
        for data in [array.tobytes()]
    ]


def expected() -> onnx.ModelProto:
    model = graph_model()
    model.graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in arrays().items())
    return model


def run(path: Path, optimise: bool) -> NDArray[np.float32]:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    if not optimise:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    (result,) = session.run(None, {"x": np.ones((2, 40), np.float32)})
    assert isinstance(result, np.ndarray)
    return result


@pytest.fixture(params=[2**31 - 1, 1000], ids=["inline", "external"])
def write(request: pytest.FixtureRequest, tmp_path: Path) -> Write:
    def write_to(name: str) -> Path:
        path = tmp_path / name
        write_model(path, graph_model().SerializeToString(), initializers(), external_limit=request.param)
        return path

    return write_to


def test_the_model_is_what_onnx_would_have_made(write: Write) -> None:
    path = write("net.onnx")
    model = onnx.load(path)
    for tensor in model.graph.initializer:
        tensor.ClearField("data_location")
    assert model == expected()


@pytest.mark.parametrize("optimise", [False, True])
def test_onnxruntime_runs_the_model(write: Write, optimise: bool) -> None:
    path = write("netz ü.onnx")
    onnx.checker.check_model(path, full_check=True)
    weight, bias, _ = arrays().values()
    result = (np.ones((2, 40), np.float32) @ weight + bias).reshape(2, 30, 20)
    np.testing.assert_allclose(run(path, optimise), result, rtol=1e-5)


def test_the_same_input_gives_the_same_bytes(write: Write) -> None:
    path = write("net.onnx")
    first = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    assert write("net.onnx") == path
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == first


def test_bytes_in_memory_are_those_of_the_file(tmp_path: Path) -> None:
    graph = graph_model().SerializeToString()
    assert write_model(tmp_path / "net.onnx", graph, initializers()) == (tmp_path / "net.onnx",)
    assert model_bytes(graph, initializers()) == (tmp_path / "net.onnx").read_bytes()


def test_there_is_one_graph_field_for_readers_that_do_not_merge() -> None:
    """All bytes of the model are those of its fields, each written once, so onnx writes as many."""
    data = model_bytes(graph_model().SerializeToString(), initializers())
    assert len(data) == expected().ByteSize()


def test_a_model_in_several_parts_is_merged_as_protobuf_merges_it() -> None:
    whole = graph_model()
    first, second = onnx.ModelProto(), onnx.ModelProto()
    first.CopyFrom(whole)
    del first.graph.node[1:]
    second.graph.node.extend(whole.graph.node[1:])
    data = model_bytes(first.SerializeToString() + second.SerializeToString(), initializers())
    assert onnx.load_from_string(data) == expected()


@pytest.mark.parametrize(
    ("array", "name"),
    [(np.float16(3.5), "scalar"), (np.zeros((0, 4), np.float32), "empty"), (np.ones((300, 1, 2), np.int8), "x" * 200)],
)
def test_every_tensor_has_the_bytes_that_onnx_gives_it(array: NDArray[np.generic], name: str) -> None:
    tensor = numpy_helper.from_array(np.asarray(array), name)
    data = np.asarray(array).tobytes()
    made = Initializer(name, np.shape(array), tensor.data_type, lambda: [data], len(data))
    (written,) = onnx.load_from_string(model_bytes(b"", [made])).graph.initializer
    assert written.SerializeToString() == tensor.SerializeToString()


def test_large_tensors_begin_with_a_page_of_the_one_data_file(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    written = write_model(path, graph_model().SerializeToString(), initializers(), external_limit=0)
    assert written == (path, tmp_path / "net.onnx.data")
    assert sorted(tmp_path.iterdir()) == sorted(written)
    tensors = {tensor.name: tensor for tensor in onnx.load(path, load_external_data=False).graph.initializer}
    entries = {name: {entry.key: entry.value for entry in tensor.external_data} for name, tensor in tensors.items()}
    second_offset = str(-(-40 * 600 * 4 // PAGE) * PAGE)
    assert entries == {
        "gewicht-ü": {"location": "net.onnx.data", "offset": "0", "length": str(40 * 600 * 4)},
        "bias": {"location": "net.onnx.data", "offset": second_offset, "length": "2400"},
        "target": {},
    }
    data = (tmp_path / "net.onnx.data").read_bytes()
    assert data[int(second_offset) :][:2400] == arrays()["bias"].tobytes()


def test_the_limit_counts_the_whole_file(tmp_path: Path) -> None:
    graph = graph_model().SerializeToString()
    size = len(model_bytes(graph, initializers()))
    assert len(write_model(tmp_path / "a.onnx", graph, initializers(), external_limit=size)) == 1
    assert (tmp_path / "a.onnx").stat().st_size == size
    assert len(write_model(tmp_path / "b.onnx", graph, initializers(), external_limit=size - 1)) == 2


def test_a_model_that_fits_again_leaves_its_old_data_file(tmp_path: Path) -> None:
    path, graph = tmp_path / "net.onnx", graph_model().SerializeToString()
    write_model(path, graph, initializers(), external_limit=0)
    data = (tmp_path / "net.onnx.data").read_bytes()
    write_model(path, graph, initializers())
    assert onnx.load(path, load_external_data=False) == expected()
    assert (tmp_path / "net.onnx.data").read_bytes() == data


def failing(data: bytes) -> Iterable[bytes]:
    yield data
    raise KeyboardInterrupt


@pytest.mark.parametrize("limit", [2**31 - 1, 1000])
@pytest.mark.parametrize("old_limit", [2**31 - 1, 1000, None])
def test_an_error_in_the_middle_leaves_the_old_files(tmp_path: Path, limit: int, old_limit: int | None) -> None:
    path, graph = tmp_path / "net.onnx", graph_model().SerializeToString()
    if old_limit is not None:
        write_model(path, graph, initializers(), external_limit=old_limit)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    broken = [*initializers(), Initializer("last", (9999,), TensorProto.INT8, partial(failing, b"x"), 9999)]
    with pytest.raises(KeyboardInterrupt):
        write_model(path, graph, broken, external_limit=limit)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("limit", [2**31 - 1, 0])
@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([b"x" * 1999], "'w' have 1 fewer than the declared 2000 bytes"),
        ([], "'w' have 2000 fewer"),
        ([b"x" * 1999, b"xx"], "'w' have more"),
        ([b"x" * 2000, b"x"], "'w' have more"),
    ],
)
def test_a_wrong_number_of_bytes_is_an_error(tmp_path: Path, limit: int, data: list[bytes], message: str) -> None:
    wrong = Initializer("w", (2000,), TensorProto.INT8, lambda: data, 2000)
    with pytest.raises(ValueError, match=message):
        write_model(tmp_path / "net.onnx", b"", [wrong], external_limit=limit)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a..b.onnx", "a\\b.onnx", "a:b.onnx", "a\nb.onnx", os.fsdecode(b"\xff.onnx")])
def test_a_name_that_would_mean_another_file_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="second file"):
        write_model(tmp_path / name, graph_model().SerializeToString(), initializers(), external_limit=0)
    assert list(tmp_path.iterdir()) == []
    assert len(write_model(tmp_path / name, graph_model().SerializeToString(), initializers())) == 1


@pytest.mark.parametrize("data", [b"\x3a", b"\x3a\x05abc", b"\x08", b"\xff" * 12, b"\x0b", b"\x0d\x00"])
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a protobuf message"):
        model_bytes(data, [])


def test_a_model_too_large_for_memory_is_refused_before_anything_is_drawn() -> None:
    huge = Initializer("w", (2**31,), TensorProto.INT8, partial(failing, b""), 2**31)
    with pytest.raises(ValueError, match="2147483647"):
        model_bytes(b"", [huge])


def test_memory_does_not_grow_with_the_weights(tmp_path: Path) -> None:
    """200 MB of weights in a process whose memory grows by a few: numpy, and some pieces."""
    program = (
        "import resource, sys\nfrom functools import partial\nimport numpy\n"
        "from netdsl.targets.onnx.stream import Initializer, write_model\n"
        "from netdsl.weights.draw import pieces\nfrom netdsl.weights.initializers import Uniform\n"
        "count = 50_000_000\nbefore = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "draw = partial(pieces, Uniform(-1, 1), count, 'w', 0)\n"
        "write_model(sys.argv[1], b'', [Initializer('w', (count,), 1, draw, 4 * count)])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    path = tmp_path / "net.onnx"
    result = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    assert path.stat().st_size > 200_000_000
    assert int(result.stdout) < 10_000


def test_drawn_weights_arrive_in_the_model() -> None:
    draw = partial(pieces, Uniform(-1, 1), 6, "w", 7)
    model = onnx.load_from_string(model_bytes(b"", [Initializer("w", (2, 3), TensorProto.FLOAT, draw, 24)]))
    (tensor,) = model.graph.initializer
    assert numpy_helper.to_array(tensor).tobytes() == b"".join(draw())
