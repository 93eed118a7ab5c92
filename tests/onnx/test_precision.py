"""Models in half precision and in eight bits: close to the float32 model, smaller, and the same at every writing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

import netdsl
from netdsl import resources
from netdsl.api import Net, NetdslError
from netdsl.pictures import picture_array
from netdsl.runtime import Session
from netdsl.verify import random_inputs, smallest_sizes
from netdsl.weights.sources import Lively

# Eleven bits of every number, through a deep net.
HALF = 2.0**-8
SAMPLES = resources.path("specs", "samples")
DIGITS = sorted(SAMPLES.glob("digit_*.png"))
SPEC = """\
net Small {
    input image: 3x16x16
    conv 3x3 x8 pad=1 bias=false -> bn -> relu -> maxpool 2x2
    conv 3x3 x16 pad=1 -> bn -> relu
    global_avgpool -> fc 3
}
"""
TWO = "net Two {\n    input a: 4\n    input b: 4\n    add(a, b) -> fc 3\n}"


@pytest.fixture(scope="module")
def small() -> Net:
    return netdsl.parse(SPEC).only()


@pytest.fixture(scope="module")
def lenet() -> Net:
    return netdsl.load(resources.path("specs", "lenet5.net"))["LeNet5"]


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    folder = tmp_path / "digits"
    folder.mkdir()
    for path in DIGITS:
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / ".hidden").write_bytes(b"no picture")
    return folder


def examples(path: Path, **shapes: tuple[int, ...]) -> Path:
    generator = np.random.default_rng(1)
    np.savez(path, **{name: generator.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()})
    return path


def answers(net: Net, model: Path | bytes) -> dict[str, np.ndarray]:
    inputs = random_inputs(net.graph, smallest_sizes(net.graph), 2, seed=0)
    return Session(model, "cpu").run(inputs)


def types(path: Path) -> dict[str, int]:
    return {tensor.name: tensor.data_type for tensor in onnx.load(path).graph.initializer}


@pytest.mark.parametrize(
    ("spec", "name"),
    [("resnet", "ResNet18"), ("unet", "UNet_Padded"), ("mobilenet", "MobileNetV2"), ("googlenet", "GoogLeNet")],
)
def test_half_precision_is_close(spec: str, name: str, tmp_path: Path) -> None:
    net = netdsl.load(resources.path("specs", f"{spec}.net"))[name]
    path, *_ = net.write_onnx(tmp_path / "half.onnx", weights=Lively(1), precision="fp16")
    whole, *_ = net.write_onnx(tmp_path / "whole.onnx", weights=Lively(1))
    onnx.checker.check_model(path, full_check=True)
    assert path.stat().st_size < 0.52 * whole.stat().st_size
    found, expected = answers(net, path), answers(net, whole)
    for output, array in expected.items():
        assert found[output].dtype == np.float32
        assert 0 < np.abs(found[output] - array).max() <= HALF * max(1, np.abs(array).max())


def test_inputs_and_outputs_stay_as_they_are(small: Net, tmp_path: Path) -> None:
    path, *_ = small.write_onnx(tmp_path / "half.onnx", precision="fp16")
    model = onnx.load(path)
    for value in (*model.graph.input, *model.graph.output):
        assert value.type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    assert set(types(path).values()) == {onnx.TensorProto.FLOAT16}


def test_eight_bits_read_digits(lenet: Net, digits: Path, tmp_path: Path) -> None:
    weights = lenet.weights_from(SAMPLES / "lenet5.safetensors")
    path, *_ = lenet.write_onnx(tmp_path / "int8.onnx", weights=weights, precision="int8", calibration=digits)
    onnx.checker.check_model(path, full_check=True)
    session = Session(path, "cpu")
    (declared,) = session.inputs
    shape = tuple(int(size) for size in declared.shape[1:])
    for number, picture in enumerate(DIGITS):
        (scores,) = session.run({declared.name: picture_array(picture, shape)[None]}).values()
        assert scores.argmax() == number


def test_eight_bits_are_written_as_they_run_fastest(small: Net, tmp_path: Path) -> None:
    data = examples(tmp_path / "x.npz", image=(20, 3, 16, 16))
    path, *_ = small.write_onnx(tmp_path / "int8.onnx", weights=Lively(1), precision="int8", calibration=data)
    model = onnx.load(path)
    operators = [node.op_type for node in model.graph.node]
    assert "QuantizeLinear" in operators
    assert "BatchNormalization" not in operators
    arrays = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    weight = arrays["conv2.weight_quantized"]
    assert weight.dtype == np.int8
    assert np.abs(weight.astype(int)).max() == 64
    assert arrays["conv2.weight_scale"].shape == (16,)
    assert arrays["image_zero_point"].dtype == np.uint8
    found, expected = answers(small, path), answers(small, small.onnx(weights=Lively(1)).SerializeToString())
    for name, array in expected.items():
        correlation = np.corrcoef(found[name].ravel(), array.ravel())[0, 1]
        assert correlation > 0.98


@pytest.mark.parametrize(
    "text",
    [
        "input image: 16x24; conv 1 x32; attention 2",
        "input image: 16x24; conv 1 x32; attention 2 causal=true",
        "input image: 16x14x14; conv 1x1 x32; window_attention 7 heads=4",
        "input image: 16x14x14; conv 1x1 x32; window_attention 7 heads=4 shift=3",
    ],
)
def test_masks_survive_eight_bits(text: str, tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    """The infinity in a mask has no place in a range of values."""
    net = netdsl.parse(f"net Masked {{ {text} }}").only()
    (tensor,) = net.graph.inputs
    assert tensor.type is not None
    data = examples(tmp_path / "x.npz", image=(16, *map(int, tensor.type.shape)))
    path, *_ = net.write_onnx(tmp_path / "int8.onnx", weights=Lively(1), precision="int8", calibration=data)
    inputs = {"image": np.load(data)["image"]}
    (found,) = Session(path, "cpu").run(inputs).values()
    (expected,) = net.run(inputs, weights=Lively(1), device="cpu").values()
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.995
    arrays = [onnx.numpy_helper.to_array(each) for each in onnx.load(path).graph.initializer if "scale" in each.name]
    assert all(np.isfinite(array).all() for array in arrays)
    assert not recwarn.list


def test_padding_below_all_numbers_survives_eight_bits(tmp_path: Path) -> None:
    net = netdsl.parse(
        "net Wide { input image: 3x12x12; maxpool 2x2 stride=1 pad=same dilation=3; conv 1x1 x4 }"
    ).only()
    data = examples(tmp_path / "x.npz", image=(16, 3, 12, 12))
    path, *_ = net.write_onnx(tmp_path / "int8.onnx", weights=Lively(1), precision="int8", calibration=data)
    assert "conv1.weight_quantized" in types(path)
    for output, expected in answers(net, net.onnx(weights=Lively(1)).SerializeToString()).items():
        assert np.corrcoef(answers(net, path)[output].ravel(), expected.ravel())[0, 1] > 0.995


def test_the_ends_are_kept_if_asked_for(small: Net, tmp_path: Path) -> None:
    data = examples(tmp_path / "x.npz", image=(4, 3, 16, 16))
    kinds = []
    for keep in (False, True):
        path, *_ = small.write_onnx(tmp_path / "a.onnx", precision="int8", calibration=data, keep_ends=keep)
        kinds.append({name for name in types(path) if name.endswith("weight_quantized")})
    assert kinds == [
        {"conv1.weight_quantized", "conv2.weight_quantized", "fc1.weight_quantized"},
        {"conv2.weight_quantized"},
    ]


def test_several_inputs_have_an_array_each(tmp_path: Path) -> None:
    net = netdsl.parse(TWO).only()
    path, *_ = net.write_onnx(
        tmp_path / "a.onnx", precision="int8", calibration=examples(tmp_path / "x.npz", a=(9, 4), b=(9, 4))
    )
    assert answers(net, path)["output"].shape == (2, 3)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"image": (4, 3, 16, 15)}, "`image` is 4x3x16x15, and examples of 3x16x16 are Nx3x16x16"),
        ({"image": (3, 16, 16)}, "`image` is 3x16x16"),
        ({"picture": (4, 3, 16, 16)}, "there is no array `image`"),
        ({"image": (0, 3, 16, 16)}, "there are none in x.npz"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(small: Net, tmp_path: Path, arrays: dict, words: str) -> None:
    data = examples(tmp_path / "x.npz", **arrays)
    with pytest.raises(NetdslError, match=words):
        small.write_onnx(tmp_path / "a.onnx", precision="int8", calibration=data)
    assert not (tmp_path / "a.onnx").exists()


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_examples_that_are_no_finite_numbers_are_refused(
    small: Net, tmp_path: Path, value: float, recwarn: pytest.WarningsRecorder
) -> None:
    array = np.zeros((4, 3, 16, 16))
    array[2, 1, 0, 0] = value
    np.savez(tmp_path / "x.npz", image=array)
    with pytest.raises(NetdslError, match="`image` holds numbers that are not finite in float32") as caught:
        small.write_onnx(tmp_path / "a.onnx", precision="int8", calibration=tmp_path / "x.npz")
    assert [found.code for found in caught.value.diagnostics] == ["E411"]
    assert not (tmp_path / "a.onnx").exists()
    assert not recwarn.list


def test_numbers_of_examples_that_differ_are_refused(tmp_path: Path) -> None:
    data = examples(tmp_path / "x.npz", a=(9, 4), b=(8, 4))
    with pytest.raises(NetdslError, match="9 for `a`, 8 for `b`"):
        netdsl.parse(TWO).only().write_onnx(tmp_path / "a.onnx", precision="int8", calibration=data)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TWO, r"the net takes 2 inputs \(a, b\), and pictures are for one"),
        ("net N { input 3xHxW; conv 3x3 x4; global_avgpool; fc 2 }", "the sizes of `input` .* are open"),
        ("net N { input 16; fc 2 }", "a picture has 1 or 3 channels, height and width; the net takes 16"),
    ],
)
def test_nets_that_take_no_pictures_are_told(digits: Path, tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(NetdslError, match=words):
        netdsl.parse(text).only().write_onnx(tmp_path / "a.onnx", precision="int8", calibration=digits)


def test_a_folder_with_something_else_is_told(small: Net, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    with pytest.raises(NetdslError, match="there are none in pictures"):
        small.write_onnx(tmp_path / "a.onnx", precision="int8", calibration=folder)
    Image.new("RGB", (40, 30)).save(folder / "a.png")
    (folder / "notes.txt").write_text("not a picture")
    with pytest.raises(NetdslError, match=r"notes.txt cannot be read as a picture"):
        small.write_onnx(tmp_path / "a.onnx", precision="int8", calibration=folder)


@pytest.mark.parametrize("precision", ["fp16", "int8"])
def test_the_same_input_gives_the_same_bytes(precision: str, tmp_path: Path) -> None:
    data = examples(tmp_path / "x.npz", image=(4, 3, 16, 16))
    (tmp_path / "small.net").write_text(SPEC)
    written = []
    for seed in ("1", "2"):
        calibration = ["--calibrate", str(data)] if precision == "int8" else []
        command = [sys.executable, "-m", "netdsl", "compile", "small.net", "-t", "onnx", "-o", "a.onnx"]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])}
        done = subprocess.run(
            [*command, "--precision", precision, *calibration],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        written.append((tmp_path / "a.onnx").read_bytes())
    assert written[0] == written[1]
