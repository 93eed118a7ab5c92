"""E2 and W2: windows that do not slide over a tensor as they are written."""

from __future__ import annotations

from netdsl.diagnostics.core import Fact, fact, spatial_axes


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
class CausalNeedsLength(Fact):
    """A convolution that looks back in time on a tensor that has no time, or more than that."""

    code = "E215"
    slug = "causal-needs-length"
    tensor: str
    rank: int

    @property
    def message(self) -> str:
        return f"`causal` is for tensors with a length only, and {self.tensor} has {spatial_axes(self.rank)}"

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
        return (
            "it chooses between the sizes that a convolution of this stride makes one of; `pad` behind it adds others"
        )


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
