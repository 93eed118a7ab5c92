"""E4: what a target cannot do, and weights that do not belong to a net."""

from __future__ import annotations

from netdsl.diagnostics.core import Fact, fact


@fact
class WeightMissing(Fact):
    """A layer's weight that the file lacks."""

    code = "E401"
    slug = "weight-missing"
    name: str
    shape: tuple[int, ...]

    @property
    def message(self) -> str:
        return f"the weights file has no `{self.name}` of shape {_words(self.shape)}"

    @property
    def help(self) -> str | None:
        return "names are the layers' paths, which `netdsl weights FILE` lists; `--match order` takes other names too"


@fact
class WeightMisshapen(Fact):
    """An array of another shape than the layer's weight."""

    code = "E402"
    slug = "weight-misshapen"
    name: str
    found: tuple[int, ...]
    needed: tuple[int, ...]

    @property
    def message(self) -> str:
        return f"`{self.name}` is {_words(self.found)} in the weights file, and the layer needs {_words(self.needed)}"


@fact
class WeightSurplus(Fact):
    """An array that no layer has use for."""

    code = "E403"
    slug = "weight-surplus"
    name: str
    shape: tuple[int, ...]

    @property
    def message(self) -> str:
        return f"the weights file holds `{self.name}` of shape {_words(self.shape)}, which no layer has"


@fact
class WeightNotFinite(Fact):
    """NaN or infinity among the numbers."""

    code = "E404"
    slug = "weight-not-finite"
    name: str

    @property
    def message(self) -> str:
        return f"`{self.name}` in the weights file holds numbers that are not finite"


@fact
class WeightOutOfStep(Fact):
    """By order, an array meets a weight of another shape or kind."""

    code = "E405"
    slug = "weight-out-of-step"
    place: int
    name: str
    needed: tuple[int, ...]
    found_name: str
    found: tuple[int, ...]

    @property
    def message(self) -> str:
        return (
            f"weight {self.place} of the net, `{self.name}` of {_words(self.needed)}, "
            f"meets `{self.found_name}` of {_words(self.found)} in the weights file"
        )

    @property
    def help(self) -> str | None:
        return "`netdsl weights` lists the weights of a spec, and of a file, in their order"


@fact
class WeightNotFloat(Fact):
    """An array of something else than floating-point numbers."""

    code = "E406"
    slug = "weight-not-float"
    name: str
    element: str

    @property
    def message(self) -> str:
        return f"`{self.name}` in the weights file holds {self.element}, and weights are floating-point numbers"


@fact
class ExternalElsewhere(Fact):
    """A file of weights that a model could not name: it must be a safetensors file in the model's own folder."""

    code = "E407"
    slug = "external-elsewhere"
    given: str
    folder: str

    @property
    def message(self) -> str:
        return f"`{self.given}` is no safetensors file in the model's folder, {self.folder}"

    @property
    def help(self) -> str | None:
        return (
            "a model finds its weights by a name beside it: `--external NAME.safetensors` writes them there, "
            "whichever file `--weights` reads"
        )


@fact
class ExternalNotFloat32(Fact):
    """A stored array that a model cannot take as it lies in the file."""

    code = "E408"
    slug = "external-not-float32"
    name: str
    element: str

    @property
    def message(self) -> str:
        return f"`{self.name}` is {self.element} in the weights file, and the model reads float32 from it"

    @property
    def help(self) -> str | None:
        return "another name for `--external` writes a file of float32 weights"


@fact
class ExternalNotOwn(Fact):
    """A shared file of weights for a model whose weights are not the layers' own."""

    code = "E409"
    slug = "external-not-own"
    option: str

    @property
    def message(self) -> str:
        return f"`{self.option}` changes the weights, and `--external` shares the layers' own"


@fact
class CalibrationMissing(Fact):
    """Eight bits without examples of what the net will see."""

    code = "E410"
    slug = "calibration-missing"
    place: str | None

    @property
    def message(self) -> str:
        if self.place is None:
            return "int8 takes the ranges of all values from examples, and none are given"
        return f"int8 takes the ranges of all values from examples, and there are none in {self.place}"

    @property
    def help(self) -> str | None:
        return "`--calibrate DIR` for pictures, or `--calibrate FILE.npz` for arrays of inputs; a hundred are enough"


@fact
class CalibrationMisfit(Fact):
    """Examples that are no inputs of the net."""

    code = "E411"
    slug = "calibration-misfit"
    place: str
    reason: str

    @property
    def message(self) -> str:
        return f"the examples in {self.place} do not fit the net: {self.reason}"


@fact
class OpsetUnknown(Fact):
    """An opset that is not written."""

    code = "E412"
    slug = "opset-unknown"
    opset: int
    least: int
    most: int

    @property
    def message(self) -> str:
        return f"opset {self.opset} is not one of {self.least} to {self.most}"


@fact
class RecipeMissing(Fact):
    """A net that shall learn, and nobody says how."""

    code = "E413"
    slug = "recipe-missing"
    net: str

    @property
    def message(self) -> str:
        return f"`{self.net}` has no `train` block, which says how it learns"

    @property
    def help(self) -> str | None:
        return "the least is `train { loss cross_entropy; optimizer sgd lr=0.1 }` in the net; the rate depends on it"


@fact
class NotTrainable(Fact):
    """A net for which the generated training has no data."""

    code = "E414"
    slug = "not-trainable"
    net: str
    reason: str
    advice: str | None = None

    @property
    def message(self) -> str:
        return f"the generated training cannot feed `{self.net}`: {self.reason}"

    @property
    def help(self) -> str | None:
        return self.advice


@fact
class ExternalOverwritten(Fact):
    """A file of weights that would be lost: it is there, and holds other numbers than those that would be written."""

    code = "E415"
    slug = "external-overwritten"
    name: str

    @property
    def message(self) -> str:
        return f"`{self.name}` is there already, and holds other weights than this model's"

    @property
    def help(self) -> str | None:
        return f"`--weights {self.name}` makes a model of the weights in it; else choose another name"


def _words(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a single number"
