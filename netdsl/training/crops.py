"""Augmentations that take a part of a picture: what comes out has the size that the net takes."""

from __future__ import annotations

from netdsl.diagnostics import parameters, training
from netdsl.ops.contract import Misfit, parameter
from netdsl.ops.windows import Sizes
from netdsl.training.augmentations import Augmentation, not_a_range
from netdsl.training.contract import KORNIA, TORCH, RecipeWord, Setup, TorchSource, call, recipe_word
from netdsl.types.tensors import TensorType


class Crop(Augmentation):
    """A crop.

    Attributes:
        size: height and width of what comes out.
    """

    line = "augment"
    size: Sizes

    @property
    def takes(self) -> Sizes:
        raise NotImplementedError

    def check(self, setup: Setup) -> Misfit | None:
        return super().check(setup) or does_not_fit(self, self.size, setup.picture)


@recipe_word
class RandomCrop(Crop):
    """A window at a random place; kornia `RandomCrop`, and a class `RandomScaleCrop` where the scale is random too.

    With `pad` the pictures have the crop's size, and a border of zeros comes around them. Without it they are larger:
    `of` is the length of their shorter side, or two lengths between which it is drawn, with equal chances for each
    whole length (Simonyan and Zisserman 2015, section 3.1).
    """

    word = "random_crop"
    example = "augment random_crop 224 of=256"
    size: Sizes = parameter(doc="height and width of the crop", minimum=1)
    of: tuple[int, ...] | None = parameter(None, doc="shorter side of the picture, or (least, greatest)", minimum=1)
    pad: int = parameter(0, doc="zeros on every side", minimum=0)

    @property
    def takes(self) -> Sizes:
        return self.size if self.pad else source_size(self.size, max(self.of) if self.of else None)

    def check(self, setup: Setup) -> Misfit | None:
        if self.of is not None and not 1 <= len(self.of) <= 2:
            count = f"{len(self.of)} numbers"
            return Misfit(parameters.WrongKindOfValue(self.word, "of", count, "a number or two: `(256, 480)`"), "of")
        if self.of is not None and min(self.of) < min(self.size):
            return Misfit(training.CropLargerThanPicture(self.word, min(self.size), min(self.of)), "of")
        return super().check(setup) or self._of_other_pictures()

    def _of_other_pictures(self) -> Misfit | None:
        """The misfit of `of` beside `pad`, where one of them would be ignored."""
        said = source_size(self.size, max(self.of)) if self.of else self.size
        if not self.pad or said == self.size:
            return None
        advice = f"`{self.word} {_by(self.size)} of={min(said)}` needs no `pad`: the window moves within the picture"
        fact = training.CropOfOtherPictures(f"{self.word} pad={self.pad}", self.size, f"of={min(said)}", said, advice)
        return Misfit(fact, "of")

    def torch(self, **instead: str) -> TorchSource:
        if self.of is not None and len(set(self.of)) > 1:
            sides = (min(self.of), max(self.of))
            return TorchSource(call("RandomScaleCrop", repr(self.size), repr(sides)), (TORCH,), "random_scale_crop.py")
        return TorchSource(call("K.RandomCrop", repr(self.size), padding=self.told("pad", instead, 0)), (KORNIA,))


@recipe_word
class RandomResizedCrop(Crop):
    """A window of random area and shape, resized (Szegedy et al. 2015, section 6); kornia `RandomResizedCrop`."""

    word = "random_resized_crop"
    example = "augment random_resized_crop 224"
    size: Sizes = parameter(doc="height and width that come out", minimum=1)
    of: int | None = parameter(None, doc="shorter side of the picture: 8/7 of the crop's by default", minimum=1)
    scale: tuple[float, ...] = parameter((0.08, 1.0), doc="part of the area, from and to", above=0, maximum=1)
    ratio: tuple[float, ...] = parameter((0.75, 4 / 3), doc="width by height, from and to", above=0)

    @property
    def takes(self) -> Sizes:
        return source_size(self.size, self.of)

    def check(self, setup: Setup) -> Misfit | None:
        if self.of is not None and self.of < min(self.size):
            # What is held out is shown as a window of the picture.
            return Misfit(training.CropLargerThanPicture(self.word, min(self.size), self.of), "of")
        return not_a_range(self, "scale") or not_a_range(self, "ratio") or super().check(setup)

    def torch(self, **instead: str) -> TorchSource:
        scale = self.told("scale", instead, unless=(0.08, 1.0))
        ratio = self.told("ratio", instead, unless=(0.75, 4 / 3))
        return TorchSource(call("K.RandomResizedCrop", repr(self.size), scale=scale, ratio=ratio), (KORNIA,))


def source_size(crop: Sizes, shorter: int | None) -> Sizes:
    """Height and width of pictures that a crop is taken of; the shorter side is 8/7 of the crop's by default.

    That is 256 for the usual 224.
    """
    least = min(crop)
    shorter = round(least * 8 / 7) if shorter is None else shorter
    return tuple(round(side * shorter / least) for side in crop)


def does_not_fit(word: RecipeWord, size: Sizes, picture: TensorType | None) -> Misfit | None:
    """The misfit of a crop that has another size than the net's pictures; open sizes fit."""
    spatial = picture.spatial if picture is not None else ()
    wanted = tuple(taken for taken in spatial if isinstance(taken, int))
    if all(have == taken for have, taken in zip(size, spatial, strict=False) if isinstance(taken, int)):
        return None
    return Misfit(training.CropDoesNotFit(word.word, size, str(picture), _instead(word, size, wanted)), "size")


def behind_another(crop: Crop, before: Crop) -> training.CropOfOtherPictures | None:
    """Why a crop cannot follow another one, if so."""
    if crop.takes == before.size:
        return None
    advice = f"one crop is enough; `random_crop {_by(crop.size)} pad=4` may follow another one"
    return training.CropOfOtherPictures(crop.word, crop.takes, before.word, before.size, advice)


def _by(size: Sizes) -> str:
    """A size as it is written: `32`, `32x48`."""
    return str(size[0]) if len(set(size)) == 1 else "x".join(map(str, size))


def _instead(word: RecipeWord, size: Sizes, wanted: tuple[int, ...]) -> str | None:
    """The crop as it would fit, of pictures of the size that was written where that is larger."""
    if len(wanted) != len(size):
        return None
    text = f"{word.word} {_by(wanted)}"
    return f"{text} of={min(size)}" if "of" in word.settings() and min(size) > min(wanted) else text
