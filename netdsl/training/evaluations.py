"""Evaluations: which views of a picture the trained net is shown, whose probabilities are averaged."""

from __future__ import annotations

from typing import ClassVar

from netdsl.diagnostics import training
from netdsl.ops.contract import Misfit, parameter
from netdsl.ops.windows import Sizes
from netdsl.training.contract import NN, TORCH, RecipeWord, Setup, TorchSource, call, recipe_word
from netdsl.training.crops import does_not_fit, source_size

_OF = "shorter side of the picture: 8/7 of the crop's by default"


class Evaluation(RecipeWord):
    """How a picture is shown; the source is a module from (batch, C, H, W) to (batch, views, C, height, width).

    Attributes:
        views: how many views it makes of a picture.
    """

    line = "evaluate"
    views: ClassVar[int] = 1
    size: Sizes

    @property
    def takes(self) -> Sizes:
        """Height and width of the pictures that it takes."""
        raise NotImplementedError

    def check(self, setup: Setup) -> Misfit | None:
        picture = setup.picture
        if picture is None:
            return Misfit(training.NeedsPictures(self.word, None, ", ".join(map(str, setup.inputs))))
        misfit = does_not_fit(self, self.size, picture)
        if misfit is not None:
            return misfit
        if any(side < crop for side, crop in zip(self.takes, self.size, strict=True)):
            return Misfit(training.CropLargerThanPicture(self.word, min(self.size), min(self.takes)), "of")
        return None


@recipe_word
class CentreCrop(Evaluation):
    """The window in the middle."""

    word = "center_crop"
    example = "evaluate center_crop 224 of=256"
    size: Sizes = parameter(doc="height and width of the crop", minimum=1)
    of: int | None = parameter(None, doc=_OF, minimum=1)

    @property
    def takes(self) -> Sizes:
        return source_size(self.size, self.of)

    def torch(self, **instead: str) -> TorchSource:
        return TorchSource(call("CenterCrop", repr(self.size)), (TORCH, NN), "center_crop.py")


@recipe_word
class TenCrop(Evaluation):
    """The windows in the corners and in the middle, and their mirror images (Krizhevsky et al. 2012, section 4.1)."""

    word = "ten_crop"
    example = "evaluate ten_crop 224 of=256"
    views = 10
    size: Sizes = parameter(doc="height and width of the crops", minimum=1)
    of: int | None = parameter(None, doc=_OF, minimum=1)

    @property
    def takes(self) -> Sizes:
        return source_size(self.size, self.of)

    def torch(self, **instead: str) -> TorchSource:
        return TorchSource(call("TenCrop", repr(self.size)), (TORCH, NN), "ten_crop.py")


@recipe_word
class ShiftedCrops(Evaluation):
    """The picture, and the picture shifted to all eight sides, with zeros where nothing was: nine votes."""

    word = "shifted_crops"
    example = "evaluate shifted_crops 32 by=2"
    views = 9
    size: Sizes = parameter(doc="height and width of the pictures", minimum=1)
    by: int = parameter(1, doc="cells of a shift", minimum=1)

    @property
    def takes(self) -> Sizes:
        return self.size

    def torch(self, **instead: str) -> TorchSource:
        return TorchSource(call("ShiftedCrops", self.told("by", instead) or ""), (TORCH, NN), "shifted_crops.py")
