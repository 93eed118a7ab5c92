"""The arithmetic of sliding windows, shared by convolutions and pools: sizes, padding, fit, and its inverse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias

from netdsl.diagnostics import windows
from netdsl.ops.axes import lines_by_axis
from netdsl.ops.contract import Misfit, Reach
from netdsl.ops.layout import layout_advice
from netdsl.types.sizes import Size, always_at_least, is_open, lower_bound, never_at_least
from netdsl.types.tensors import TensorType, axis_name

SAME = "same"
_LARGEST_STRIDE = 33
Sizes: TypeAlias = tuple[int, ...]
Pairs: TypeAlias = tuple[tuple[int, int], ...]
Padding: TypeAlias = "Pairs | str"


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Window:
    """A window on every spatial axis; `padding` has (before, after) for each.

    `ceil` rounds the number of places up, as long as the last window begins inside the input or the padding
    before it (PyTorch's rule).
    """

    kernel: Sizes
    stride: Sizes
    padding: Pairs
    dilation: Sizes
    ceil: bool = False

    @property
    def extent(self) -> Sizes:
        """The window's size with its holes: (kernel - 1) * dilation + 1."""
        return tuple((k - 1) * d + 1 for k, d in zip(self.kernel, self.dilation, strict=True))

    def places(self, sizes: tuple[Size, ...]) -> tuple[Size, ...]:
        """How many windows there are on each axis: floor((n + before + after - extent) / stride) + 1."""
        return tuple(self._places(axis, size) for axis, size in enumerate(sizes))

    def _places(self, axis: int, size: Size) -> Size:
        (before, after), stride = self.padding[axis], self.stride[axis]
        span = size + before + after - self.extent[axis]
        if not self.ceil:
            return span // stride + 1
        places = (span + stride - 1) // stride + 1
        if is_open(places):
            return places
        return places - 1 if int((places - 1) * stride) >= int(size + before) else places  # type: ignore[arg-type]

    def misfit(self, x: TensorType) -> Misfit | None:
        """Why the window cannot slide over a tensor, if it cannot."""
        for axis, size in enumerate(x.spatial):
            extent, (before, after) = self.extent[axis], self.padding[axis]
            padded = size + before + after
            if never_at_least(padded, extent):
                least = lower_bound(padded)
                room = least if least is not None else 0
                fact = windows.WindowDoesNotFit(
                    axis_name(x.rank, axis),
                    _window_words(self.kernel[axis], self.dilation[axis]),
                    str(size),
                    f"{size}" if not before + after else f"{size}, with padding {padded}",
                    str(x),
                    room,
                    layout_advice(x),
                )
                return Misfit(fact, "kernel")
        return None

    def needs(self, x: TensorType) -> tuple[tuple[Size, int], ...]:
        """What open sizes must reach for the window to fit: (size, least value)."""
        wanted = []
        for axis, size in enumerate(x.spatial):
            least = self.extent[axis] - sum(self.padding[axis])
            if is_open(size) and not always_at_least(size, least):
                wanted.append((size, least))
        return tuple(wanted)

    def reach(self) -> Reach:
        """What the receptive field grows by."""
        return Reach(self.extent, self.stride, tuple(before for before, _ in self.padding))

    def extra_end(self, sizes: tuple[Size, ...]) -> Sizes:
        """What `ceil` reads beyond the padding at the end of each axis; negative where cells are not read."""
        return tuple(
            int((places - 1) * stride + extent - size - before - after)  # type: ignore[arg-type]
            for places, stride, extent, size, (before, after) in zip(
                self.places(sizes), self.stride, self.extent, sizes, self.padding, strict=True
            )
        )

    # ---- words -------------------------------------------------------------------------------

    def arithmetic(self, x: TensorType) -> tuple[str, ...]:
        """`(224 - 11) / 4 + 1 = 54.25, rounded down to 54`, one line for axes that are alike."""
        return lines_by_axis(x.rank, (self._axis_words(axis, size) for axis, size in enumerate(x.spatial)))

    def arithmetic_with_rest(self, x: TensorType) -> tuple[str, ...]:
        """The arithmetic, and which cells no window reads."""
        unread = self.unread_words(x)
        return (*self.arithmetic(x), unread) if unread else self.arithmetic(x)

    def _axis_words(self, axis: int, size: Size) -> str:
        (before, after), stride = self.padding[axis], self.stride[axis]
        pads = {True: f" + 2*{before}", False: f" + {before} + {after}"}[before == after] if before or after else ""
        head = f"({size}{pads} - {self.extent[axis]}) / {stride} + 1"
        places = self._places(axis, size)
        if is_open(size):
            return f"{head} = {places}"
        exact = Fraction(int(size + before + after - self.extent[axis]), stride) + 1  # type: ignore[arg-type]
        if exact == places:
            return f"{head} = {places}"
        return f"{head} = {decimal(exact)}, rounded {'up' if places > exact else 'down'} to {places}"  # type: ignore[operator]

    def unread(self, x: TensorType) -> Sizes:
        """How many cells at the end of each axis no window reads (0 where sizes are open)."""
        if x.is_open or self.ceil:
            return (0,) * x.rank
        return tuple(max(-extra, 0) for extra in self.extra_end(x.spatial))

    def unread_words(self, x: TensorType) -> str | None:
        """`a column and a row are never read`, if so."""
        unread = self.unread(x)
        if not any(unread):
            return None
        if x.rank == 2:
            cells = [_count(unread[1], "column"), _count(unread[0], "row")]
        else:
            cells = [f"{count} of {axis_name(x.rank, axis)}" for axis, count in enumerate(unread)]
        seen = [words for words, count in zip(cells, unread[::-1] if x.rank == 2 else unread, strict=True) if count]
        verb = "is" if len(seen) == 1 and max(unread) == 1 else "are"
        return f"{' and '.join(seen)} at the end {verb} never read"

    def inverse(self, places: tuple[int, ...]) -> Sizes:
        """The input sizes that give so many places with nothing left over."""
        return tuple(
            (count - 1) * stride + extent - before - after
            for count, stride, extent, (before, after) in zip(
                places, self.stride, self.extent, self.padding, strict=True
            )
        )

    def mend(self, x: TensorType, wanted: tuple[Size, ...]) -> str | None:
        """Advice for an output of other spatial sizes: the input that gives them, or the padding."""
        if x.is_open or len(wanted) != x.rank or any(is_open(size) for size in wanted):
            return None
        sizes = tuple(int(size) for size in wanted)  # type: ignore[arg-type]
        if sizes == self.places(x.spatial):
            return None
        advice = [f"`pad={pad}`" for pad in range(max(self.extent)) if self._with_pad(pad).places(x.spatial) == sizes]
        strides = [step for step in range(1, _LARGEST_STRIDE) if self._with_stride(step).places(x.spatial) == sizes]
        advice = [*advice[:1], *[f"a stride of {step}" for step in strides[:1]]]
        if min(self.inverse(sizes)) > 0:
            advice.append(f"an input of {'x'.join(map(str, self.inverse(sizes)))}")
        return f"{' or '.join(advice)} gives {'x'.join(map(str, sizes))}" if advice else None

    def _with_pad(self, pad: int) -> Window:
        return replace(self, padding=((pad, pad),) * len(self.kernel))

    def _with_stride(self, stride: int) -> Window:
        return replace(self, stride=(stride,) * len(self.kernel))


def same_padding(sizes: tuple[Size, ...], extent: Sizes, stride: Sizes) -> Pairs | None:
    """The padding that gives ceil(n / stride) places, the odd cell at the end; None where it hangs on an open size."""
    pairs = []
    for size, window, step in zip(sizes, extent, stride, strict=True):
        over = size % step
        if is_open(over):
            return None
        total = max(window - (int(over) or step), 0)  # type: ignore[arg-type]
        pairs.append((total // 2, total - total // 2))
    return tuple(pairs)


def decimal(value: Fraction) -> str:
    """`54.25`; at most three places."""
    return f"{float(value):.3f}".rstrip("0").rstrip(".")


def _window_words(kernel: int, dilation: int) -> str:
    return str(kernel) if dilation == 1 else f"{kernel} with dilation {dilation}, {(kernel - 1) * dilation + 1} cells,"


def _count(number: int, word: str) -> str:
    return f"a {word}" if number == 1 else f"{number} {word}s" if number else ""
