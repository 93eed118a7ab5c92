"""Nets with open sizes: one ONNX model runs at every legal size, and its axes keep their names."""

from __future__ import annotations

import numpy as np
import pytest

import netdsl
from netdsl import resources
from netdsl.runtime import Session


@pytest.fixture(scope="module")
def unet() -> Session:
    net = netdsl.load(resources.path("specs", "unet.net"))["UNet_Padded"]
    return Session(net.onnx().SerializeToString(), "cpu")


def test_axes_keep_their_names(unet: Session) -> None:
    (declared,) = unet.inputs
    assert [str(size) for size in declared.shape] == ["batch", "1", "16*H", "16*W"]


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 3), (5, 4)])
def test_one_model_runs_at_every_size(unet: Session, height: int, width: int) -> None:
    picture = np.zeros((1, 1, 16 * height, 16 * width), np.float32)
    (result,) = unet.run({unet.inputs[0].name: picture}).values()
    assert result.shape == (1, 2, 16 * height, 16 * width)


@pytest.mark.parametrize("height", [1, 2, 3, 7])
def test_both_targets_agree_at_every_size(height: int) -> None:
    spec = resources.path("tests", "tour", "unet.net")
    assert netdsl.load(spec).only().verify(batch=1, sizes={"H": height, "W": 2}).agrees


def test_causal_nets_do_not_look_ahead() -> None:
    net = netdsl.load(resources.path("specs", "wavenet.net")).nets[0]
    session = Session(net.onnx().SerializeToString(), "cpu")
    name = session.inputs[0].name
    before = np.random.default_rng(0).standard_normal((1, 256, 48)).astype(np.float32)
    after = before.copy()
    after[:, :, 30:] += 1
    (first,), (second,) = session.run({name: before}).values(), session.run({name: after}).values()
    assert np.array_equal(first[:, :, :30], second[:, :, :30])
    assert not np.allclose(first[:, :, 30], second[:, :, 30])


def test_training_outputs_are_in_the_model_only_when_asked_for() -> None:
    net = netdsl.load(resources.path("specs", "googlenet.net"))["GoogLeNet"]
    assert [output.name for output in net.onnx().graph.output] == ["logits"]
    names = [output.name for output in net.report.training_outputs]
    assert len(names) == 2
    module = net.module()
    assert len(module.train()(_picture())) == 1 + len(names)
    assert module.eval()(_picture()).shape == (2, 1000)


def _picture() -> object:
    import torch

    return torch.zeros(2, 3, 224, 224)


def test_a_shared_body_is_held_once() -> None:
    net = netdsl.load(resources.path("specs", "siamese.net"))["Siamese"]
    held = [initializer.name for initializer in net.onnx().graph.initializer if initializer.name.startswith("tower.")]
    assert len(held) == len(set(held)) == 10
    assert sorted(held) == sorted(name for name in net.module().state_dict() if name.startswith("tower."))
