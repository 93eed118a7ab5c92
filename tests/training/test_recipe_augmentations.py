"""Augmentations and evaluations: kornia's calls and our classes, run on batches."""

from __future__ import annotations

import pytest
import torch

from netdsl.training.augmentations import Augmentation
from netdsl.training.evaluations import Evaluation
from tests.training.recipes import NEEDED, recipe_of, run

SIZE = (8, 8)
STEPS = (
    "hflip",
    "hflip 1.0",
    "vflip",
    "vflip 0.25",
    "random_crop 8 pad=2",
    "random_crop 8",
    "random_crop 8 of=12",
    "random_crop 8 of=(10, 16)",
    "random_resized_crop 8",
    "random_resized_crop 8 of=16 scale=(0.5, 1) ratio=(1, 1)",
    "color_jitter 0.4",
    "color_jitter 0.4 hue=0.1 saturation=0",
    "color_jitter brightness=0.2",
    "rotate 7",
    "affine 10",
    "affine 10 translate=0.1 scale=(0.9, 1.1) shear=5",
    "affine translate=0.2",
    "erase",
    "erase 1.0 scale=(0.1, 0.2) ratio=(0.5, 2) value=0.5",
    "pca_lighting",
    "pca_lighting 0.3",
)


def step_of(line: str) -> Augmentation:
    """The only step of an augmentation."""
    (step,) = recipe_of(f"{NEEDED}; augment {line}").augment
    return step


def pictures(size: tuple[int, ...] = SIZE, count: int = 16) -> torch.Tensor:
    """Pictures of random numbers between 0 and 1."""
    return torch.rand(count, 3, *size, generator=torch.Generator().manual_seed(0))


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize("line", STEPS)
def test_a_step_keeps_shape_and_range_and_changes_something(line: str) -> None:
    step = step_of(line)
    given = pictures(step.takes or SIZE)
    made = run(step.torch())(given)
    assert made.shape == (16, 3, *SIZE)
    assert made.dtype == torch.float32
    assert made.isfinite().all()
    assert made.min() >= 0
    assert made.max() <= 1
    assert given.shape != made.shape or not torch.equal(made, given)


@pytest.mark.parametrize("line", STEPS)
def test_pictures_are_changed_one_by_one(line: str) -> None:
    step = step_of(line)
    given = pictures(step.takes or SIZE, count=1).expand(64, -1, -1, -1)
    made = run(step.torch())(given)
    everywhere_the_same = "1.0" in line and "flip" in line
    assert (len({tuple(picture.flatten().tolist()) for picture in made}) == 1) == everywhere_the_same


def test_flips_turn_the_pictures_around() -> None:
    given = pictures()
    assert torch.equal(run(step_of("hflip 1.0").torch())(given), given.flip(-1))
    assert torch.equal(run(step_of("vflip 1.0").torch())(given), given.flip(-2))
    assert torch.equal(run(step_of("hflip 0.0").torch())(given), given)


def test_a_padded_crop_takes_the_nets_own_size() -> None:
    assert step_of("random_crop 8 pad=2").takes == (8, 8)
    made = run(step_of("random_crop 8 pad=2").torch())(torch.ones(64, 3, 8, 8))
    # At most two rows and two columns of zeros, and every shift occurs.
    zeros = (made[:, 0] == 0).any(dim=2).sum(dim=1)
    assert set(zeros.tolist()) >= {0, 1, 2, 8}
    assert made.mean(dim=(1, 2, 3)).min() >= 36 / 64 - 1e-6


@pytest.mark.parametrize(
    ("line", "size"),
    [
        ("random_crop 8", (9, 9)),
        ("random_crop 8 of=12", (12, 12)),
        ("random_crop 8 of=(10, 16)", (16, 16)),
        ("random_resized_crop 8", (9, 9)),
        ("random_resized_crop 8 of=10", (10, 10)),
        ("hflip", None),
    ],
)
def test_the_size_of_the_pictures_that_a_step_takes(line: str, size: tuple[int, int] | None) -> None:
    assert step_of(line).takes == size
    assert recipe_of(f"{NEEDED}; augment hflip -> {line}").picture_size == size


def test_the_usual_crop_takes_pictures_of_256() -> None:
    recipe = recipe_of(f"{NEEDED}; augment random_crop 224", "input image: 3x224x224\n global_avgpool -> flatten")
    assert recipe.picture_size == (256, 256)


def test_a_crop_is_a_part_of_the_picture() -> None:
    given = pictures((12, 12))
    made = run(step_of("random_crop 8 of=12").torch())(given)
    windows = given.unfold(2, 8, 1).unfold(3, 8, 1)  # (picture, channel, row, column, 8, 8)
    same = (windows == made[:, :, None, None]).all(dim=-1).all(dim=-1).all(dim=1)
    assert same.flatten(1).any(dim=1).all()


