"""How far two words are apart: in letters that are missing, surplus, wrong, or exchanged with the next one."""

from __future__ import annotations

_LONGEST = 64


def distance(word: str, other: str, most: int) -> int:
    """The number of slips between two words (optimal string alignment); `most + 1` stands for all that is above."""
    if abs(len(word) - len(other)) > most or max(len(word), len(other)) > _LONGEST:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, start=1):
        before, last, row = row, before, [i]
        for j, its in enumerate(other, start=1):
            slips = min(row[j - 1] + 1, before[j] + 1, before[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == its:
                slips = min(slips, last[j - 2] + 1)
            row.append(slips)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)
