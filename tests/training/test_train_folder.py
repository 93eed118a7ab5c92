"""The folder that trains a net: its files, in a formatter's style, from recipes of every kind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import netdsl
from netdsl import resources
from tests.training.programs import Runner, lenet, metrics, write

# One word of every kind at least, in nets that are small enough to be trained in a moment.
PICTURES = """
net Pictures {
    input image: 3x24x24
    conv 3x3 x8 pad=1 -> bn -> relu -> maxpool 2x2 as half
    conv 3x3 x8 pad=1 bias_init=1 -> bn -> relu -> global_avgpool -> flatten
    fc 6 as logits
    output logits
    training output aux = half -> global_avgpool -> flatten -> fc 6
    train {
        loss cross_entropy label_smoothing=0.1 aux=0.3
        optimizer rmsprop lr=0.0045 decay=0.9 eps=1.0 weight_decay=1e-5 decay_all=false
        schedule step every=1 factor=0.94 warmup=1
        init he
        clip 2.0
        ema 0.9
        precision bf16
        accumulate 2
        early_stop 5 watch=accuracy
        batch 8
        epochs 3
        augment random_crop 24 of=28 -> hflip -> color_jitter 0.4 -> pca_lighting 0.1
        evaluate ten_crop 24 of=28
    }
}
"""
PLACES = """
net Places {
    input image: 1x16x16
    conv 3x3 x4 pad=1 init=xavier -> relu
    conv 1x1 x1
    train {
        loss mse target=example
        optimizer adam lr=0.001
        schedule plateau factor=0.5 patience=1 warmup=1
        init normal 0.01
        batch 8
        epochs 2
    }
}
"""
PAIR = """
net Pair {
    input image: 3x16x16
    conv 3x3/2 x4 pad=1 -> relu as seen
    seen -> global_avgpool -> flatten -> fc 4 as kind
    seen -> global_avgpool -> flatten -> fc 4 as colour
    output kind, colour
    train {
        loss cross_entropy colour=0.5
        optimizer sgd lr=0.1 momentum=0.9 nesterov=true
        schedule multistep [2, 3] factor=0.1 warmup=1
        clip 0.5 by=value
        batch 8
        epochs 4
        augment random_crop 16 pad=2 -> cutmix 1.0
        evaluate shifted_crops 16 by=1
    }
}
"""
PROGRAMS = {"pictures": PICTURES, "places": PLACES, "pair": PAIR, "digits": lenet()}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each of the programs, and for each spec that travels along with a recipe."""
    where = tmp_path_factory.mktemp("folders")
    for name, spec in PROGRAMS.items():
        write(spec, where / name)
    for path in sorted(resources.path("specs").glob("*.net")):
        if "train {" not in path.read_text(encoding="utf-8"):
            continue
        for net in netdsl.load(path).nets:
            if net.graph.recipe is not None and not net.graph.symbols:
                (where / net.name).mkdir()
                for name, text in net.training().items():
                    if name in ("model.py", "recipe.py", "ruff.toml"):
                        (where / net.name / name).write_text(text, encoding="utf-8")
    return where


@pytest.mark.parametrize("options", [["format", "--check", "--diff"], ["check"]], ids=lambda options: options[0])
def test_formatter_and_linter_find_nothing(folders: Path, options: list[str]) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "ruff", *options, "--no-cache", str(folders)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout + result.stderr


def test_type_checker_finds_nothing(folders: Path, tmp_path: Path) -> None:
    options = ["--follow-imports=silent", "--disallow-untyped-defs", f"--config-file={os.devnull}"]
    for name in ("pictures", "pair"):
        command = [sys.executable, "-m", "mypy", *options, f"--cache-dir={tmp_path}", "train.py"]
        result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folders / name)

        assert result.returncode == 0, result.stdout + result.stderr


def test_the_recipes_of_the_papers_have_programs(folders: Path) -> None:
    present = {path.name for path in folders.iterdir()}

    assert {"AlexNet", "VGG_D", "InceptionV3"} < present
    assert any(name.startswith("ResNet") for name in present)


def test_the_model_is_the_one_of_the_pytorch_target(folders: Path) -> None:
    source = netdsl.parse(PICTURES, name="digits.net").only().pytorch()

    assert (folders / "pictures" / "model.py").read_text(encoding="utf-8") == source


def test_the_folder_imports_only_what_it_requires(folders: Path) -> None:
    folder = folders / "pictures"
    required = {re.split("[<>]", line)[0] for line in (folder / "requirements.txt").read_text().splitlines()}
    code = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", code, re.MULTILINE))
    own = {path.stem for path in folder.glob("*")}

    assert imported - own - set(sys.stdlib_module_names) <= required | {"kornia"}
    assert "netdsl" not in imported
    assert "kornia" in required
    assert "kornia" not in (folders / "digits" / "requirements.txt").read_text()


def test_programs_of_every_kind_run(runner: Runner, folders: Path) -> None:
    for name in ("pictures", "places", "pair"):
        flags = ["--data", "synthetic", "--limit", "16", "--tensorboard", "--channels-last"]
        code, said = runner.train(folders / name, *flags)
        assert code == 0, said
        output = folders / name / "output"
        figures = metrics(output)
        assert all("eval_loss" in each for each in figures)
        expected = {"best.safetensors", "last.pt", "metrics.jsonl", "curves.png", "command.txt", "spec", "tensorboard"}
        assert {path.name for path in output.iterdir()} >= expected
        assert (output / "confusion.csv").exists() == (name != "places")
        assert (output / "spec" / "digits.net").read_text(encoding="utf-8") == PROGRAMS[name]


def test_the_learning_rate_warms_up_and_steps(folders: Path) -> None:
    rates = [each["lr"] for each in metrics(folders / "pictures" / "output")]

    assert rates == pytest.approx([0.0045 / 2, 0.0045, 0.0045 * 0.94])


def test_a_net_without_a_recipe_is_refused_and_taken_with_a_rate() -> None:
    net = netdsl.parse("net Small {\n input v: 4\n fc 3\n}\n").only()

    with pytest.raises(netdsl.NetdslError) as caught:
        net.training()
    assert [each.code for each in caught.value.diagnostics] == ["E413"]
    assert "LEARNING_RATE = 0.2" in net.training(learning_rate=0.2)["recipe.py"]
