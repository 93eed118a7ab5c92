"""`netdsl verify` where memory does not suffice: a message, and not a mistake of netdsl."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from netdsl.api import Net

_WORDS = "netdsl: there is not enough memory; a smaller batch, or smaller sizes, need less\n"


def test_a_batch_that_no_memory_holds(netdsl) -> None:
    code, out, err = netdsl("verify", "clean.net", "--batch", "1000000000000")
    assert (code, out, err) == (2, "", _WORDS)


def test_pytorch_without_memory(netdsl, monkeypatch: pytest.MonkeyPatch) -> None:
    def verify(self: Net, **options: Any) -> torch.Tensor:
        return torch.empty(2**48)

    monkeypatch.setattr(Net, "verify", verify)
    code, out, err = netdsl("verify", "clean.net")
    assert (code, out, err) == (2, "", _WORDS)


def test_other_mistakes_are_still_our_own(netdsl, monkeypatch: pytest.MonkeyPatch) -> None:
    def verify(self: Net, **options: Any) -> torch.Tensor:
        return torch.ones(2) @ torch.ones(3)

    monkeypatch.setattr(Net, "verify", verify)
    code, out, err = netdsl("verify", "clean.net")
    assert (code, out) == (101, "")
    assert "internal error" in err
