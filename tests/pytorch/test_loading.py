"""`from_weights` of the generated class: the net with the weights of a file, all of them and no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import netdsl
from netdsl.targets.pytorch import source

SMALL = "net Small { input image: 3x8x8; conv1: conv 3x3 x4 -> bn -> relu -> global_avgpool -> fc 2 }"


def class_of(text: str) -> Any:
    """The class of a text's only net."""
    graph = netdsl.parse(text).only().graph
    namespace: dict[str, Any] = {}
    exec(source(graph), namespace)  # noqa: S102 - our own text
    return namespace[graph.name]


def test_weights_come_from_the_file(tmp_path: Path) -> None:
    small = class_of(SMALL)
    trained: nn.Module = small().eval()
    nn.init.uniform_(trained.get_buffer("bn1.running_var"))
    save_file(trained.state_dict(), tmp_path / "small.safetensors")
    found = small.from_weights(tmp_path / "small.safetensors").eval()
    x = torch.randn(2, 3, 8, 8)

    assert isinstance(found, small)
    assert torch.equal(found(x), trained(x))


def test_file_of_the_nets_own_arrays_is_enough(tmp_path: Path) -> None:
    """Other programs do not count batches."""
    small = class_of(SMALL)
    state = {name: array for name, array in small().state_dict().items() if "num_batches" not in name}
    save_file(state, str(tmp_path / "small.safetensors"))

    assert int(small.from_weights(str(tmp_path / "small.safetensors")).bn1.num_batches_tracked) == 0


@pytest.mark.parametrize("change", ["missing", "surplus", "misshapen"])
def test_files_that_do_not_fit_are_refused(tmp_path: Path, change: str) -> None:
    small = class_of(SMALL)
    state = small().state_dict()
    if change == "missing":
        del state["conv1.bias"]
    elif change == "surplus":
        state["conv9.bias"] = torch.zeros(1)
    else:
        state["conv1.bias"] = torch.zeros(5)
    save_file(state, tmp_path / "small.safetensors")

    with pytest.raises(RuntimeError, match=r"conv[19]\.bias"):
        small.from_weights(tmp_path / "small.safetensors")


def test_net_without_weights_loads_nothing() -> None:
    text = source(netdsl.parse("net N { input 3x4x4; relu }").only().graph)

    assert "from_weights" not in text
    assert "import load_file" not in text


def test_names_of_the_method_are_no_names_of_classes() -> None:
    found = class_of(
        "block self(c) { conv 1x1 x c -> relu }\nnet load_file { input 3x4x4; one: self(4) -> two: self(5) }"
    )

    assert found.__name__ == "load_file"
