"""Labels that would break a PyTorch module are refused, and no others."""

from __future__ import annotations

import pytest
from torch import nn

from netdsl.graph.labels import is_reserved, is_usable

MEMBERS = sorted({*dir(nn.Module()), *vars(nn.Module()), "from_weights"})


@pytest.mark.parametrize("name", MEMBERS)
def test_what_every_module_has_is_reserved(name: str) -> None:
    assert is_reserved(name)
    assert not is_usable(name)


@pytest.mark.parametrize("label", ["conv1", "0", "class", "in", "_x", "__x", "_", "", "weight", "bias"])
def test_other_words_are_labels(label: str) -> None:
    assert is_usable(label)


@pytest.mark.parametrize("label", ["a.b", "a b", "a-b", "\u017f", "x" * 129])
def test_other_characters_are_no_labels(label: str) -> None:
    assert not is_usable(label)
