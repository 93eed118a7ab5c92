"""`netdsl explain`: pages of diagnostics, and layers with their numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from netdsl import resources

CONV1 = """\
conv1  conv 5x5 x6 pad=2
  Digits, clean.net:3:12
  output           1x28x28 -> 6x28x28
                   (28 + 2*2 - 5) / 1 + 1 = 28
  parameters       6 x 1 x 5 x 5 + 6 = 156 (weight, bias)
  MACs             6 x 28 x 28 outputs x 25 (1 x 5 x 5) = 117,600
  activations      6 x 28 x 28 = 4,704, in 18,816 bytes
  receptive field  1 + (5 - 1) x 1 = 5; stride 1 x 1 = 1; offset 0 - 2 x 1 = -2

"""


@pytest.mark.parametrize("what", ["E204", "e204", "window-does-not-fit", "Window_Does_Not_Fit"])
def test_the_page_of_a_diagnostic(netdsl, what: str) -> None:
    assert netdsl("explain", what) == (0, resources.read_text("docs", "diagnostics", "E204.md"), "")


@pytest.mark.parametrize(
    ("what", "advice"),
    [
        ("E2044", "did you mean E204?"),
        ("window-dose-not-fit", "did you mean window-does-not-fit?"),
        ("qqqqqqqq", "a layer is named by FILE:LINE or FILE LAYER"),
    ],
)
def test_an_unknown_diagnostic(netdsl, what: str, advice: str) -> None:
    assert netdsl("explain", what) == (2, "", f"netdsl: there is no diagnostic {what}; {advice}\n")


def test_a_layer_by_name(netdsl) -> None:
    assert netdsl("explain", "clean.net", "conv1") == (0, CONV1, "")


@pytest.mark.parametrize("place", ["clean.net:3", "clean.net:3:12"])
def test_all_layers_of_a_line(netdsl, place: str) -> None:
    code, out, err = netdsl("explain", place)
    assert (code, err) == (0, "")
    assert out.startswith(CONV1)
    assert [line.split()[0] for line in out.splitlines() if line and line[0] != " "] == ["conv1", "relu1", "maxpool1"]
    assert "  receptive field  5, stride 1, offset -2, as before\n" in out
    assert "  receptive field  5 + (2 - 1) x 1 = 6; stride 1 x 2 = 2; offset -2 - 0 x 1 = -2\n" in out


def test_a_dense_layer(netdsl) -> None:
    out = netdsl("explain", "clean.net:5", "--set", "classes=7").out
    assert "  parameters       7 x 1,176 + 7 = 8,239 (weight, bias)\n" in out
    assert "  MACs             7 outputs x 1,176 = 8,232\n" in out
    assert "  receptive field  all of the input\n" in out


def test_a_layer_inside_a_block_shows_its_calls(netdsl, folder: Path) -> None:
    (folder / "blocks.net").write_text(
        "block unit(c) {\n    conv 3x3 x c -> bn\n}\nnet B {\n    input i: 4xHxW\n    a: unit(8)\n    b: unit(2)\n}\n"
    )
    out = netdsl("explain", "blocks.net:2").out
    assert [line for line in out.splitlines() if line.startswith(("a.", "b."))] == [
        "a.conv1  conv 3x3 x c", "a.bn1  bn", "b.conv1  conv 3x3 x c", "b.bn1  bn"
    ]  # fmt: skip
    assert "  in `unit`, called here: blocks.net:6:8\n" in out
    assert "  buffers          8 + 8 = 16 (running_mean, running_var)\n" in out
    assert "72*H*W" not in out
    assert "  MACs             8 x (H - 2) x (W - 2) outputs x 36 (4 x 3 x 3) = 288*H*W" in out
    called = netdsl("explain", "blocks.net:7").out
    assert [line.split()[0] for line in called.splitlines() if line and line[0] != " "] == ["b.conv1", "b.bn1"]


def test_shared_weights_are_told_once(netdsl, folder: Path) -> None:
    (folder / "pair.net").write_text(
        "net Pair {\n    input a: 4\n    input b: 4\n    share tower { fc 2 }\n"
        "    a -> tower as c\n    b -> tower as d\n    add(c, d)\n}\n"
    )
    out = netdsl("explain", "pair.net:4").out
    assert out.count("parameters       2 x 4 + 2 = 10") == 1
    assert out.count("parameters       those of `") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("clean.net:1",), "no layer is written at clean.net:1"),
        (("clean.net", "conv11"), "clean.net has no layer conv11; did you mean conv1?"),
        (("none.net:3",), "none.net does not exist"),
    ],
)
def test_nothing_to_explain(netdsl, arguments: tuple[str, ...], message: str) -> None:
    assert netdsl("explain", *arguments) == (2, "", f"netdsl: {message}\n")


def test_a_spec_with_a_mistake_explains_what_is_sound(netdsl) -> None:
    code, out, err = netdsl("explain", "wrong.net", "conv1")
    assert code == 1
    assert "4 x 3 x 3 x 3 + 4 = 112" in out
    assert err.startswith("error[E205 groups-do-not-divide]")


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("input i: 8x6x6; pixel_unshuffle 2", ["8 channels * 2^2 = 32", "6 / 2 = 3"]),
        ("input i: 8x6x4; upsample 2", ["height: 6 * 2 = 12", "width: 4 * 2 = 8"]),
        ("input i: 8x6; pad (1, 2) mode=edge", ["6 + 1 + 2 = 9"]),
        ("input i: 8x9; crop 2", ["9 - 2 - 2 = 5"]),
        ("input i: 8xT; attention 2", ["2 * 8 channels * T * T places = 16*T*T products among places"]),
        ("input i: 8xT; gru 4", ["3 * 4 * (8 + 4) = 144 products a place"]),
        (
            "input i: 8xT; lstm 4 layers=3",
            ["layer 1: 4 * 4 * (8 + 4) = 192 products a place", "layers 2 to 3, each: 4 * 4 * (4 + 4) = 128"],
        ),
    ],
)
def test_the_numbers_of_an_operation(netdsl, folder: Path, body: str, lines: list[str]) -> None:
    (folder / "one.net").write_text(f"net One {{ {body.replace('; ', '; layer: ')} }}\n")
    out = netdsl("explain", "one.net", "layer").out
    assert [line for line in lines if line not in out] == []
