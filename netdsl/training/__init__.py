"""How a net learns: the words of `train { … }`, one file per family, and the recipe that they make.

Found by scanning, as the operations are: a word is a class of this package with a line `word = "sgd"` in it, and its
family's base class has the line of the recipe, `line = "optimizer"`. There is no registry to edit.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path

from netdsl.training.contract import RecipeWord

_WORD = re.compile(r'^    word = "(\w+)"$', re.MULTILINE)
_LINE = re.compile(r'^    line = "(\w+)"$', re.MULTILINE)


@cache
def words() -> dict[str, dict[str, str]]:
    """The family of every word, by the line that it stands in; a setting stands in a line of its own name."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(Path(__path__[0]).glob("*.py")):
        text = path.read_text(encoding="utf-8")
        line = _LINE.search(text)
        for word in _WORD.findall(text):
            found.setdefault(line[1] if line else word, {})[word] = path.stem
    return found


@cache
def find(line: str, word: str) -> type[RecipeWord] | None:
    """What a word means in a line of a recipe, None where it means nothing."""
    family = words().get(line, {}).get(word)
    if family is None:
        return None
    module = import_module(f"{__name__}.{family}")
    # `isinstance` would run the modules of facts, which wait for a mistake.
    return next(value for value in vars(module).values() if type(value) is type and vars(value).get("word") == word)
