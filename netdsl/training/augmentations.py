"""Augmentations: what is done to a batch of pictures before a step, anew each time, by kornia on the batch's device.

Pictures are float32 between 0 and 1, (batch, channels, height, width).
"""

from __future__ import annotations

from typing import ClassVar

from netdsl.diagnostics import parameters, training
from netdsl.ops.contract import Misfit, parameter
from netdsl.ops.windows import Sizes
from netdsl.training.contract import KORNIA, NN, TORCH, RecipeWord, Setup, TorchSource, call, recipe_word

_P = "probability, for each picture"


class Augmentation(RecipeWord):
    """An augmentation; its source is a module from a batch of pictures to a batch.

    Attributes:
        mixes: whether the module takes pictures and classes as whole numbers, and returns pictures and, for each,
            the probabilities of all classes; its slot is `{classes}`, how many there are. Such a module comes last.
        channels: how many channels the pictures must have; None where any number does.
    """

    line = "augment"
    mixes: ClassVar[bool] = False

    @property
    def channels(self) -> int | None:
        return None

    @property
    def takes(self) -> Sizes | None:
        """Height and width of the pictures that it takes; None where they are what the net takes."""
        return None

    def check(self, setup: Setup) -> Misfit | None:
        picture = setup.picture
        if picture is None:
            return Misfit(training.NeedsPictures(self.word, None, ", ".join(map(str, setup.inputs))))
        if self.channels is not None and picture.channels != self.channels:
            return Misfit(training.NeedsPictures(self.word, self.channels, str(picture)))
        return None


@recipe_word
class HorizontalFlip(Augmentation):
    """Left and right exchanged; kornia `RandomHorizontalFlip`."""

    word = "hflip"
    example = "augment hflip"
    p: float = parameter(0.5, doc=_P, minimum=0, maximum=1)

    def torch(self, **instead: str) -> TorchSource:
        return TorchSource(call("K.RandomHorizontalFlip", p=self.told("p", instead, unless=0.5)), (KORNIA,))


@recipe_word
class VerticalFlip(Augmentation):
    """Top and bottom exchanged; kornia `RandomVerticalFlip`."""

    word = "vflip"
    example = "augment vflip"
    p: float = parameter(0.5, doc=_P, minimum=0, maximum=1)

    def torch(self, **instead: str) -> TorchSource:
        return TorchSource(call("K.RandomVerticalFlip", p=self.told("p", instead, unless=0.5)), (KORNIA,))


@recipe_word
class ColorJitter(Augmentation):
    """Brightness, contrast and saturation times a factor from 1 - x to 1 + x, hue turned; kornia `ColorJitter`."""

    word = "color_jitter"
    example = "augment color_jitter 0.4 hue=0.1"
    strength: float = parameter(0.0, doc="x for those of the next three that are not given", minimum=0, maximum=1)
    brightness: float | None = parameter(None, doc="x for the brightness", minimum=0, maximum=1)
    contrast: float | None = parameter(None, doc="x for the contrast", minimum=0, maximum=1)
    saturation: float | None = parameter(None, doc="x for the saturation", minimum=0, maximum=1)
    hue: float = parameter(0.0, doc="part of the circle of colours, to both sides", minimum=0, maximum=0.5)

    @property
    def channels(self) -> int:
        return 3

    def torch(self, **instead: str) -> TorchSource:
        factors = [self.strength if x is None else x for x in (self.brightness, self.contrast, self.saturation)]
        return TorchSource(call("K.ColorJitter", *map(repr, factors), self.told("hue", instead) or ""), (KORNIA,))


@recipe_word
class Rotate(Augmentation):
    """A turn by a random angle; corners are filled with zeros; kornia `RandomRotation`."""

    word = "rotate"
    example = "augment rotate 7"
    degrees: float = parameter(doc="greatest angle, to both sides", minimum=0, maximum=180)

    def torch(self, **instead: str) -> TorchSource:
        return TorchSource(call("K.RandomRotation", self.told("degrees", instead) or "", p="1.0"), (KORNIA,))


