"""E240 and on: tensors whose places cannot look at each other, or stand in another order."""

from __future__ import annotations

from netdsl.diagnostics.core import Fact, fact, listing


@fact
class HeadsDoNotDivide(Fact):
    """Heads of attention that the channels cannot be split into."""

    code = "E240"
    slug = "heads-do-not-divide"
    heads: int
    channels: int
    tensor: str

    @property
    def message(self) -> str:
        return f"{self.heads} heads do not divide the {self.channels} channels of {self.tensor}"

    @property
    def help(self) -> str | None:
        possible = [heads for heads in range(1, 2 * self.heads + 1) if self.channels % heads == 0]
        nearest = sorted(possible, key=lambda heads: abs(heads - self.heads))[:3]
        return f"{self.channels} channels can be split into {', '.join(map(str, sorted(nearest)))} heads"


@fact
class ChannelsOfMemory(Fact):
    """Attention to a tensor whose channels are others."""

    code = "E241"
    slug = "channels-of-memory"
    word: str
    tensor: str
    memory: str
    channels: int

    @property
    def message(self) -> str:
        return f"`{self.word}` compares places by their channels, and {self.tensor} and {self.memory} differ in them"

    @property
    def help(self) -> str | None:
        return f"`fc {self.channels} axis=channels` on {self.memory} gives it as many"


@fact
class ReshapeDoesNotFit(Fact):
    """A shape for more or fewer numbers than the tensor has."""

    code = "E242"
    slug = "reshape-does-not-fit"
    shape: str
    wanted: str
    tensor: str
    elements: str
    advice: str | None

    @property
    def message(self) -> str:
        return f"{self.shape} has {self.wanted} numbers, and {self.tensor} has {self.elements}"

    @property
    def help(self) -> str | None:
        return self.advice


@fact
class NotAnOrderOfAxes(Fact):
    """A permutation that names an axis twice, or not at all."""

    code = "E243"
    slug = "not-an-order-of-axes"
    word: str
    given: tuple[str, ...]
    tensor: str
    axes: tuple[str, ...]

    @property
    def message(self) -> str:
        given = ", ".join(self.given)
        return f"`{self.word}` takes every axis of {self.tensor} once, {listing(self.axes, 'and')}, not ({given})"

    @property
    def help(self) -> str | None:
        known = tuple(axis for axis in dict.fromkeys(self.given) if axis in self.axes)
        every = (*(axis for axis in self.axes if axis not in known), *known)
        return f"in the order in which they shall stand: `{self.word} ({', '.join(every)})`"


@fact
class WindowsDoNotTile(Fact):
    """Windows beside each other that leave a rest of a picture."""

    code = "E244"
    slug = "windows-do-not-tile"
    window: str
    tensor: str
    axis: str
    size: str
    rest: int
    cells: int

    @property
    def message(self) -> str:
        left = f"{self.rest} {'is' if self.rest == 1 else 'are'} left"
        return f"windows of {self.window} do not fill {self.tensor}: of its {self.axis}, {self.size}, {left}"

    @property
    def help(self) -> str | None:
        missing = self.cells - self.rest
        return f"`pad` with {missing} more {'cell' if missing == 1 else 'cells'} of {self.axis} before it fills them"