def test_the_scale_of_a_crop_is_drawn_between_its_ends() -> None:
    """On a slope from 0 to 1 the crop's own slope tells which part of the picture it covers."""
    slope = ((torch.arange(32) + 0.5) / 32).expand(512, 3, 32, 32)
    body = "input image: 3x16x16\n    flatten -> fc 5"
    (step,) = recipe_of(f"{NEEDED}; augment random_crop 16 of=(20, 32)", body).augment
    made = run(step.torch())(slope)
    assert made.shape == (512, 3, 16, 16)
    parts = (made[:, 0, 0, 11] - made[:, 0, 0, 4]) / 7 * 16
    sides = (16 / parts).round().int()
    assert set(sides.tolist()) == set(range(20, 33))
    assert made.min() >= 0
    assert made[:, 0, 0, 0].min() < 0.1
    assert made[:, 0, 0, 15].max() > 0.9


def test_lighting_moves_all_places_of_a_picture_alike_along_the_main_colours() -> None:
    given = pictures() * 0.2 + 0.4
    moved = run(step_of("pca_lighting 0.1").torch())(given) - given
    assert torch.allclose(moved, moved[:, :, :1, :1], atol=1e-6)
    many = run(step_of("pca_lighting 0.1").torch())(torch.full((20_000, 3, 1, 1), 0.5))[:, :, 0, 0] - 0.5
    values, directions = torch.linalg.eigh(many.T.cov())
    assert values.sqrt().tolist() == pytest.approx([0.00045, 0.00188, 0.02175], rel=0.03)
    assert abs(directions[:, 2] @ torch.tensor([-0.5675, -0.5808, -0.5836])) == pytest.approx(1, abs=1e-3)


# ---- labels ----------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["mixup", "mixup 0.4", "cutmix", "cutmix 0.5"])
def test_labels_are_mixed_as_the_pictures_are(line: str) -> None:
    step = step_of(line)
    assert step.mixes
    labels = torch.arange(64) % 5
    # A picture of class c is the number c / 4, so that its mean tells which part of which class it holds.
    made, probabilities = run(step.torch(), classes=5)((labels / 4)[:, None, None, None].expand(64, 3, 32, 32), labels)
    assert made.shape == (64, 3, 32, 32)
    assert probabilities.shape == (64, 5)
    assert torch.allclose(probabilities.sum(1), torch.ones(64))
    expected = probabilities @ (torch.arange(5) / 4)
    assert torch.allclose(made.mean(dim=(1, 2, 3)), expected, atol=1e-5)
    assert not torch.equal(made.mean(dim=(1, 2, 3)), labels / 4)


def test_only_labels_that_are_mixed_are_given() -> None:
    assert not any(step_of(line).mixes for line in STEPS)


# ---- evaluation ------------------------------------------------------------------------------


def evaluation_of(line: str) -> Evaluation:
    evaluation = recipe_of(f"{NEEDED}; evaluate {line}").evaluation
    assert evaluation is not None
    return evaluation


@pytest.mark.parametrize("line", ["center_crop 8 of=12", "ten_crop 8 of=12", "shifted_crops 8 by=2"])
def test_an_evaluation_makes_its_views(line: str) -> None:
    evaluation = evaluation_of(line)
    views = run(evaluation.torch())(pictures(evaluation.takes))
    assert views.shape == (16, evaluation.views, 3, *SIZE)


def test_the_centre() -> None:
    given = pictures((12, 12))
    assert torch.equal(run(evaluation_of("center_crop 8 of=12").torch())(given)[:, 0], given[:, :, 2:10, 2:10])
    assert evaluation_of("center_crop 8").takes == (9, 9)


def test_ten_crops_are_the_corners_and_the_middle_and_their_mirror_images() -> None:
    given = pictures((12, 12))
    views = run(evaluation_of("ten_crop 8 of=12").torch())(given)
    assert torch.equal(views[:, 0], given[:, :, :8, :8])
    assert torch.equal(views[:, 3], given[:, :, 4:, 4:])
    assert torch.equal(views[:, 4], given[:, :, 2:10, 2:10])
    assert torch.equal(views[:, 5:], views[:, :5].flip(-1))


def test_shifts_go_to_all_sides() -> None:
    given = pictures()
    views = run(evaluation_of("shifted_crops 8 by=2").torch())(given)
    assert torch.equal(views[:, 4], given)
    assert torch.equal(views[:, 8, :, :6, :6], given[:, :, 2:, 2:])
    assert not views[:, 8, :, 6:].any()
