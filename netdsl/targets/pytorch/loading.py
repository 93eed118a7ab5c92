"""`from_weights`, the method of a net's class that makes the net with the weights of a file."""

from __future__ import annotations

from collections.abc import Sequence

from netdsl.targets.pytorch.docstrings import docstring
from netdsl.targets.pytorch.layout import INDENT, header, statement

METHOD = "from_weights"
OWN_NAMES = frozenset("cls path net".split())
"""The names that the method's text uses; no parameter of the net may have them."""
_DOC = "The net with the weights of a safetensors file."


def loader(signature: Sequence[str], names: Sequence[str]) -> list[str]:
    """The method's lines.

    Args:
        signature: the parameters of the constructor, with types and defaults.
        names: their names.
    """
    return [
        f"{INDENT}@classmethod",
        *header(METHOD, ["cls", "path: str | PathLike[str]", *signature], "Self"),
        *docstring(_DOC, 2),
        *statement(f"net = cls({', '.join(names)})"),
        *statement("net.load_state_dict(load_file(path))"),
        *statement("return net"),
    ]
