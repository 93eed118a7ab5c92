"""E2 and W2: tensors that do not fit."""

from __future__ import annotations

from netdsl.diagnostics.core import Fact, fact, listing, spatial_axes


@fact
class ShapeAssertionFails(Fact):
    """`:: 96x55x55` on a tensor of another shape."""

    code = "E201"
    slug = "shape-assertion-fails"
    asserted: str
    actual: str
    arithmetic: tuple[str, ...] = ()
    mend: str | None = None

    @property
    def message(self) -> str:
        because = f"; {'; '.join(self.arithmetic)}" if self.arithmetic else ""
        return f"the tensor here is {self.actual}, not {self.asserted}{because}"

    @property
    def help(self) -> str | None:
        return self.mend


@fact
class WrongRank(Fact):
    """A size with more or fewer axes than the tensor has."""

    code = "E202"
    slug = "wrong-rank"
    what: str
    sizes: tuple[int, ...]
    tensor: str
    rank: int
    meant: str | None = None

    @property
    def message(self) -> str:
        axes = "1 axis" if len(self.sizes) == 1 else f"{len(self.sizes)} axes"
        return f"{self.what} has {axes}, and {self.tensor} has {spatial_axes(self.rank)}"

    @property
    def help(self) -> str | None:
        if self.meant is not None:
            return self.meant
        *window, channels = self.sizes
        if len(window) == self.rank and channels > max(window):
            return f"channels have a space before the `x`: `{'x'.join(map(str, window))} x{channels}`"
        one_for_each = "x".join([str(self.sizes[0])] * self.rank)
        return f"a window of this rank is `{one_for_each}`; one number serves every axis: `{self.sizes[0]}`"


@fact
class NeedsVector(Fact):
    """A dense layer on a picture."""

    code = "E203"
    slug = "needs-vector"
    word: str
    tensor: str
    elements: str

    @property
    def message(self) -> str:
        return f"`{self.word}` takes a vector, and {self.tensor} came"

    @property
    def help(self) -> str | None:
        numbers = f"{int(self.elements):,} numbers" if self.elements.isdigit() else f"{self.elements} numbers"
        return f"`flatten` before it makes {numbers} of it, `global_avgpool` one for each channel"


@fact
class GroupsDoNotDivide(Fact):
    """Channels that cannot be split evenly."""

    code = "E205"
    slug = "groups-do-not-divide"
    groups: int
    channels: int
    which: str
    possible: tuple[int, ...]

    @property
    def message(self) -> str:
        return f"{self.groups} groups do not divide the {self.channels} {self.which} channels"

    @property
    def help(self) -> str | None:
        allowed = f"{self.channels} channels allow groups of {', '.join(map(str, self.possible))}"
        if self.which != "output":
            return allowed
        less = self.channels // self.groups * self.groups
        multiples = [f"`x{count}`" for count in (less, less + self.groups) if count]
        return f"{' or '.join(multiples)} can be split by {self.groups}; {allowed}"


@fact
class TensorTooLarge(Fact):
    """A tensor or an axis beyond the limits."""

    code = "E206"
    slug = "tensor-too-large"
    tensor: str
    what: str
    number: int
    limit: int

    @property
    def message(self) -> str:
        if self.what == "size":
            return f"{self.tensor} has a size of {self.number:,}; the limit is {self.limit:,}"
        return f"{self.tensor} has {self.number:,} {self.what}; the limit is {self.limit:,}"


@fact
class NeedsSpatialAxes(Fact):
    """A window or a pool over something that has no spatial axes."""

    code = "E208"
    slug = "needs-spatial-axes"
    word: str
    tensor: str

    @property
    def message(self) -> str:
        return f"`{self.word}` looks along height, width or length, and {self.tensor} has none of them"

    @property
    def help(self) -> str | None:
        return "a vector has no places: this comes before `flatten`, and takes a picture such as `1x28x28`"


@fact
class NeedsKnownSize(Fact):
    """An operation whose weights depend on a size that is left open."""

    code = "E209"
    slug = "needs-known-size"
    word: str
    what: str
    size: str
    advice: str

    @property
    def message(self) -> str:
        return f"`{self.word}` needs to know {self.what}, which is {self.size}"

    @property
    def help(self) -> str | None:
        return self.advice


