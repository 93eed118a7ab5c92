"""`netdsl eval`: the same figures by either target, and a message for everything that cannot be asked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import netdsl as netdsl_package
from netdsl import evaluation, training_folder
from netdsl.evaluation import NoClasses, evaluate

LENET = ("specs/lenet5.net", "--net", "LeNet5", "--weights", "specs/samples/lenet5.safetensors")
POINTS = "net Points(classes=3) { input point: 2; fc classes }\n"
PLACES = "net Places { input image: 1x4x4; conv 1x1 x3 }\n"
PAIR = "net Pair { input a: 4; input b: 4; add(a, b) -> fc 2 }\n"
OPEN = "net Open { input image: 1xHxW; conv 3x3 x2 pad=1 -> global_avgpool -> flatten -> fc 10 }\n"
SOFT = "net Soft { input point: 2; fc 3 -> softmax }\n"
CORNERS = ((0, 0), (0, 4), (4, 0), (4, 4), (2, 2))


def figures(result) -> dict:
    """What `--output-format json` printed."""
    assert result.code == 0, result.err
    return json.loads(result.out)


@pytest.fixture
def points(folder: Path) -> np.ndarray:
    """Points of a plane in three classes, and a net that says the class of most of them."""
    (folder / "points.net").write_text(POINTS)
    (folder / "soft.net").write_text(SOFT)
    x = np.array([[9, 0], [8, 1], [0, 9], [1, 8], [-5, -5], [0, 7]], np.float32)
    np.savez(
        "d.npz", x_train=x, y_train=[0, 0, 1, 1, 2, 2], x_test=x[:5], y_test=[0, 0, 1, 1, 2], classes=["a", "b", "c"]
    )
    np.savez("w.npz", **{"fc1.weight": np.array([[1, 0], [0, 1], [-1, -1]], np.float32), "fc1.bias": np.zeros(3, "f4")})
    return x


def test_either_target_reads_as_many_digits(netdsl) -> None:
    one, other = (
        figures(netdsl("eval", *LENET, "--data", "digits", "-t", target, "--output-format", "json"))
        for target in ("onnx", "pytorch")
    )
    assert one["top_1"] > 0.98
    assert abs(one.pop("loss") - other.pop("loss")) < 1e-5
    assert one == other
    assert (one["examples"], one["part"], one["classes"]) == (360, "held-out", list("0123456789"))
    assert sum(map(sum, one["confusion"])) == 360


def test_a_compiled_model_has_the_same_figures(netdsl, folder: Path) -> None:
    assert netdsl("compile", *LENET, "-t", "onnx", "-o", "lenet5.onnx").code == 0
    found = figures(netdsl("eval", "lenet5.onnx", "--data", "digits", "--output-format", "json"))
    assert found["top_1"] == figures(netdsl("eval", *LENET, "--data", "digits", "--output-format", "json"))["top_1"]
    assert found["net"] == "lenet5.onnx"
    result = netdsl("eval", "lenet5.onnx", "--data", "digits", "-t", "pytorch")
    assert (result.code, result.err) == (2, "netdsl: lenet5.onnx is an ONNX model, and PyTorch runs specs only\n")
    assert netdsl("eval", "none.onnx", "--data", "digits").err == "netdsl: none.onnx does not exist\n"


def test_the_table_counts_true_and_said(netdsl, points) -> None:
    result = netdsl("eval", "points.net", "--weights", "w.npz", "--data", "npz:d.npz", "--part", "train")
    assert (result.code, result.err) == (0, "")
    lines = [line.split() for line in result.out.splitlines()]
    assert lines[0] == ["Points", "npz:d.npz,", "train:", "6", "examples"]
    assert lines[1] == ["top-1", "83.33", "%", "(5", "of", "6)"]
    assert "top-5" not in result.out
    assert ["true", "a", "b", "c", "right"] in lines
    assert ["a", "2", "100.0", "%"] in lines
    assert ["c", "1", "1", "50.0", "%"] in lines
    assert lines[-2] == ["said", "2", "3", "1", "83.3", "%"]


@pytest.mark.parametrize("target", ["onnx", "pytorch"])
def test_the_figures_are_those_of_the_formulas(netdsl, points, target: str) -> None:
    arguments = (
        "--weights",
        "w.npz",
        "--data",
        "npz:d.npz",
        "--part",
        "train",
        "--output-format",
        "json",
        "-t",
        target,
    )
    found = figures(netdsl("eval", "points.net", *arguments, "--batch", "4"))
    scores = torch.tensor(np.stack([points[:, 0], points[:, 1], -points.sum(1)], axis=1))
    truth = torch.tensor([0, 0, 1, 1, 2, 2])
    assert found["loss"] == pytest.approx(float(torch.nn.functional.cross_entropy(scores, truth)), abs=1e-6)
    assert found["confusion"] == [[2, 0, 0], [0, 2, 0], [0, 1, 1]]
    assert found["classes"] == ["a", "b", "c"]
    soft = figures(netdsl("eval", "soft.net", *arguments))
    assert soft["loss"] == pytest.approx(found["loss"], rel=1e-4)
    assert soft["confusion"] == found["confusion"]


def test_of_many_classes_the_most_frequent_mistakes(netdsl, folder: Path) -> None:
    (folder / "many.net").write_text(POINTS.replace("classes=3", "classes=30"))
    np.savez("d.npz", x=np.zeros((300, 2), np.float32), y=np.arange(300) % 30)
    result = netdsl("eval", "many.net", "--data", "npz:d.npz")
    assert result.code == 0
    lines = [line.split() for line in result.out.splitlines() if line]
    assert ["true", "said", "times"] in lines
    assert lines[-1] == ["29", "kinds", "of", "mistakes", "58"]
    assert len(lines) == 4 + 2 + 10 + 2
    assert [line[0] for line in lines[:4]] == ["Points", "top-1", "top-5", "loss"]


def test_a_class_for_every_place(netdsl, folder: Path) -> None:
    (folder / "places.net").write_text(PLACES)
    np.savez("d.npz", x=np.zeros((10, 4, 4), np.float32), y=np.arange(160).reshape(10, 4, 4) % 3)
    for target in ("onnx", "pytorch"):
        found = figures(netdsl("eval", "places.net", "--data", "npz:d.npz", "-t", target, "--output-format", "json"))
        assert found["examples"] == 2 * 16
        assert found["top_1"] < 0.5


def test_damaged_pictures_are_an_error_or_counted(netdsl, folder: Path) -> None:
    from PIL import Image

    for kind in ("a", "b"):
        (folder / "pets" / kind).mkdir(parents=True)
        for count in range(10):
            Image.new("L", (28, 28), count).save(folder / "pets" / kind / f"{count}.png")
    (folder / "pets" / "a" / "3.png").write_bytes(b"no picture")
    arguments = ("clean.net", "--set", "classes=2", "--data", "folder:pets", "--part", "train", "--held-out", "0.1")
    result = netdsl("eval", *arguments)
    assert result.code == 2
    assert result.err.startswith("netdsl: pets/a/3.png cannot be read as a picture (10 bytes): ")
    result = netdsl("eval", *arguments, "--damaged", "skip")
    assert result.code == 0
    assert result.err == "netdsl: 1 pictures could not be read and were left out\n"


@pytest.mark.parametrize(
    ("spec", "data", "message"),
    [
        (PAIR, "npz:d.npz", "the net takes 2 inputs, and the data have one"),
        (OPEN, "digits", "the input image has open sizes: give them with --size, as in --size H=224,W=224"),
        (POINTS, "digits", "the data are pictures, with 1 or 3 channels, height and width, and the net takes 2"),
        (POINTS, "npz:d.npz", "the data have 4 classes, and the net's output is 3"),
        (PLACES, "digits", "the data have 10 classes, and the net's output is 3x4x4"),
        (POINTS, "npz:none.npz", "none.npz does not exist"),
        (POINTS, "npz:floats.npz", "npz:floats.npz has numbers to be learnt and no classes"),
        (POINTS, "photographs", "there are no data `photographs`; there are digits, mnist:DIR, "),
    ],
)
@pytest.mark.parametrize("target", ["onnx", "pytorch"])
def test_what_cannot_be_asked(netdsl, folder: Path, spec: str, data: str, message: str, target: str) -> None:
    (folder / "some.net").write_text(spec)
    np.savez("d.npz", x=np.zeros((40, 2), np.float32), y=np.arange(40) % 4)
    np.savez("floats.npz", x=np.zeros((40, 2), np.float32), y=np.zeros((40, 3)))
    code, out, err = netdsl("eval", "some.net", "--data", data, "-t", target)
    assert (code, out) == (2, "")
    assert err.startswith(f"netdsl: {message}")
    assert err.count("\n") == 1


def test_open_sizes_can_be_given(netdsl, folder: Path) -> None:
    (folder / "open.net").write_text(OPEN)
    for target in ("onnx", "pytorch"):
        assert netdsl("eval", "open.net", "--data", "digits", "--size", "H=8,W=8", "-t", target).code == 0


def test_wrong_specs_and_weights_end_as_everywhere(netdsl, points) -> None:
    assert netdsl("eval", "wrong.net", "--data", "digits").code == 1
    result = netdsl("eval", "clean.net", "--weights", "w.npz", "--data", "digits")
    assert result.code == 1
    assert "error[E401 weight-missing]" in result.err
    assert netdsl("eval", "clean.net").code == 2


def test_without_torch(netdsl, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ModuleNotFoundError(name="torch")

    monkeypatch.setattr(training_folder, "data_package", missing)
    result = netdsl("eval", "clean.net", "--data", "digits")
    assert (result.code, result.err) == (2, "netdsl: PyTorch is not installed: `pip install netdsl[torch]`\n")


def test_cuda_that_is_not_there(netdsl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    result = netdsl("eval", "clean.net", "--data", "digits", "-t", "pytorch", "--device", "cuda")
    assert result.code == 2
    assert result.err.startswith("netdsl: CUDA was asked for, and this PyTorch has none")


def test_from_python() -> None:
    examples = training_folder.data_package().open_data("synthetic", shape=(4,), classes=3).held_out
    net = netdsl_package.parse("net N { input point: 4; fc 3 }").only()
    result = evaluate(evaluation.by_module(net.module(), "cpu"), examples)
    assert result.count == len(examples)
    assert result.top_5 == 1
    assert sum(times for _, _, times in result.mistakes()) == result.count - result.right
    with pytest.raises(NoClasses, match="a single number"):
        evaluate(lambda inputs: inputs[:, 0], examples)
    with pytest.raises(NoClasses, match=r"not finite: NaN or infinite for 64 of 64 answers"):
        evaluate(lambda inputs: inputs[:, :3] * float("nan"), examples)


def test_equal_scores_are_not_all_among_the_best_five() -> None:
    examples = training_folder.data_package().open_data("synthetic", shape=(4,), classes=20).held_out
    result = evaluate(lambda inputs: np.zeros((len(inputs), 20), np.float32), examples)
    assert 0.2 < result.top_5 < 0.3


RECIPE = """\
net Viewed {{
    input image: 1x8x8
    flatten
    fc 10
    train {{
        loss cross_entropy
        optimizer sgd lr=0.1
        batch 8
        epochs 1
        {line}
    }}
}}
"""


@pytest.mark.parametrize("target", ["onnx", "pytorch"])
@pytest.mark.parametrize(
    ("line", "views"),
    [
        ("evaluate center_crop 8 of=12", [(2, 2, False)]),
        ("augment random_crop 8 of=12", [(2, 2, False)]),
        ("evaluate ten_crop 8 of=12", [(*at, turn) for turn in (False, True) for at in CORNERS]),
    ],
)
def test_pictures_are_shown_as_the_recipe_says(netdsl, folder: Path, line: str, views: list, target: str) -> None:
    (folder / "viewed.net").write_text(RECIPE.format(line=line))
    weight = np.random.default_rng(0).normal(size=(10, 64)).astype(np.float32)
    np.savez("w.npz", **{"fc1.weight": weight, "fc1.bias": np.zeros(10, np.float32)})
    arguments = ("--weights", "w.npz", "--data", "digits", "--output-format", "json", "-t", target)
    found = figures(netdsl("eval", "viewed.net", *arguments))

    examples = training_folder.data_package().open_data("digits", shape=(1, 8, 8), resize=12).held_out
    pictures = examples.inputs[:, 0].float() / 255
    votes = torch.zeros(len(pictures), 10)
    for top, left, turned in views:
        view = pictures[:, top : top + 8, left : left + 8]
        votes += ((view.flip(2) if turned else view).reshape(-1, 64) @ torch.from_numpy(weight).T).softmax(1)
    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (examples.targets.numpy(), votes.argmax(1).numpy()), 1)
    assert found["confusion"] == confusion.tolist()
