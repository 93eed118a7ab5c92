"""`--ops FILE.py` to operations beside the built-in ones."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from netdsl.ops.further import FurtherOperation

_CANNOT_BE_DONE = 2


def further_operations(paths: list[Path] | None) -> Mapping[str, FurtherOperation] | None:
    """The operations of the files that `--ops` names; a file that cannot be used ends the command."""
    if not paths:
        return None
    from netdsl.ops.further import OperationsRefusedError, load_operations

    try:
        return load_operations(paths)
    except OperationsRefusedError as error:
        from netdsl.diagnostics.render import full, plain_text

        print("\n".join(plain_text(line) for line in full(error.diagnostic)), file=sys.stderr)
        raise typer.Exit(_CANNOT_BE_DONE) from None
