"""`--optimize` leaves a simplifier nothing to do, changes no answer, and folds only what is a layer's own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxsim
import onnxslim
import pytest

import netdsl
from netdsl import resources
from netdsl.api import Net
from netdsl.runtime import Session
from netdsl.verify import TOLERANCE, random_inputs, smallest_sizes
from netdsl.weights.sources import Lively, WeightSource

# Normalisations behind and before convolutions, lists in lists, two uses of one body; the others by
# `python -m tests.sweep --optimized`.
NETS = (
    ("resnet", "ResNet18"),
    ("mobilenet", "MobileNetV2"),
    ("densenet", "DenseNet121"),
    ("inception_v3", "InceptionV3"),
    ("siamese", "Siamese"),
)
# What only a change of the weights themselves can save: no simplifier finds anything else by default.
WEIGHTS_ONLY = {"BatchNormalization", "Unsqueeze", "Mul", "Concat"}

FOLDED = {
    "convolution": "conv 3x3 x4 -> bn -> relu",
    "without a bias": "conv 3x3 x4 bias=false -> bn -> relu",
    "groups": "conv 3x3 x6 groups=3 -> bn -> relu",
    "transposed": "upconv 2x2/2 x4 -> bn -> relu",
    "transposed in groups": "upconv 2x2/2 x12 groups=3 -> bn -> relu",
    "dense": "global_avgpool -> fc 5 -> bn -> relu",
    "dense at every place": "fc 5 axis=channels -> bn -> relu",
    "without factors": "conv 3x3 x4 -> bn affine=false -> relu",
    "two in a row": "conv 3x3 x4 -> bn -> bn eps=0.1 -> relu",
    "a factor": "conv 3x3 x4 -> scale -> relu",
    "a factor and a normalisation": "conv 3x3 x4 bias=false -> scale -> bn",
    "at the end": "conv 3x3 x4 -> bn",
}
KEPT = {
    "behind a list": "concat {\n    | conv 3x3 x4 pad=1\n    | identity\n    }\n    bn",
    "behind an activation": "conv 3x3 x4 -> relu -> bn",
    "at the beginning": "bn -> conv 3x3 x4",
}


def net_of(body: str) -> Net:
    return netdsl.parse(f"net Example {{\n    input 6x8x8\n    {body}\n}}").only()


def operators(model: onnx.ModelProto) -> Counter[str]:
    return Counter(node.op_type for node in model.graph.node)


def answers(net: Net, model: onnx.ModelProto) -> dict[str, np.ndarray]:
    inputs = random_inputs(net.graph, smallest_sizes(net.graph), 2, seed=0)
    return Session(model.SerializeToString(), "cpu", optimise=False).run(inputs)


def check_same(net: Net, weights: WeightSource) -> onnx.ModelProto:
    """The optimised model, which is valid and answers as the plain one does."""
    smaller = net.onnx(weights=weights, optimise=True)
    onnx.checker.check_model(smaller, full_check=True)
    found, expected = answers(net, smaller), answers(net, net.onnx(weights=weights))
    for name, array in expected.items():
        assert np.abs(found[name] - array).max() <= TOLERANCE * max(1, np.abs(array).max())
    return smaller


def simplified(model: onnx.ModelProto) -> list[Counter[str]]:
    """The operators that two simplifiers leave."""
    copy = onnx.ModelProto.FromString(model.SerializeToString())
    return [operators(onnxslim.slim(copy)), operators(onnxsim.simplify(model)[0])]


@pytest.mark.parametrize(("spec", "name"), NETS)
def test_simplifiers_find_nothing(spec: str, name: str) -> None:
    net = netdsl.load(resources.path("specs", f"{spec}.net"))[name]
    plain = net.onnx(seed=1)
    for left in simplified(plain):
        assert not left - operators(plain)
        assert set(operators(plain) - left) <= WEIGHTS_ONLY
    smaller = check_same(net, Lively(1))
    assert simplified(smaller) == [operators(smaller)] * 2


@pytest.mark.parametrize("case", FOLDED)
def test_what_stands_behind_a_kernel_is_folded(case: str) -> None:
    net = net_of(FOLDED[case])
    smaller = check_same(net, Lively(2))
    assert not {"BatchNormalization", "Mul", "Unsqueeze"} & set(operators(smaller))
    assert [tensor.name for tensor in smaller.graph.initializer if "bn" in tensor.name] == []
    assert simplified(smaller) == [operators(smaller)] * 2


@pytest.mark.parametrize("case", KEPT)
def test_what_stands_elsewhere_is_kept(case: str) -> None:
    net = net_of(KEPT[case])
    assert operators(check_same(net, Lively(3))) == operators(net.onnx())


def test_a_value_with_two_readers_is_kept() -> None:
    text = """
    net Example {
        input 6x8x8
        conv 3x3 x6 pad=1 as before
        bn as after
        add(before, after)
    }"""
    net = netdsl.parse(text).only()
    assert operators(check_same(net, Lively(3)))["BatchNormalization"] == 1


def test_a_value_that_is_an_output_is_kept() -> None:
    text = "net Example {\n    input 6x8x8\n    conv 3x3 x6 as before\n    bn as after\n    output before, after\n}"
    net = netdsl.parse(text).only()
    assert operators(check_same(net, Lively(3)))["BatchNormalization"] == 1


@pytest.mark.parametrize("body", ["lstm 8", "gru 8 bidirectional=true", "rnn 8 layers=2", "lstm 8 layers=2"])
def test_weights_of_recurrent_layers_are_stored_as_onnx_takes_them(body: str) -> None:
    net = netdsl.parse(f"net Example {{\n    input 4x6\n    {body}\n}}").only()
    smaller = check_same(net, Lively(2))
    assert not {"Concat", "Split", "Unsqueeze"} & set(operators(smaller))
    assert simplified(smaller) == [operators(smaller)] * 2


def test_weights_that_two_layers_share_are_kept() -> None:
    text = """
    net Example {
        input left: 3x8x8
        input right: 3x8x8
        share tower { conv 3x3 x4 -> bn -> relu }
        left -> tower as a
        right -> tower as b
        add(a, b)
    }"""
    net = netdsl.parse(text).only()
    plain, smaller = net.onnx(), check_same(net, Lively(3))
    assert operators(smaller) == operators(plain)
    assert operators(smaller)["BatchNormalization"] == 2


def test_the_plain_model_is_not_touched() -> None:
    net = net_of(FOLDED["convolution"])
    before = net.onnx()
    net.onnx(optimise=True)
    assert net.onnx() == before
    assert [tensor.name for tensor in before.graph.initializer] == list(net.weights())


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    net = netdsl.load(resources.path("specs", "mobilenet.net"))["MobileNet_025"]
    first, second = (net.write_onnx(tmp_path / f"{name}.onnx", optimise=True)[0] for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    onnx.checker.check_model(first, full_check=True)


def test_training_outputs_stay(tmp_path: Path) -> None:
    net = netdsl.load(resources.path("specs", "inception_v3.net")).nets[0]
    path, *_ = net.write_onnx(tmp_path / "a.onnx", optimise=True, training_outputs=True)
    model = onnx.load(path)
    assert [output.name for output in model.graph.output][1:] == list(net.graph.training_outputs)
    assert "BatchNormalization" not in operators(model)
