"""`netdsl zoo`: every packaged net stands on its own, and docs/zoo.md is what the specs give."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import netdsl as netdsl_package
from netdsl import resources
from netdsl.cli.catalogue import families, header_of, start
from netdsl.cli.zoo_page import page
from netdsl.diagnostics.core import Diagnostics
from netdsl.source import Source
from netdsl.syntax import ast
from netdsl.syntax.extract import standalone
from netdsl.syntax.formatter import format_source
from netdsl.syntax.parser import parse

FIGURES: dict[str, list[Any]] = json.loads(
    Path(__file__).parents[1].joinpath("specs", "figures.json").read_text(encoding="utf-8")
)
NETS = [(family, net) for family in families() for net in family.nets]
EVERY_NET = pytest.mark.parametrize(("family", "net"), NETS, ids=[net for _, net in NETS])


def layers(net: netdsl_package.Net) -> list[tuple[Any, ...]]:
    """All that a net's layers are, but for the places of their text."""
    return [(each.name, each.operation, str(each.output), each.parameters, each.macs) for each in net.report.layers]


@EVERY_NET
def test_a_net_stands_on_its_own(netdsl, folder: Path, family, net: str) -> None:
    code, text, _ = netdsl("zoo", net)
    assert code == 0
    (folder / "my.net").write_text(text, encoding="utf-8")
    checked = netdsl("check", "my.net", "--output-format", "concise")
    assert (checked.code, checked.out.count("\n"), checked.err) == (0, 1, "")
    alone = netdsl_package.load(folder / "my.net")
    original = netdsl_package.load(family.path, net=net)
    assert [each.name for each in alone] == [net]
    assert layers(alone[net]) == layers(original[net])
    weights = {name: weight.shape for name, weight in original[net].weights().items()}
    assert {name: weight.shape for name, weight in alone[net].weights().items()} == weights


def formatted(path: Path) -> ast.File:
    """A packaged spec in the canonical form."""
    return parsed(format_source(Source(path.name, path.read_text(encoding="utf-8"))), path.name)


@EVERY_NET
def test_of_a_file_in_the_canonical_form_a_net_is_in_it_too(family, net: str) -> None:
    text = standalone(formatted(family.path), lambda path: formatted(family.path.parent / path), net)
    assert format_source(Source("my.net", text)) == text


@pytest.mark.parametrize("family", families(), ids=lambda family: family.name)
def test_a_family_stands_on_its_own(family, folder: Path) -> None:
    text = standalone(family.file, family.beside)
    found = netdsl_package.parse(text)
    assert found.diagnostics == ()
    assert tuple(net.name for net in found) == family.nets


def test_a_net_brings_no_block_that_it_does_not_use(netdsl) -> None:
    text = netdsl("zoo", "plain34").out
    assert "block plain(" in text
    assert "block bottleneck(" not in text
    assert text.startswith("# ResNet: ")
    assert "\n# Figure 3, in the middle: the same layers without shortcuts.\nnet Plain34(" in text


@pytest.mark.parametrize("name", ["resnet50", "ResNet50", "res-net_50", "RESNET 50"])
def test_only_letters_and_digits_count(netdsl, name: str) -> None:
    assert netdsl("zoo", name).out == start("ResNet50")


@pytest.mark.parametrize(
    ("name", "net"),
    [
        ("densenet121", "DenseNet121"),
        ("efficientnet_b0", "EfficientNetB0"),
        ("inception_v3", "InceptionV3"),
        ("lenet", "LeNet5"),
        ("mobilenet_v1", "MobileNet"),
        ("mobilenet_v3_large", "MobileNetV3_Large"),
        ("r2plus1d_18", "R2Plus1D18"),
        ("regnet_y_400mf", "RegNetY_400MF"),
        ("shufflenet_v2_x0_5", "ShuffleNetV2_050"),
        ("swin_t", "SwinTiny"),
        ("vgg16", "VGG_D"),
        ("vit_b_16", "ViT_B16"),
        ("wide_resnet50_2", "WideResNet50_2"),
        ("yolov1", "YOLO"),
    ],
)
def test_a_net_is_found_by_the_names_that_people_type(name: str, net: str) -> None:
    assert start(name) == start(net)


def test_no_two_nets_go_by_one_name() -> None:
    calls = Counter("".join(filter(str.isalnum, call.lower())) for family in families() for call in family.calls)
    assert [call for call, times in calls.items() if times > 1] == []


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("resnet5", "`ResNet50_Paper` or `ResNet56`?"),
        ("resnext101", "`ResNeXt101_32x4d`, `ResNeXt101_64x4d` or `ResNeXt101_32x8d`?"),
        ("vgg17", "`VGG-1"),
        ("vgg_f", "`vgg`?"),
        ("alexnit", "`AlexNet`?"),
    ],
)
def test_an_unknown_name_gets_the_nearest(netdsl, name: str, advice: str) -> None:
    code, out, err = netdsl("zoo", name)
    assert (code, out) == (2, "")
    assert f"there is no net {name}; did you mean " in err
    assert advice in err


