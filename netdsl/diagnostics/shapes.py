"""E2 and W2: tensors that do not fit."""

from __future__ import annotations

from netdsl.diagnostics.core import Fact, fact, listing


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
        return f"{self.what} has {axes}, and {self.tensor} has {_spatial_axes(self.rank)}"

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
class WindowDoesNotFit(Fact):
    """A window that is larger than its padded input."""

    code = "E204"
    slug = "window-does-not-fit"
    axis: str
    window: str
    size: str
    padded: str
    tensor: str
    room: int
    meant: str | None = None

    @property
    def message(self) -> str:
        return f"a window of {self.window} does not fit into the {self.axis} of {self.tensor}, which is {self.padded}"

    @property
    def help(self) -> str | None:
        return self.meant or f"a window of {self.room} fits; or shrink the tensor less in the layers before it"


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
class PaddingTooLarge(Fact):
    """A pool that is padded by more than half of its window: whole windows would see nothing but padding."""

    code = "E207"
    slug = "padding-too-large"
    padding: int
    window: int

    @property
    def message(self) -> str:
        return f"a pool of window {self.window} cannot be padded by {self.padding}: at most by half of the window"

    @property
    def help(self) -> str | None:
        return f"`pad={self.window // 2}` is the most"


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
class WindowIsEven(Fact):
    """A normalisation window over channels without a middle."""

    code = "E212"
    slug = "window-is-even"
    word: str
    size: int

    @property
    def message(self) -> str:
        return f"the window of `{self.word}` is centred on its channel, so {self.size} channels cannot be one"

    @property
    def help(self) -> str | None:
        return f"{self.size - 1} and {self.size + 1} have a middle; the literature takes 5"


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
class CausalNeedsLength(Fact):
    """A convolution that looks back in time on a tensor that has no time, or more than that."""

    code = "E215"
    slug = "causal-needs-length"
    tensor: str
    rank: int

    @property
    def message(self) -> str:
        return f"`causal` is for tensors with a length only, and {self.tensor} has {_spatial_axes(self.rank)}"

    @property
    def help(self) -> str | None:
        return "otherwise write what stands before and after: `pad=((2, 0), (1, 1))`"


@fact
class CausalPadsItself(Fact):
    """A causal convolution with padding of its own."""

    code = "E216"
    slug = "causal-pads-itself"
    extent: int

    @property
    def message(self) -> str:
        return f"`causal` pads by {self.extent - 1} before and by nothing after, so `pad` has no meaning here"

    @property
    def help(self) -> str | None:
        return "leave `pad` out"


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
class WindowSeesOnlyPadding(Fact):
    """A pool whose window has the whole input in one of its holes."""

    code = "E218"
    slug = "window-sees-only-padding"
    axis: str
    kernel: int
    dilation: int
    size: str

    @property
    def message(self) -> str:
        return (
            f"the {self.kernel} cells of this window are {self.dilation} apart, so that all of them can lie in the "
            f"padding around the {self.axis}, which is {self.size}"
        )

    @property
    def help(self) -> str | None:
        return f"a smaller dilation, no padding, or a {self.axis} of at least {self.dilation}"


@fact
class OutputPadTooLarge(Fact):
    """A transposed convolution whose extra cells would make another stride."""

    code = "E219"
    slug = "output-pad-too-large"
    output_pad: int
    stride: int

    @property
    def message(self) -> str:
        return f"`output_pad` is {self.output_pad}, and must be less than the stride, which is {self.stride}"

    @property
    def help(self) -> str | None:
        return "it chooses between the sizes that a convolution of this stride makes one of"


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


@fact
class BorderNeverRead(Fact):
    """A strided convolution without padding that does not come out even."""

    code = "W201"
    slug = "border-never-read"
    words: str
    mend: str

    @property
    def message(self) -> str:
        return self.words

    @property
    def help(self) -> str | None:
        return self.mend


def _spatial_axes(rank: int) -> str:
    return {0: "no spatial axes", 1: "1 spatial axis"}.get(rank, f"{rank} spatial axes")
