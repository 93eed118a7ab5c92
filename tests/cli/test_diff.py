"""`netdsl diff`: which layers belong together, and what differs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import netdsl as netdsl_package
from netdsl import resources
from netdsl.analysis.difference import Difference, difference

CHAIN = "net A {{ input i: 3x32x32; {} }}"


def compared(before: str, after: str) -> Difference:
    """The difference of two bodies of a net with one input of 3x32x32."""
    graphs = [netdsl_package.parse(CHAIN.format(body)).only().graph for body in (before, after)]
    return difference(*graphs)


def changes(found: Difference) -> list[tuple[str, str | None, str | None]]:
    """Kind, name before and name after of every change."""
    return [
        (each.kind, each.before and each.before.figures.name, each.after and each.after.figures.name)
        for each in found.changes
    ]


def test_a_net_does_not_differ_from_itself() -> None:
    body = "conv 3x3 x8 -> bn -> relu; flatten -> fc 10"
    found = compared(body, body)
    assert found.changes == ()
    assert found.same == 5
    assert [figure.before == figure.after for figure in found.figures] == [True, True, True]


def test_an_inserted_layer_leaves_those_behind_it_the_same_although_their_names_count_on() -> None:
    found = compared(
        "conv 3x3 x8 -> relu -> conv 3x3 x16 pad=1", "conv 3x3 x8 -> relu -> maxpool 3x3/1 pad=1 -> conv 3x3 x16 pad=1"
    )
    assert changes(found) == [("added", None, "maxpool1")]
    found = compared(
        "conv 3x3 x8; conv 3x3 x8 pad=1; fc 5 axis=channels",
        "conv 3x3 x8; conv 1x1 x8; conv 3x3 x8 pad=1; fc 5 axis=channels",
    )
    assert changes(found) == [("added", None, "conv2")]
    assert changes(compared("relu; tanh; sigmoid", "relu; sigmoid")) == [("removed", "tanh1", None)]


def test_numbers_in_a_labelled_group_count_too() -> None:
    found = compared("f: { conv 3x3 x8; relu; conv 3x3 x4 }", "f: { conv 3x3 x8; bn; relu; conv 3x3 x4 }")
    assert changes(found) == [("added", None, "f.1")]


def test_settings_that_leave_shape_and_parameters_alone_are_changes() -> None:
    (change,) = compared("flatten -> dropout 0.5 -> fc 10", "flatten -> dropout 0.3 -> fc 10").changes
    assert change.settings == {"rate": ("0.5", "0.3")}
    (change,) = compared("maxpool 3x3/2 pad=1", "maxpool 2x2/2").changes
    assert change.settings == {"kernel": ("3x3", "2x2"), "pad": ("1x1", "0x0")}


def test_a_label_is_a_name() -> None:
    found = compared("first: conv 3x3 x8; relu", "stem: conv 3x3 x8; relu")
    assert changes(found) == [("changed", "first", "stem")]
    found = compared("up: conv 3x3 x8; relu", "up: upconv 3x3 x8; relu")
    assert changes(found)[0] == ("changed", "up", "up")
    assert found.changes[0].settings == {}


def test_layers_that_change_places_are_told_once_each() -> None:
    found = compared("a: conv 3x3 x3 pad=1; b: relu; c: tanh", "c: tanh; b: relu; a: conv 3x3 x3 pad=1")
    for side in (1, 2):
        named = [change[side] for change in changes(found) if change[side]]
        assert len(named) == len(set(named)) == 3 - found.same


def test_figures_are_those_of_the_reports() -> None:
    found = compared("conv 3x3 x8", "conv 5x5 x8")
    assert {each.name: (each.before, each.after) for each in found.figures} == {
        "parameters": (3 * 9 * 8 + 8, 3 * 25 * 8 + 8),
        "MACs": (3 * 9 * 8 * 900, 3 * 25 * 8 * 784),
        "activations": (8 * 900, 8 * 784),
    }
    assert [field.size for field in found.fields if field] == [(3, 3), (5, 5)]


def test_nets_of_one_file(netdsl) -> None:
    code, out, err = netdsl("diff", "specs/vgg.net:VGG_D", "specs/vgg.net:VGG_E")
    assert (code, err) == (0, "")
    added = [line.split()[1] for line in out.splitlines() if line.startswith("+")]
    assert added == [f"features.{number}" for number in (16, 17, 25, 26, 28, 29)]
    assert "layers           0 changed, 6 added, 0 removed, 39 the same\n" in out
    assert "parameters       138,357,544 -> 143,667,240 (+5,309,696, +3.8%)\n" in out
    assert "receptive field  212x212 -> 268x268\n" in out


def test_json(netdsl) -> None:
    code, out, err = netdsl("diff", "specs/resnet.net:ResNet34", "specs/resnet.net:ResNet50", "--output-format", "json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["version"] == 1
    assert found["figures"]["parameters"] == {"before": 21797672, "after": 25557032, "difference": 3759360}
    assert found["figures"]["macs"]["after"] == 4089184256
    assert found["receptive_field"] == {"before": [899, 899], "after": [427, 427]}
    first = found["changes"][0]
    assert (first["kind"], first["before"]["name"], first["after"]["params"]) == ("changed", "layer1.0.conv1", 4096)
    assert first["settings"]["kernel"] == {"before": "3x3", "after": "1x1"}
    whole = {net.name: len(net.report.layers) for net in netdsl_package.load(resources.path("specs", "resnet.net"))}
    for side, name in (("before", "ResNet34"), ("after", "ResNet50")):
        assert found["same"] + sum(change[side] is not None for change in found["changes"]) == whole[name]


def test_open_sizes(netdsl, folder: Path) -> None:
    (folder / "one.net").write_text("net One { input i: 3xHxW; conv 1x1 x8 }\n")
    (folder / "two.net").write_text("net Two { input i: 3xHxW; conv 1x1 x9 }\n")
    out = netdsl("diff", "one.net", "two.net").out
    assert "MACs             24*H*W -> 27*H*W (3*H*W)\n" in out
    assert "(+300, +12.5%)\n" in netdsl("diff", "one.net", "two.net", "--size", "H=10,W=10").out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("clean.net", "wrong.net"), 1, "error[E205"),
        (("clean.net:Digit", "clean.net"), 1, "error[E110"),
        (("clean.net", "missing.net"), 2, "missing.net does not exist"),
        (("specs/vgg.net", "clean.net"), 2, "holds 6 nets; name one"),
    ],
)
def test_what_cannot_be_compared(netdsl, arguments: tuple[str, str], code: int, message: str) -> None:
    found = netdsl("diff", *arguments)
    assert (found.code, found.out) == (code, "")
    assert message in found.err