@fact
class WrongElementType(Fact):
    """Numbers where indices are needed, or the other way round."""

    code = "E210"
    slug = "wrong-element-type"
    word: str
    needed: str
    tensor: str

    @property
    def message(self) -> str:
        return f"`{self.word}` takes {self.needed}, and {self.tensor} came"

    @property
    def help(self) -> str | None:
        if self.tensor.startswith("int64"):
            return "`embed 1000 x64` looks up a vector of 64 numbers for every index below 1000"
        return "an input of indices is declared so: `input tokens: int64[T]`" if "float32" in self.tensor else None


@fact
class SizeIsNotPositive(Fact):
    """An axis without a place in it."""

    code = "E211"
    slug = "size-is-not-positive"
    tensor: str

    @property
    def message(self) -> str:
        return f"every size of a tensor is at least 1, and this one is {self.tensor}"

    @property
    def help(self) -> str | None:
        return "sizes that are left open have upper-case names: `3xHxW`" if "-1" in self.tensor else None


@fact
class TooFewTensors(Fact):
    """A merge of nothing, or of one tensor."""

    code = "E220"
    slug = "too-few-tensors"
    word: str
    given: int
    least: int
    from_list: bool

    @property
    def message(self) -> str:
        return f"`{self.word}` merges at least {self.least} tensors, and {self.given} came"

    @property
    def help(self) -> str | None:
        return f"`{self.word}(a, b)`, or branches: `{self.word} {{ | … | … }}`; an empty branch is the incoming tensor"


@fact
class MergeMismatch(Fact):
    """Tensors that a merge cannot bring together."""

    code = "E213"
    slug = "merge-mismatch"
    word: str
    first: str
    other: str
    axes: tuple[str, ...]
    but: str = ""
    condition: str | None = None
    mend: str | None = None

    @property
    def message(self) -> str:
        but = f" but for their {self.but}" if self.but else ""
        axes = " and ".join(part for part in (", ".join(self.axes[:-1]), self.axes[-1]) if part)
        differ = f"{self.first} and {self.other} differ in {axes}"
        only_where = f"; they agree {self.condition}" if self.condition else ""
        return f"`{self.word}` takes tensors of one shape{but}, and {differ}{only_where}"

    @property
    def help(self) -> str | None:
        return self.mend


@fact
class NumbersPerChannel(Fact):
    """A list with one number for each channel that is too long or too short."""

    code = "E214"
    slug = "numbers-per-channel"
    word: str
    parameter: str
    given: int
    channels: str
    tensor: str

    @property
    def message(self) -> str:
        numbers = "1 number" if self.given == 1 else f"{self.given} numbers"
        channels = "1 channel" if self.channels == "1" else f"{self.channels} channels"
        return f"`{self.parameter}` of `{self.word}` has {numbers}, and {self.tensor} has {channels}"

    @property
    def help(self) -> str | None:
        example = "0.5" if self.channels == "1" else "(0.485, 0.456, 0.406)"
        return f"write one number for each channel: `{self.parameter}={example}`"


@fact
class NoSuchAxis(Fact):
    """`axis=height` on a tensor without a height."""

    code = "E217"
    slug = "no-such-axis"
    word: str
    axis: str
    tensor: str
    axes: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"`{self.word}` works along the {self.axis}, which {self.tensor} does not have"

    @property
    def help(self) -> str | None:
        return f"its axes are {listing(self.axes, 'and')}" if len(self.axes) > 1 else f"its only axis is {self.axes[0]}"


@fact
class SizesTooComplex(Fact):
    """Open sizes whose expressions have grown beyond the limit."""

    code = "E221"
    slug = "sizes-too-complex"
    word: str

    @property
    def message(self) -> str:
        return f"the open sizes behind `{self.word}` are too complex to be followed further"

    @property
    def help(self) -> str | None:
        return "declare the inputs as multiples (`16*H`), or fix the sizes with `--size`"


@fact
class OpenSizesDisagree(Fact):
    """Merges that fit for some of the sizes that the input leaves open."""

    code = "E222"
    slug = "open-sizes-disagree"
    word: str
    tensors: str
    conditions: tuple[str, ...]
    declaration: str | None
    smallest: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"the two sides of `{self.word}`, {self.tensors}, agree only where {' and '.join(self.conditions)}"

    @property
    def help(self) -> str | None:
        parts = [f"declare what is meant: `{self.declaration}`"] if self.declaration else []
        parts += [f"the smallest legal sizes are {', '.join(self.smallest)}"] if self.smallest else []
        return "; ".join(parts) or None
