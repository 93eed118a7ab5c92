"""E223 and on: tensors that a single operation cannot take."""

from __future__ import annotations

from netdsl.diagnostics.core import Fact, fact

_MOST_PARTS = 33
_MOST_SHOWN = 4


@fact
class PartsDoNotFit(Fact):
    """Parts of the channels that are more or less than all of them."""

    code = "E223"
    slug = "parts-do-not-fit"
    parts: tuple[int, ...]
    channels: str
    tensor: str

    @property
    def message(self) -> str:
        if len(self.parts) == 1:
            return f"{self.channels} channels of {self.tensor} cannot be split into {self.parts[0]} equal parts"
        total = f"{' + '.join(map(str, self.parts))} = {sum(self.parts)}"
        return f"the parts have {total} channels, and {self.tensor} has {self.channels}"

    @property
    def help(self) -> str | None:
        if not self.channels.isdigit():
            return "one number is how many equal parts there are, several are the channels of each: `split (24, 40)`"
        channels, others = int(self.channels), self.parts[:-1]
        if len(self.parts) == 1:
            possible = [count for count in range(1, _MOST_PARTS) if channels % count == 0]
            each = [channels // self.parts[0]] * (self.parts[0] - 1)
            own = f", or into parts of your own: `split ({', '.join(map(str, (*each, channels - sum(each))))})`"
            equal = f"{channels} channels can be split into {', '.join(map(str, possible))} equal parts"
            return f"{equal}{own}" if 0 < len(each) <= _MOST_SHOWN and all(each) else equal
        last = channels - sum(others)
        return f"`split ({', '.join(map(str, (*others, last)))})` takes all of them" if last > 0 else None


@fact
class RangeOutside(Fact):
    """A range of places that the axis does not have, or that is empty."""

    code = "E224"
    slug = "range-outside"
    word: str
    start: int
    stop: int | None
    axis: str
    size: str
    tensor: str

    @property
    def message(self) -> str:
        end = "the end" if self.stop is None else str(self.stop)
        return f"`{self.word}` from {self.start} to {end} is no part of the {self.size} {self.axis} of {self.tensor}"

    @property
    def help(self) -> str | None:
        return "places are counted from 0, negative ones from the end, and `stop` is the first that is left out"


@fact
class OneNumberHasNoSpread(Fact):
    """A normalisation over a single number, which would always give 0."""

    code = "E225"
    slug = "one-number-has-no-spread"
    word: str
    over: str
    tensor: str

    @property
    def message(self) -> str:
        return f"`{self.word}` works over {self.over}, and {self.tensor} has a single number there, so 0 would come out"

    @property
    def help(self) -> str | None:
        return "`layer_norm` works over all channels of a place"


@fact
class NeedsPicture(Fact):
    """An operation on pictures that another tensor came to."""

    code = "E226"
    slug = "needs-picture"
    word: str
    tensor: str

    @property
    def message(self) -> str:
        return f"`{self.word}` takes pictures, with a height and a width, and {self.tensor} came"

    @property
    def help(self) -> str | None:
        return "shapes are channels first: a grey picture is `1x28x28`"


@fact
class NeedsSequence(Fact):
    """An operation on sequences that another tensor came to."""

    code = "E227"
    slug = "needs-sequence"
    word: str
    tensor: str
    rank: int

    @property
    def message(self) -> str:
        return f"`{self.word}` takes a sequence of places, and {self.tensor} came"

    @property
    def help(self) -> str | None:
        if self.rank:
            return "`flatten places` before it makes one axis of all places"
        return "a sequence has channels and one axis of places: `64x100`, or `64xT` for any length"


@fact
class DoesNotFitInside(Fact):
    """A tensor that is to be cropped to a larger size, or padded to a smaller one."""

    code = "E228"
    slug = "does-not-fit-inside"
    word: str
    tensor: str
    wanted: str
    axis: str
    small: str
    large: str
    offset: int

    @property
    def message(self) -> str:
        cells = f"{self.offset} + {self.small}" if self.offset else self.small
        room = f"a {self.axis} of {self.large}"
        return f"`{self.word}` makes {self.wanted} of {self.tensor}, and {cells} cells do not fit into {room}"

    @property
    def help(self) -> str | None:
        if self.offset:
            return "without `offset` it lies in the middle"
        other = "pad" if self.word.startswith("crop") else "crop"
        return f"`{other}{self.word[self.word.index('_') :]}` goes the other way"


@fact
class TooSmallToMirror(Fact):
    """Padding by a mirror on a tensor that has fewer cells than the mirror shows."""

    code = "E229"
    slug = "too-small-to-mirror"
    word: str
    cells: int
    axis: str
    size: str
    tensor: str

    @property
    def message(self) -> str:
        needed = f"{self.cells} cells of {self.axis} behind the outermost one"
        return f"`{self.word}` mirrors {needed}, and the {self.axis} of {self.tensor} is {self.size}"

    @property
    def help(self) -> str | None:
        return "the outermost cell is the mirror and is not repeated; `mode=edge` repeats it, whatever the size"


@fact
class ChannelsMakeNoSquares(Fact):
    """Channels that cannot be laid out as whole squares of cells."""

    code = "E230"
    slug = "channels-make-no-squares"
    word: str
    factor: int
    channels: int
    tensor: str

    @property
    def message(self) -> str:
        square = f"{self.factor} * {self.factor} = {self.factor**2}"
        return f"`{self.word}` makes a square of every {square} channels, and {self.tensor} has {self.channels}"

    @property
    def help(self) -> str | None:
        cells = self.factor**2
        more = -(-self.channels // cells) * cells
        return f"`conv 1x1 x{more}` before it gives {more // cells} * {cells} = {more}"
