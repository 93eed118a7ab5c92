"""Every opset from 17 to 23: each operation is valid, runs, and says what PyTorch says; and so do whole nets.

Nets of every family are compared by `python -m tests.onnx.sweep opsets`.
"""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

import netdsl
from netdsl import resources
from netdsl.ops import operations
from netdsl.ops.parameters import parameters_of
from netdsl.targets.onnx.opsets import DEFAULT_OPSET, OPSETS
from netdsl.types.tensors import INT64
from tests.onnx.sweep import at_opset
from tests.ops.harness import Recorded, check
from tests.ops.test_every_parameter import INPUTS, drawn, made

EXAMPLES = 3
OF_INDICES = ("embed",)
TRIES = 5000


def examples(word: str) -> list[Recorded]:
    """Some layers of an operation with parameters that fit."""
    kind = operations()[word]
    random = Random(f"{word} in every opset")  # noqa: S311 - no secrets here
    found: list[Recorded] = []
    for _ in range(TRIES):
        x = random.choice([x for x in INPUTS if (x.element == INT64) == (word in OF_INDICES)])
        recorded = made(kind, {each.name: drawn(each, x, random) for each in parameters_of(kind).values()}, x)
        if recorded is not None:
            found.append(recorded)
        if len(found) == EXAMPLES:
            break
    return found


@pytest.mark.parametrize("word", sorted(operations()))
def test_an_operation_says_the_same_in_every_opset(word: str) -> None:
    found = examples(word)
    assert found
    for recorded in found:
        for opset in OPSETS:
            check(recorded.operation, *recorded.site.inputs, opset=opset)


@pytest.mark.parametrize(
    ("spec", "name"), [("unet", "UNet_Padded"), ("mobilenet", "MobileNet_025"), ("lenet5", "LeNet5")]
)
def test_a_net_says_the_same_in_every_opset(spec: str, name: str) -> None:
    net = netdsl.load(resources.path("specs", f"{spec}.net"))[name]
    expected = at_opset(net, DEFAULT_OPSET)
    for opset in OPSETS:
        for output, array in at_opset(net, opset).items():
            assert np.abs(array - expected[output]).max() <= 1e-5 * max(1, np.abs(expected[output]).max())
