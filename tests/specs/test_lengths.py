"""The specs are short: lines that hold more than a comment, for what the lectures show and for ResNet's five depths.

A spec's recipe counts for the lectures' median; for ResNet's depths, which share one, it does not.
"""

from __future__ import annotations

from statistics import median

from netdsl import resources
from netdsl.cli.catalogue import start
from netdsl.diagnostics.core import Diagnostics
from netdsl.source import Source
from netdsl.syntax import ast
from netdsl.syntax.parser import parse

LECTURES = (
    "alexnet",
    "alphago",
    "autoencoder",
    "bn_inception",
    "brain_volume",
    "c3d",
    "char_encoder",
    "deep_dream",
    "densenet",
    "dilated",
    "fcn",
    "gnmt",
    "googlenet",
    "inception_v3",
    "motion_capture",
    "prelu_net",
    "r3d",
    "raw_audio",
    "resnet",
    "resnext",
    "spectrogram",
    "style_transfer",
    "vgg",
    "wavenet",
    "zfnet",
)
DEPTHS = ("ResNet18", "ResNet34", "ResNet50", "ResNet101", "ResNet152")


def lines_of(text: str) -> int:
    """How many lines hold something else than a comment."""
    return sum(1 for line in text.splitlines() if line.strip() and not line.strip().startswith("#"))


def items_of(text: str) -> set[str]:
    """The blocks and nets of a spec, each as its text without a recipe."""
    items = parse(Source("spec.net", text), Diagnostics()).items
    return {_without_recipe(item) for item in items if isinstance(item, (ast.Block, ast.Net))}


def _without_recipe(item: ast.Block | ast.Net) -> str:
    text = item.span.text
    for statement in item.body.statements:
        if isinstance(statement, ast.Train):
            text = text.replace(statement.span.text, "")
    return text


def test_the_median_spec_of_the_lectures_is_shorter_than_forty_lines() -> None:
    lengths = [lines_of(resources.read_text("specs", f"{name}.net")) for name in LECTURES]

    assert median(lengths) < 40


def test_the_five_depths_of_resnet_are_shorter_than_sixty_lines_together() -> None:
    items = set().union(*(items_of(start(name)) for name in DEPTHS))
    together = sum(map(lines_of, items))

    assert together < 60
