"""Names of the spec to names of Python: nothing of a spec's text reaches the code but through here."""

from __future__ import annotations

import keyword
import re

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_USED_BY_THE_CODE = frozenset(
    "self torch nn F Tensor OrderedDict super range sum float int bool str tuple getattr i True False None".split()
)
_CONTAINERS_OWN = frozenset("append clear extend insert items keys pop update values".split())


def variable_name(text: str) -> str:
    """A name for a variable or parameter, as close to the spec's as Python allows."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", text)
    if not _PLAIN.match(name) or name.startswith("__") or not name.strip("_"):
        name = f"v{name}"
    return f"{name}_" if name in _USED_BY_THE_CODE or keyword.iskeyword(name) else name


def class_name(word: str) -> str:
    """`inverted_residual` to `InvertedResidual`."""
    parts = [part for part in re.sub(r"[^A-Za-z0-9_]", "_", word).split("_") if part]
    name = "".join(part[0].upper() + part[1:] for part in parts) or "Block"
    return f"Net{name}" if name[0].isdigit() else name


def net_class_name(word: str) -> str:
    """A net's own name, which is kept as it is where Python allows."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", word)
    if not _PLAIN.match(name) or name.startswith("__") or name in _USED_BY_THE_CODE or keyword.iskeyword(name):
        name = f"Net{name}"
    return name


def stem(label: str) -> str:
    """A label without the number at its end: groups that differ in it alone are uses of one class."""
    return label.rstrip("0123456789_") or "group"


def numbered(name: str) -> tuple[str, int | None]:
    """`layer12` as `layer` and 12; no number where it has none, or one that is written otherwise."""
    stem = name.rstrip("0123456789")
    digits = name[len(stem) :]
    plain = digits and (digits == "0" or not digits.startswith("0"))
    return (stem, int(digits)) if plain else (name, None)


def is_attribute(name: str) -> bool:
    """Whether `self.name` means what it says: `self.0`, `self.class` and `self.__x` do not."""
    return bool(_PLAIN.match(name)) and not keyword.iskeyword(name) and not name.startswith("__")


def fits_container(name: str) -> bool:
    """Whether `nn.Sequential` takes a member of that name."""
    return name not in _CONTAINERS_OWN


def member(owner: str, name: str) -> str:
    """The expression that reads a submodule."""
    return f"{owner}.{name}" if is_attribute(name) else f'{owner}.get_submodule("{name}")'


def parameter(owner: str, name: str) -> str:
    """The expression that reads a parameter."""
    return f"{owner}.{name}" if is_attribute(name) else f'{owner}.get_parameter("{name}")'


def unique(name: str, taken: set[str]) -> str:
    """The name, or the name with the first number that is free; it is taken from then on."""
    chosen, number = name, 2
    while chosen in taken:
        chosen = f"{name}{number}" if not name[-1].isdigit() else f"{name}_{number}"
        number += 1
    taken.add(chosen)
    return chosen
