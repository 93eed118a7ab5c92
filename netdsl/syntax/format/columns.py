"""Lines to text: shape assertions and comments of neighbouring lines stand in columns, as in a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from netdsl.syntax.format.braces import Braces

MAXIMUM_PADDING = 50
GAP = 2


@dataclass(eq=False, slots=True)
class Line:
    """A line in its parts; lines with the same `paragraph` that follow each other share their columns.

    `blank` tells that an empty line stands above it, `under` that it only goes on with the comment above it, and
    `flat_braces` holds the outermost braces that begin and end here.
    """

    indent: int
    paragraph: int | None
    text: str = ""
    assertion: str | None = None
    comment: str | None = None
    blank: bool = False
    under: bool = False
    flat_braces: list[Braces] = field(default_factory=list)

    @property
    def width(self) -> int:
        """The number of columns before the comment."""
        own = self.indent + len(self.text)
        return own if self.assertion is None else own + GAP + len(self.assertion)


def align(lines: Sequence[Line]) -> str:
    """The text of the lines, each ended by LF."""
    texts = [" " * line.indent + line.text if line.text else "" for line in lines]
    columns = _columns(lines, texts, lambda line: line.assertion is not None)
    for index, column in columns.items():
        texts[index] = texts[index].ljust(column) + (lines[index].assertion or "")
    columns = _columns(lines, texts, lambda line: line.comment is not None)
    for index, column in columns.items():
        texts[index] = texts[index].ljust(column) + (lines[index].comment or "")
    return "".join(f"\n{text}\n" if line.blank else f"{text}\n" for line, text in zip(lines, texts, strict=True))


def _columns(lines: Sequence[Line], texts: Sequence[str], has_cell: Callable[[Line], bool]) -> dict[int, int]:
    """The column of each line that has the cell: one for a paragraph, which is what stands together on one level.

    Lines without the cell do not count; a line that would need too much padding begins a new run.
    """
    columns: dict[int, int] = {}
    run: list[int] = []
    shortest = longest = 0
    for index, line in enumerate(lines):
        if run and (line.blank or line.paragraph != lines[index - 1].paragraph):
            columns.update(dict.fromkeys(run, longest + GAP))
            run = []
        if not has_cell(line):
            continue
        width = shortest if line.under else len(texts[index])
        if not run or max(longest, width) - min(shortest, width) > MAXIMUM_PADDING:
            columns.update(dict.fromkeys(run, longest + GAP))
            run, shortest, longest = [], width, width
        run.append(index)
        shortest, longest = min(shortest, width), max(longest, width)
    columns.update(dict.fromkeys(run, longest + GAP))
    return columns
