"""Specs with slips in them: texts to texts of which tokens are gone, doubled, exchanged, or others."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
_TOKEN = re.compile(r"[A-Za-z_]\w*|[0-9]+|->|::|[<>=!]=|//|\"[^\"\n]*\"|#[^\n]*|\n[ \t]*|[ \t]+|.")
_LONGEST = 2_500
_ODD = (
    "0 -1 1.5 99999999999 7/0 1e99 2^64 x x0 3x3 3x3x3 0x0 3xHxW HxW (1,2) ((1,2),(3,4)) [] [1,[2]] () {} { } ( ) "
    "[ ] | -> :: = == * / // % ^ , : ; . .. @ ' \" \\ & ! ? \u00d7 \u2192 \xa0 in here x same none true false not "
    "and or if else for as tap input output training let share default budget train net block use from range(3) "
    "range(10^9) max min len in.channels here.height in[0] widths[5] add concat sub mul max conv fc "
    'relu bn dropout flatten upconv crop pad split identity -image image -> image "" "{" "{x}" "a{1/0}b"'
).split(" ")


def texts() -> list[str]:
    """The specs and wrong programs that are small enough to be checked often."""
    paths = [*(ROOT / "specs").glob("*.net"), *(ROOT / "tests" / "wrong").glob("*/*.net")]
    return [text for text in (path.read_text(encoding="utf-8") for path in sorted(paths)) if len(text) < _LONGEST]


def tokens_of(text: str) -> list[str]:
    """The words, signs and spaces of a text, all of it."""
    return _TOKEN.findall(text)


def mutated(tokens: Sequence[str], others: Sequence[str], chance: random.Random) -> str:
    """The text of some tokens after one to four slips, with tokens of `others` or odd ones in it."""
    changed = list(tokens)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(changed) + 1)
        match chance.randrange(7):
            case 0:
                del changed[place : place + chance.choice((1, 1, 2, 5, 30))]
            case 1:
                changed[place:place] = changed[place : place + chance.choice((1, 2, 8))]
            case 2:
                changed[place:place] = [" ", chance.choice(_ODD), " "]
            case 3:
                changed[place : place + 1] = [chance.choice(_ODD)]
            case 4:
                changed[place : place + 1] = [chance.choice(others)]
            case 5:
                other = chance.randrange(len(changed) + 1)
                changed[place : place + 1], changed[other : other + 1] = (
                    changed[other : other + 1],
                    changed[place : place + 1],
                )
            case _:
                del changed[place : None if chance.random() < 0.2 else place + 1]
        changed = changed or ["net"]
    return "".join(changed)
