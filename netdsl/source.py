"""Source text and places in it: everything that is said about a spec points back here."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

_MARK = "\ufeff"


@dataclass(frozen=True, eq=False, repr=False)
class Source:
    """One file's text under the name that diagnostics print.

    Lines end with LF, CRLF or CR; a byte-order mark at the start is not part of the text.
    """

    name: str
    text: str
    _starts: list[int] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.text.startswith(_MARK):
            object.__setattr__(self, "text", self.text[len(_MARK) :])

    @property
    def line_starts(self) -> list[int]:
        """Offsets at which the lines begin, found once."""
        if not self._starts:
            self._starts.append(0)
            text = self.text
            position = 0
            while position < len(text):
                character = text[position]
                position += 2 if text[position : position + 2] == "\r\n" else 1
                if character in "\r\n":
                    self._starts.append(position)
        return self._starts

    def row_and_column(self, offset: int) -> tuple[int, int]:
        """Row and column of an offset, both from 1; columns count code points."""
        row = bisect_right(self.line_starts, offset)
        return row, offset - self.line_starts[row - 1] + 1

    def line(self, row: int) -> str:
        """The text of a row (from 1), without its line end."""
        starts = self.line_starts
        end = starts[row] if row < len(starts) else len(self.text)
        return self.text[starts[row - 1] : end].rstrip("\r\n")


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Span:
    """The text from offset `start` up to, not including, offset `end`."""

    source: Source
    start: int
    end: int

    @property
    def location(self) -> tuple[int, int]:
        """Row and column of the first character, both from 1."""
        return self.source.row_and_column(self.start)

    @property
    def end_location(self) -> tuple[int, int]:
        """Row and column just behind the last character."""
        return self.source.row_and_column(self.end)

    @property
    def row(self) -> int:
        """The row on which the span begins, from 1."""
        return self.location[0]

    @property
    def text(self) -> str:
        """The characters that the span covers."""
        return self.source.text[self.start : self.end]

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of `other`."""
        return Span(self.source, self.start, other.end)

    def __str__(self) -> str:
        row, column = self.location
        return f"{self.source.name}:{row}:{column}"
