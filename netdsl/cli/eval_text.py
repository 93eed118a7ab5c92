"""What an evaluation found, to lines and a table on the terminal, or to JSON data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netdsl.cli.terminal import print_lines, print_table
from netdsl.diagnostics.render import PLAIN, STRONG, visible

if TYPE_CHECKING:
    from netdsl.evaluation import Evaluation

JSON_VERSION = 1
WIDEST = 20
_MISTAKES = 10


def as_data(net: str, data: str, part: str, result: Evaluation) -> dict[str, Any]:
    """The figures as JSON data, in the form that docs/data.md describes."""
    return {
        "version": JSON_VERSION,
        "net": net,
        "data": data,
        "part": part,
        "examples": result.count,
        "top_1": result.top_1,
        "top_5": result.top_5,
        "loss": round(result.loss, 6),
        "classes": list(result.classes),
        "confusion": [list(row) for row in result.confusion],
    }


def show(net: str, data: str, part: str, result: Evaluation) -> None:
    """Print the figures and the confusion matrix; of more than WIDEST classes, the most frequent mistakes."""
    figures = {"top-1": f"{100 * result.top_1:6.2f} %  ({result.right:,} of {result.count:,})"}
    if len(result.classes) > 5:
        figures["top-5"] = f"{100 * result.top_5:6.2f} %  ({result.within_five:,} of {result.count:,})"
    figures["loss"] = f"{result.loss:8.4f}"
    print_lines([((visible(net), STRONG), (f"  {visible(data)}, {part}: {result.count:,} examples", PLAIN))])
    print_lines([((f"{word:<6}", STRONG), (text, PLAIN)) for word, text in figures.items()])
    if len(result.classes) <= WIDEST:
        _show_matrix(result)
    else:
        _show_mistakes(result)


def _show_matrix(result: Evaluation) -> None:
    """A row for each true class, a column for each that was said."""
    names = [visible(name) for name in result.classes]
    cells = [
        [name, *(f"{times:,}" if times else "" for times in row), _share(row[number], sum(row))]
        for number, (name, row) in enumerate(zip(names, result.confusion, strict=True))
    ]
    said = [sum(column) for column in zip(*result.confusion, strict=True)]
    total = ["said", *(f"{times:,}" for times in said), _share(result.right, result.count)]
    print_table(("true", *names, "right"), [*cells, total], (False, *([True] * len(names)), True))


def _show_mistakes(result: Evaluation) -> None:
    mistakes = result.mistakes()
    names = [visible(name) for name in result.classes]
    cells = [[names[true], names[said], f"{times:,}"] for true, said, times in mistakes[:_MISTAKES]]
    total = [f"{len(mistakes):,} kinds of mistakes", "", f"{result.count - result.right:,}"]
    print_table(("true", "said", "times"), [*cells, total], (False, False, True))


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""
