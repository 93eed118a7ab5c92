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


def _words(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a single number"
