"""The options that several commands share, and their values: `--set classes=10` to a table of settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

NetOption = Annotated[
    str | None,
    typer.Option(
        "--net", metavar="NAME", help="The one net of the file that is wanted. Default: all.", show_default=False
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Give a parameter of the net a value: --set classes=10."),
]
SizeOption = Annotated[
    list[str] | None,
    typer.Option("--size", metavar="NAME=SIZE", help="Give open sizes of the inputs a value: --size H=224,W=224."),
]
FoldersOption = Annotated[
    list[Path] | None,
    typer.Option(
        "-I",
        "--include",
        metavar="DIR",
        help="A further folder in which `use` finds files.",
        file_okay=False,
        exists=True,
    ),
]
OperationsOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--ops", metavar="FILE.py", help="A Python file with operations of your own, which is run (it is trusted)."
    ),
]


def settings(given: list[str] | None) -> dict[str, str]:
    """`["classes=10"]` to `{"classes": "10"}`.

    Raises:
        typer.BadParameter: an item is not of that form.
    """
    return dict(_pair(item, "--set", "classes=10") for item in given or ())


def sizes(given: list[str] | None) -> dict[str, int]:
    """`["H=224,W=224"]` to `{"H": 224, "W": 224}`.

    Raises:
        typer.BadParameter: an item is not of that form, or its value is no whole number of at least 1.
    """
    values = {}
    for item in ",".join(given or ()).split(",") if given else ():
        word, text = _pair(item, "--size", "H=224,W=224")
        if not (text.isascii() and text.isdigit() and 0 < len(text) < 19 and int(text) > 0):
            raise typer.BadParameter(f"{item!r}: a size is a whole number of at least 1", param_hint="--size")
        values[word] = int(text)
    return values


def _pair(item: str, option: str, example: str) -> tuple[str, str]:
    word, equals, value = item.partition("=")
    if not (equals and word.strip() and value.strip()):
        raise typer.BadParameter(f"{item!r} is not of the form NAME=VALUE, as in {example}", param_hint=option)
    return word.strip(), value.strip()
