"""E5: a recipe that does not fit its net, or itself."""

from __future__ import annotations

from netdsl.diagnostics import synonyms
from netdsl.diagnostics.core import Fact, fact, listing


@fact
class UnknownRecipeLine(Fact):
    """`optimiser sgd`."""

    code = "E501"
    slug = "unknown-recipe-line"
    word: str
    known: tuple[str, ...]
    nearest: str | None

    @property
    def message(self) -> str:
        return f"a recipe has no line `{self.word}`"

    @property
    def help(self) -> str | None:
        if synonyms.plain(self.word) in ("lr", "learningrate", "momentum", "weightdecay"):
            return "that is said of the optimiser: `optimizer sgd lr=0.1 momentum=0.9 weight_decay=5e-4`"
        return f"did you mean `{self.nearest}`?" if self.nearest else f"its lines are {listing(self.known, 'and')}"


@fact
class UnknownRecipeWord(Fact):
    """`loss crossentropy`; the word is empty where none is written."""

    code = "E502"
    slug = "unknown-recipe-word"
    line: str
    word: str
    known: tuple[str, ...]
    nearest: str | None

    @property
    def message(self) -> str:
        return f"`{self.line}` knows no `{self.word}`" if self.word else f"`{self.line}` needs a word"

    @property
    def help(self) -> str | None:
        return f"did you mean `{self.nearest}`?" if self.nearest else f"it is one of {listing(self.known)}"


@fact
class IncompleteRecipe(Fact):
    """A recipe without a loss or without an optimiser."""

    code = "E503"
    slug = "incomplete-recipe"
    line: str
    example: str

    @property
    def message(self) -> str:
        return f"the recipe has no `{self.line}`"

    @property
    def help(self) -> str | None:
        return f"for instance `{self.example}`"


@fact
class MissingLearningRate(Fact):
    """`optimizer sgd`."""

    code = "E504"
    slug = "missing-learning-rate"
    optimizer: str

    @property
    def message(self) -> str:
        return f"`{self.optimizer}` needs a learning rate, which is never guessed"

    @property
    def help(self) -> str | None:
        common = "0.1" if self.optimizer == "sgd" else "0.001"
        return f"it is the first thing to try out: `optimizer {self.optimizer} lr={common}` is a common start"


@fact
class RecipeLineTwice(Fact):
    """`batch 32` and `batch 64`."""

    code = "E505"
    slug = "recipe-line-twice"
    line: str

    @property
    def message(self) -> str:
        return f"the recipe has `{self.line}` twice"

    @property
    def help(self) -> str | None:
        if self.line == "augment":
            return "steps of one line are joined by arrows: `augment random_crop 32 pad=4 -> hflip`"
        if self.line == "loss":
            return "a further `loss` says for which outputs it is: `loss mse box=0.5`"
        return None


@fact
class CropDoesNotFit(Fact):
    """`random_crop 256` for a net that takes 224x224."""

    code = "E506"
    slug = "crop-does-not-fit"
    word: str
    size: tuple[int, ...]
    picture: str
    instead: str | None

    @property
    def message(self) -> str:
        return f"`{self.word}` gives pictures of {_by(self.size)}, and the net takes {self.picture}"

    @property
    def help(self) -> str | None:
        return f"the net's own size: `{self.instead}`" if self.instead else None


@fact
class CropLargerThanPicture(Fact):
    """`random_crop 224 of=200`, `random_resized_crop 32 of=20`."""

    code = "E507"
    slug = "crop-larger-than-picture"
    word: str
    crop: int
    side: int

    @property
    def message(self) -> str:
        return f"`{self.word}` takes {self.crop} cells of a side that has {self.side}"

    @property
    def help(self) -> str | None:
        return "`of` is the shorter side of the pictures before the crop: 256 for a crop of 224"


@fact
class NeedsPictures(Fact):
    """`hflip` for a net of vectors, `pca_lighting` for grey pictures."""

    code = "E508"
    slug = "recipe-needs-pictures"
    word: str
    channels: int | None
    given: str

    @property
    def message(self) -> str:
        pictures = f"pictures of {self.channels} channels" if self.channels else "pictures"
        return f"`{self.word}` works on {pictures}, and the net takes {self.given or 'nothing'}"