def test_a_strange_name_gets_the_list(netdsl) -> None:
    assert "`netdsl zoo` lists those that there are" in netdsl("zoo", "something-else\x1b[2J").err


def test_the_list_has_every_net_with_its_figures_under_its_paper(netdsl) -> None:
    code, out, err = netdsl("zoo")
    assert (code, err) == (0, "")
    sections = {part.split(": ")[0]: part.splitlines() for part in out.split("\n\n")[1:-1]}
    assert list(sections) == [family.name for family in families()]
    for family in families():
        title, *rows = sections[family.name]
        assert title == f"{family.name}: {family.header.short_paper}"
        assert [row.split()[0] for row in rows] == list(family.nets)
        for net, row in zip(family.nets, rows, strict=True):
            assert f" {FIGURES[net][0]:,} " in row
            assert len(FIGURES[net]) > 2 or FIGURES[net][1] == 0 or f" {FIGURES[net][1]:,}" in row
    assert f"{len(NETS):,} nets in {len(sections):,} specs" in out


def test_the_list_says_what_else_a_net_is_called(netdsl) -> None:
    rows = {row.split()[0]: row for row in netdsl("zoo").out.splitlines() if row}
    assert rows["VGG_D"].endswith("15,470,264,320  also called VGG-16")
    assert rows["VGG_C"].endswith("11,770,888,192")


@pytest.fixture(scope="module")
def made() -> str:
    """The page as the specs give it now."""
    return page()


def test_the_page_is_what_the_specs_give(made: str) -> None:
    assert resources.read_text("docs", "zoo.md") == made, "run `python -m netdsl.cli.zoo_page`"


def test_the_page_has_published_figures_beside_ours_and_says_why_they_differ(made: str) -> None:
    section = made.split("\n## ResNet: ")[1].split("\n## ", maxsplit=1)[0]
    assert (
        "| ResNet50 | 3x224x224 | 25,557,032 | 25,557,032 (torchvision) | "
        "4,089,184,256 | 4.089 billion (torchvision); ≠ 3.8 billion (table 1) | 427x427 |  |\n"
    ) in section
    assert "\n* ≠ `ResNet50`, `ResNet101` and `ResNet152`: the paper's bottleneck has its stride in" in section
    assert "\n* ≠ `ResNet34`: the paper's shortcuts have no weights" in section


def test_the_page_says_what_is_counted_where_it_is_not_what_the_column_says(made: str) -> None:
    assert "134,362,751 trainable (" in made
    assert "27,161,264 in training (" in made
    assert "5.58 billion operations (" in made


def test_a_header_is_read() -> None:
    header = header_of(
        '# A: net.\n#\n# Paper: One, "Title", 2015 (table\n#   1).\n# Published: 5.\n# Why.\n# Differs: so.\n\nnet A'
    )
    assert header.title == "A: net."
    assert header.paper == 'One, "Title", 2015 (table 1).'
    assert (header.published, header.notes, header.short_paper) == ("5.", "Why.", "Title, 2015")
    assert header.differs == "so."


# ---- text of several files ---------------------------------------------------------------------

OTHER = """\
default conv bias=false
let wide = 8
block inner(c) { conv 3x3 x c }
# What it is for.
block outer(c) {
    inner(c * wide) -> bn
}
"""


def parsed(text: str, name: str = "a.net") -> ast.File:
    return parse(Source(name, text), Diagnostics())


def test_defaults_stay_those_of_their_own_file() -> None:
    main = 'use outer from "b.net"\ndefault conv pad=1\nnet A { input i: 3x8x8; conv 3x3 x4; outer(2) }\n'
    text = standalone(parsed(main), lambda _: parsed(OTHER, "b.net"), "A")
    net = netdsl_package.parse(text).only()
    assert [(str(layer.output), layer.parameters) for layer in net.report.layers] == [
        ("4x8x8", 3 * 9 * 4 + 4),
        ("16x6x6", 4 * 9 * 16),
        ("16x6x6", 32),
    ]
    assert "# What it is for.\nblock outer" in text


def test_the_standard_library_stays_where_it_is() -> None:
    text = standalone(parsed("use squeeze from std\nnet A { input i: 3x8x8; squeeze(4) }\n"), parsed, "A")
    assert text == "use squeeze from std\n\nnet A { input i: 3x8x8; squeeze(4) }\n"


def test_two_blocks_of_one_name_are_not_mixed_up() -> None:
    main = parsed('use outer from "b.net"\nblock inner(c) { fc c }\nnet A { input i: 3x8x8; outer(2); inner(2) }\n')
    with pytest.raises(ValueError, match="inner is one block in"):
        standalone(main, lambda _: parsed(OTHER, "b.net"), "A")


def test_a_net_that_is_not_there() -> None:
    with pytest.raises(KeyError, match="B"):
        standalone(parsed("net A { input i: 3; relu }"), parsed, "B")
