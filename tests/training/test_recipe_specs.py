"""The recipes of the specs: all of them check, and those of four papers say what the papers say."""

from __future__ import annotations

from pathlib import Path

import pytest

from netdsl import resources
from netdsl.compiler import check
from netdsl.diagnostics.core import Diagnostics
from netdsl.graph.model import Graph
from netdsl.library import FolderLibrary
from netdsl.source import Source
from netdsl.training.recipe import Recipe, read

SPECS = resources.path("specs")
WITH_RECIPE = sorted(path.stem for path in SPECS.glob("*.net") if "    train {" in path.read_text(encoding="utf-8"))


def graphs_of(spec: str) -> dict[str, Graph]:
    """The nets of a spec that have a recipe."""
    path = Path(SPECS / f"{spec}.net")
    program = check(Source(str(path), path.read_text(encoding="utf-8")), library=FolderLibrary(SPECS))
    assert not program.has_errors
    return {net.name: net.graph for net in program.nets if net.graph.recipe is not None}


def recipe_of(spec: str, net: str) -> Recipe:
    diagnostics = Diagnostics()
    recipe = read(graphs_of(spec)[net], diagnostics)
    assert recipe is not None
    assert not list(diagnostics)
    return recipe


def source_of(recipe: Recipe) -> dict[str, object]:
    """What a recipe comes down to."""
    return {
        "loss": [(each.output, each.weight, each.loss.torch().text) for each in recipe.losses],
        "optimizer": recipe.optimizer.torch().text,
        "schedule": recipe.schedule.torch().text if recipe.schedule else None,
        "augment": [step.torch().text for step in recipe.augment],
        "from": recipe.picture_size,
        "init": recipe.initialisation.torch().text if recipe.initialisation else None,
        "evaluate": recipe.evaluation.torch().text if recipe.evaluation else None,
        "batch, epochs": (recipe.batch, recipe.epochs),
    }


@pytest.mark.parametrize("spec", WITH_RECIPE)
def test_the_recipes_of_a_spec_can_be_read(spec: str) -> None:
    graphs = graphs_of(spec)
    assert graphs
    for graph in graphs.values():
        diagnostics = Diagnostics()
        assert read(graph, diagnostics) is not None
        assert [str(found) for found in diagnostics] == []


def test_alexnet() -> None:
    """Krizhevsky et al. 2012, sections 4.1 and 5."""
    assert source_of(recipe_of("alexnet", "AlexNet")) == {
        "loss": [("output", 1.0, "F.cross_entropy({output}, {target})")],
        "optimizer": "torch.optim.SGD({parameters}, lr=0.01, momentum=0.9, weight_decay=0.0005)",
        "schedule": 'lr_scheduler.ReduceLROnPlateau({optimizer}, mode="max")',
        "augment": ["K.RandomCrop((227, 227))", "K.RandomHorizontalFlip()", "PCALighting(0.1)"],
        "from": (256, 256),
        "init": "nn.init.normal_({weight}, std=0.01)",
        "evaluate": "TenCrop((227, 227))",
        "batch, epochs": (128, 90),
    }


def test_the_biases_of_alexnet() -> None:
    """Those of the second, fourth and fifth convolution and of the hidden dense layers begin with 1."""
    layers = [layer for layer in graphs_of("alexnet")["AlexNet"].layers() if layer.operation.word in ("conv", "fc")]
    assert [layer.learning.bias_init for layer in layers] == [None, 1, None, 1, 1, 1, 1, None]


def test_vgg() -> None:
    """Simonyan and Zisserman 2015, section 3.1, with Glorot's start in the place of a net trained before."""
    assert source_of(recipe_of("vgg", "VGG_D")) == {
        "loss": [("output", 1.0, "F.cross_entropy({output}, {target})")],
        "optimizer": "torch.optim.SGD({parameters}, lr=0.01, momentum=0.9, weight_decay=0.0005)",
        "schedule": 'lr_scheduler.ReduceLROnPlateau({optimizer}, mode="max")',
        "augment": ["RandomScaleCrop((224, 224), (256, 512))", "K.RandomHorizontalFlip()", "PCALighting(0.1)"],
        "from": (512, 512),
        "init": "nn.init.xavier_uniform_({weight})",
        "evaluate": "CenterCrop((224, 224))",
        "batch, epochs": (256, 74),
    }


def test_resnet() -> None:
    """He et al. 2015, section 3.4; 60 * 10^4 steps of 256 pictures are 120 epochs."""
    for net in ("ResNet18", "ResNet152", "ResNet50_Paper"):
        assert source_of(recipe_of("resnet", net)) == {
            "loss": [("output", 1.0, "F.cross_entropy({output}, {target})")],
            "optimizer": "torch.optim.SGD({parameters}, lr=0.1, momentum=0.9, weight_decay=0.0001)",
            "schedule": 'lr_scheduler.ReduceLROnPlateau({optimizer}, mode="max")',
            "augment": ["RandomScaleCrop((224, 224), (256, 480))", "K.RandomHorizontalFlip()", "PCALighting(0.1)"],
            "from": (480, 480),
            "init": 'nn.init.kaiming_normal_({weight}, nonlinearity="relu")',
            "evaluate": "TenCrop((224, 224))",
            "batch, epochs": (256, 120),
        }


def test_inception_v3() -> None:
    """Szegedy et al. 2016, sections 7 and 8, with the weight of the auxiliary loss from their paper of 2015."""
    recipe = recipe_of("inception_v3", "InceptionV3")
    loss = "F.cross_entropy({output}, {target}, label_smoothing=0.1)"
    assert source_of(recipe) == {
        "loss": [("logits", 1.0, loss), ("aux", 0.3, loss)],
        "optimizer": "torch.optim.RMSprop({parameters}, lr=0.045, alpha=0.9, eps=1.0)",
        "schedule": "lr_scheduler.StepLR({optimizer}, step_size=2, gamma=0.94)",
        "augment": ["K.RandomResizedCrop((299, 299))", "K.RandomHorizontalFlip()"],
        "from": (342, 342),
        "init": None,
        "evaluate": "CenterCrop((299, 299))",
        "batch, epochs": (32, 100),
    }
    assert recipe.clip is not None
    assert recipe.clip.settings() == {"limit": 2.0, "by": "norm"}
    assert recipe.ema is not None
    assert recipe.losses[1].training_only