@recipe_word
class Affine(Augmentation):
    """A random turn, shift, scale and shear at once; what comes in from outside is 0; kornia `RandomAffine`."""

    word = "affine"
    example = "augment affine 10 translate=0.1 scale=(0.9, 1.1) shear=5"
    degrees: float = parameter(0.0, doc="greatest angle, to both sides", minimum=0, maximum=180)
    translate: float = parameter(0.0, doc="greatest shift, as part of width and height", minimum=0, maximum=1)
    scale: tuple[float, ...] = parameter((1.0, 1.0), doc="factor of the size, from and to", above=0)
    shear: float = parameter(0.0, doc="greatest shear in degrees, to both sides", minimum=0, below=90)

    def check(self, setup: Setup) -> Misfit | None:
        return not_a_range(self, "scale") or super().check(setup)

    def torch(self, **instead: str) -> TorchSource:
        text = call(
            "K.RandomAffine",
            repr(self.degrees),
            translate=repr((self.translate, self.translate)) if self.translate else None,
            scale=self.told("scale", instead, unless=(1.0, 1.0)),
            shear=self.told("shear", instead, unless=0.0),
            p="1.0",
        )
        return TorchSource(text, (KORNIA,))


@recipe_word
class Erase(Augmentation):
    """A rectangle at a random place is set to a value (Zhong et al. 2020); kornia `RandomErasing`."""

    word = "erase"
    example = "augment erase 0.25"
    p: float = parameter(0.5, doc=_P, minimum=0, maximum=1)
    scale: tuple[float, ...] = parameter((0.02, 0.33), doc="part of the area, from and to", above=0, maximum=1)
    ratio: tuple[float, ...] = parameter((0.3, 3.3), doc="width by height, from and to", above=0)
    value: float = parameter(0.0, doc="what the rectangle is filled with", minimum=0, maximum=1)

    def check(self, setup: Setup) -> Misfit | None:
        return not_a_range(self, "scale") or not_a_range(self, "ratio") or super().check(setup)

    def torch(self, **instead: str) -> TorchSource:
        text = call(
            "K.RandomErasing",
            scale=self.told("scale", instead, unless=(0.02, 0.33)),
            ratio=self.told("ratio", instead, unless=(0.3, 3.3)),
            value=self.told("value", instead, unless=0.0),
            p=self.told("p", instead, unless=0.5),
        )
        return TorchSource(text, (KORNIA,))


@recipe_word
class PcaLighting(Augmentation):
    """Adds the main directions of ImageNet's colours, each times a random number (Krizhevsky et al. 2012, section 4.1).

    A class `PCALighting` of the generated code.
    """

    word = "pca_lighting"
    example = "augment pca_lighting 0.1"
    deviation: float = parameter(0.1, doc="standard deviation of the random numbers", minimum=0)

    @property
    def channels(self) -> int:
        return 3

    def torch(self, **instead: str) -> TorchSource:
        return TorchSource(call("PCALighting", repr(self.deviation)), (TORCH, NN), "pca_lighting.py")


@recipe_word
class MixUp(Augmentation):
    """Each picture and its label blended with another one's (Zhang et al. 2018): a class `MixUp`."""

    word = "mixup"
    example = "augment mixup 0.2"
    mixes = True
    alpha: float = parameter(0.2, doc="both parameters of the beta distribution of the blend", above=0)

    def torch(self, **instead: str) -> TorchSource:
        return TorchSource(call("MixUp", "{classes}", repr(self.alpha)), (TORCH, NN), "mixup.py")


@recipe_word
class CutMix(Augmentation):
    """A rectangle of each picture from another one, the labels by area (Yun et al. 2019): a class `CutMix`."""

    word = "cutmix"
    example = "augment cutmix 1.0"
    mixes = True
    alpha: float = parameter(1.0, doc="both parameters of the beta distribution of the area that stays", above=0)

    def torch(self, **instead: str) -> TorchSource:
        return TorchSource(call("CutMix", "{classes}", repr(self.alpha)), (TORCH, NN), "cutmix.py")


def not_a_range(word: Augmentation, name: str) -> Misfit | None:
    """The misfit of a parameter that is not two numbers in order."""
    value = getattr(word, name)
    if len(value) == 2 and value[0] <= value[1]:
        return None
    shown = ", ".join(f"{number:g}" for number in value)
    return Misfit(parameters.WrongKindOfValue(word.word, name, f"({shown})", "a range: `(from, to)`"), name)
