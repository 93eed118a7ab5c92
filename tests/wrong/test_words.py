"""What `did you mean` knows: words of other frameworks lead to words that there are, and slips to the nearest one."""

from __future__ import annotations

import pytest

from netdsl import ops
from netdsl.analysis.budget import BUDGET_NAMES
from netdsl.compiler import check
from netdsl.diagnostics import synonyms
from netdsl.diagnostics.core import did_you_mean
from netdsl.diagnostics.spelling import distance
from netdsl.ops.parameters import parameters_of
from netdsl.source import Source

WORDS = tuple(ops.words())
PARAMETERS = {name for word in WORDS if (operation := ops.find(word)) for name in parameters_of(operation)}


def test_every_foreign_word_leads_to_one_of_ours() -> None:
    ours = {*WORDS, *PARAMETERS, *BUDGET_NAMES}
    for word, meanings in synonyms._MEANINGS.items():
        assert set(meanings) <= ours, word


def test_no_word_of_ours_is_taken_for_a_foreign_one() -> None:
    for word in WORDS:
        assert synonyms.instead_of_operation(word) is None, word


@pytest.mark.parametrize("example", synonyms.EXAMPLES.values())
def test_the_examples_can_be_written(example: str) -> None:
    flat = example.startswith("fc")
    text = f"net Small {{\n    input image: 64x32x32\n    {'flatten' if flat else 'relu'}\n    {example}\n}}\n"
    assert check(Source("spec.net", text)).diagnostics == ()


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Conv2d", "conv"),
        ("ConvTranspose2d", "upconv"),
        ("nn_linear", None),
        ("MaxPooling2D", "maxpool"),
        ("AdaptiveAvgPool2d", "adaptive_avgpool"),
        ("InnerProduct", "fc"),
        ("LeakyReLU", "leaky_relu"),
        ("convv", "conv"),
        ("rleu", "relu"),
        ("return", None),
        ("flaten", "flatten"),
    ],
)
def test_layers(word: str, meant: str | None) -> None:
    assert did_you_mean(word, WORDS) == meant


def test_slips_are_counted() -> None:
    assert distance("conv", "conv", 2) == 0
    assert distance("cnov", "conv", 2) == 1
    assert distance("convv", "conv", 2) == 1
    assert distance("stryde", "stride", 2) == 1
    assert distance("relu", "return", 2) == 3
    assert distance("a" * 200, "a" * 201, 2) == 3
