"""Running models: what would end the whole process is refused beforehand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import netdsl
from netdsl.api import Net
from netdsl.runtime import ModelRefused, Session


def net_with(layer: str) -> Net:
    return netdsl.parse(f"net Sequence {{ input steps: 4x5; {layer} }}").only()


@pytest.mark.parametrize(("layer", "operator"), [("lstm 3", "LSTM"), ("gru 3", "GRU")])
def test_a_batch_of_nothing_is_refused_where_it_is_fatal(layer: str, operator: str, tmp_path: Path) -> None:
    net = net_with(layer)
    path, *_ = net.write_onnx(tmp_path / "a.onnx")
    nothing = {"steps": np.zeros((0, 4, 5), np.float32)}
    words = f"cannot run {operator} on an empty input: every size must be at least 1"
    with pytest.raises(ModelRefused, match=words):
        net.run(nothing, device="cpu")
    with pytest.raises(ModelRefused, match=words):
        Session(path, "cpu").run(nothing)
    with pytest.raises(ModelRefused, match=words):
        net.verify(batch=0)
    (found,) = Session(path, "cpu").run({"steps": np.zeros((1, 4, 5), np.float32)}).values()
    assert found.shape == (1, 3, 5)


@pytest.mark.parametrize("layer", ["rnn 3", "conv 3 x3 pad=1"])
def test_a_batch_of_nothing_gives_nothing_elsewhere(layer: str) -> None:
    (found,) = net_with(layer).run({"steps": np.zeros((0, 4, 5), np.float32)}, device="cpu").values()
    assert found.shape == (0, 3, 5)