@fact
class UnknownOutput(Fact):
    """`loss cross_entropy auxx=0.3`."""

    code = "E509"
    slug = "unknown-output"
    word: str
    output: str
    known: tuple[str, ...]
    nearest: str | None

    @property
    def message(self) -> str:
        return f"`{self.word}` has no parameter `{self.output}`, and the net no output of that name"

    @property
    def help(self) -> str | None:
        return f"did you mean `{self.nearest}`?" if self.nearest else f"there are {listing(self.known, 'and')}"


@fact
class LossDoesNotFit(Fact):
    """`loss cross_entropy` for a single number."""

    code = "E510"
    slug = "loss-does-not-fit"
    word: str
    output: str
    given: str
    reason: str
    advice: str | None = None

    @property
    def message(self) -> str:
        return f"`{self.word}` does not fit `{self.output}`, {self.given}: {self.reason}"

    @property
    def help(self) -> str | None:
        return self.advice


@fact
class BeyondTraining(Fact):
    """A milestone that no epoch reaches."""

    code = "E511"
    slug = "beyond-training"
    word: str
    epoch: int
    epochs: int

    @property
    def message(self) -> str:
        return f"`{self.word}` changes the learning rate after {self.epoch} epochs, and training has {self.epochs}"


@fact
class WarmupTooLong(Fact):
    """A warm-up that training does not outlast."""

    code = "E512"
    slug = "warmup-too-long"
    warmup: int
    epochs: int
    until: str = "training"

    @property
    def message(self) -> str:
        end = f"training has {self.epochs}" if self.until == "training" else f"{self.until} comes after {self.epochs}"
        return f"the warm-up takes {self.warmup} epochs, and {end}"


@fact
class PartsDoNotDivide(Fact):
    """`batch 100` in 3 parts."""

    code = "E513"
    slug = "parts-do-not-divide"
    batch: int
    parts: int

    @property
    def message(self) -> str:
        return f"a batch of {self.batch} cannot be calculated in {self.parts} equal parts"


@fact
class CannotMixLabels(Fact):
    """`mixup` with a loss that is none of classes, or with another augmentation behind it."""

    code = "E514"
    slug = "cannot-mix-labels"
    word: str
    reason: str

    @property
    def message(self) -> str:
        return f"`{self.word}` cannot mix the labels here: {self.reason}"


@fact
class NothingToCount(Fact):
    """`early_stop 10 watch=accuracy` with a loss that is none of classes."""

    code = "E515"
    slug = "nothing-to-count"
    word: str
    loss: str
    output: str

    @property
    def message(self) -> str:
        return f"`{self.word}` watches the accuracy, and `{self.loss}` of `{self.output}` has no right answers to count"

    @property
    def help(self) -> str | None:
        return "`watch=loss` watches the loss on the held-out examples"


@fact
class CropOfOtherPictures(Fact):
    """`random_crop 32 pad=4 of=40`, or a crop behind another one."""

    code = "E516"
    slug = "crop-of-other-pictures"
    word: str
    takes: tuple[int, ...]
    giver: str
    given: tuple[int, ...]
    advice: str

    @property
    def message(self) -> str:
        return f"`{self.word}` takes pictures of {_by(self.takes)}, and those of `{self.giver}` have {_by(self.given)}"

    @property
    def help(self) -> str | None:
        return self.advice


@fact
class LossIncludesActivation(Fact):
    """`softmax` in the net, and again in `cross_entropy`."""

    code = "W501"
    slug = "loss-includes-activation"
    word: str
    output: str
    activation: str

    @property
    def message(self) -> str:
        return f"`{self.word}` applies `{self.activation}` itself, and `{self.output}` has been through one already"

    @property
    def help(self) -> str | None:
        return f"let the net end before its `{self.activation}`"


def _by(size: tuple[int, ...]) -> str:
    return "x".join(map(str, size))
