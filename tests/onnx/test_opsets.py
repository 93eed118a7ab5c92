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
from netdsl.types.tensors import INT64, TensorType
from tests.onnx.sweep import at_opset
from tests.ops.harness import SMALLEST_TABLE, Recorded, check, check_chain, make
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
        if recorded is not None and not (word in OF_INDICES and _rows(recorded) < SMALLEST_TABLE):
            found.append(recorded)
        if len(found) == EXAMPLES:
            break
    return found


def _rows(recorded: Recorded) -> int:
    """The rows of a table: the harness draws indices for the smallest one."""
    return recorded.operation.weights(recorded.site)[0].shape[0]


@pytest.mark.parametrize("word", [word for word, kind in sorted(operations().items()) if kind.least_inputs])
def test_an_operation_says_the_same_in_every_opset(word: str) -> None:
    found = examples(word)
    assert found
    for recorded in found:
        for opset in OPSETS:
            check(recorded.operation, *recorded.site.inputs, opset=opset)


def test_zeros_before_a_pool_stay_zeros_in_every_opset() -> None:
    """Moved into the pool, as onnxruntime likes to do, they would be infinities, or count otherwise."""
    x, zeros = TensorType((3, 7, 8)), make("pad", width=((1, 2), (0, 1)))
    for opset in OPSETS:
        for pad in (((0, 0), (0, 0)), ((1, 1), (1, 0))):
            window = {"kernel": (3, 3), "stride": (2, 2), "pad": pad}
            check_chain(x, zeros, make("maxpool", **window, dilation=(1, 1)), opset=opset)
            for count in (True, False):
                check_chain(x, zeros, make("avgpool", **window, count_pad=count), opset=opset)


def test_a_source_says_the_same_in_every_opset() -> None:
    text = (
        "net Source {\n    input 4x6\n    concat {\n        | param 4x6 std=0.1\n        | identity\n    }\n    relu\n}"
    )
    net = netdsl.parse(text).only()
    for opset in OPSETS:
        assert net.verify(opset=opset).agrees


@pytest.mark.parametrize(("spec", "name"), [("mobilenet", "MobileNet_025"), ("lenet5", "LeNet5")])
def test_a_net_says_the_same_in_every_opset(spec: str, name: str) -> None:
    net = netdsl.load(resources.path("specs", f"{spec}.net"))[name]
    expected = at_opset(net, DEFAULT_OPSET)
    for opset in OPSETS:
        for output, array in at_opset(net, opset).items():
            assert np.abs(array - expected[output]).max() <= 1e-5 * max(1, np.abs(expected[output]).max())
