"""Two neighbouring pieces of a line to the space between them."""

from __future__ import annotations

import re

from netdsl.syntax.format.pieces import Piece
from netdsl.syntax.format.words import CLOSERS, OPENERS

_TIGHT_BEFORE = frozenset(("COMMA", "CALL", "INDEX", "DOT", "POWER", *CLOSERS))
_TIGHT_AFTER = frozenset(("DOT", "POWER", *OPENERS))
_CHANNELS = re.compile(r"[0-9][0-9_]*[KMG]?")


def space_between(previous: Piece, piece: Piece) -> str:
    """One space or none."""
    if piece.type in _TIGHT_BEFORE or previous.type in _TIGHT_AFTER:
        return ""
    if piece.type == "COLON" and previous.type == "COMMA":
        return " "
    if _is_tight_before(piece) or _is_tight_after(previous) or _is_channels(previous, piece):
        return ""
    return " "


def _is_tight_before(piece: Piece) -> bool:
    match piece.type:
        case "COLON":
            return True
        case "EQUAL":
            return piece.rule in ("keyword", "parameter")
        case "SLASH":
            return piece.rule == "stride"
        case "STAR":
            return piece.rule == "multiple"
        case _:
            return False


def _is_tight_after(piece: Piece) -> bool:
    match piece.type:
        case "COLON":
            return piece.rule == "slice"
        case "EQUAL":
            return piece.rule in ("keyword", "parameter")
        case "SLASH":
            return piece.rule in ("stride", "lone_stride")
        case "STAR":
            return piece.rule == "multiple"
        case "MINUS":
            return piece.rule == "unary"
        case _:
            return False


def _is_channels(previous: Piece, piece: Piece) -> bool:
    """`x 64`, which is better known as `x64`."""
    return previous.type == "X" and piece.rule == "channels_digits" and _CHANNELS.fullmatch(piece.text) is not None
