"""The packaged specs to a catalogue: families of nets, each with its paper and the names that its nets go by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from netdsl import resources
from netdsl.compiler import CheckedNet, check
from netdsl.diagnostics.core import Diagnostics, did_you_mean, listing
from netdsl.library import FolderLibrary
from netdsl.source import Source
from netdsl.syntax import ast
from netdsl.syntax.comments import doc_comment
from netdsl.syntax.extract import standalone
from netdsl.syntax.parser import parse

_ENTRY = re.compile(r"(Papers?|Source|Data|Published|Differs): (.*)")
_ALSO_CALLED = re.compile(r"Also called (?P<names>[^.]+)\.")
_MOST_MEANT = 6
_CITATION = re.compile(r'"(?P<title>[^"]+?),?", (?P<year>\d{4})')


@dataclass(frozen=True)
class Header:
    """What a spec's first comment says.

    Attributes:
        title: the first line.
        paper: the paper, or another source, as it is cited.
        published: what the paper states beside the figures of single nets.
        differs: why published figures are not ours, for the nets that do not say it themselves.
        notes: all further lines.
    """

    title: str
    paper: str
    published: str
    differs: str
    notes: str

    @property
    def short_paper(self) -> str:
        """The title and the year of the first paper."""
        found = _CITATION.search(self.paper)
        return f"{found['title']}, {found['year']}" if found else self.paper


@dataclass(frozen=True, eq=False)
class Family:
    """A packaged spec: its AST and its header."""

    path: Path
    file: ast.File
    header: Header

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    @property
    def nets(self) -> tuple[str, ...]:
        """The names of its nets, in the file's order."""
        return tuple(item.name.text for item in self._items)

    @property
    def calls(self) -> dict[str, str]:
        """Its nets by each of the names that they go by; some are `Also called` something, as their comment says."""
        return {call: item.name.text for item in self._items for call in (item.name.text, *_further_names(item))}

    @property
    def _items(self) -> tuple[ast.Net, ...]:
        return tuple(item for item in self.file.items if isinstance(item, ast.Net))

    def beside(self, path: str) -> ast.File:
        """The file that a path behind this one's `use … from` names: all lie in one folder."""
        return _parsed(self.path.parent / path)

    def checked(self) -> tuple[CheckedNet, ...]:
        """Its nets with their figures."""
        return check(self.file.source, library=FolderLibrary(self.path.parent)).nets


@cache
def families() -> tuple[Family, ...]:
    """The packaged specs that hold nets, by name."""
    found = []
    for path in sorted(resources.path("specs").glob("*.net")):
        file = _parsed(path)
        if any(isinstance(item, ast.Net) for item in file.items):
            found.append(Family(path, file, header_of(file.source.text)))
    return tuple(found)


def start(name: str) -> str:
    """The text of the net, or else of the family, of that name, fit to stand on its own.

    In the name only letters and digits count, and capitals are as good as others.

    Raises:
        LookupError: there is none; the text says what may be meant.
    """
    wanted = _plain(name)
    for family in families():
        for call, net in family.calls.items():
            if _plain(call) == wanted:
                return standalone(family.file, family.beside, net)
    for family in families():
        if _plain(family.name) == wanted:
            return standalone(family.file, family.beside)
    raise LookupError(_advice(wanted))


def _advice(wanted: str) -> str:
    """What may be meant by a plain name that there is not: names that go on where it ends, or else the nearest."""
    known = {_plain(word): word for family in families() for word in (family.name, *family.calls)}
    meant = [word for plain, word in known.items() if plain.startswith(wanted)]
    if not 0 < len(meant) <= _MOST_MEANT:
        nearest = did_you_mean(wanted, list(known), numbered=True)
        meant = [known[nearest]] if nearest else []
    return f"did you mean {listing(meant)}?" if meant else "`netdsl zoo` lists those that there are"


def header_of(text: str) -> Header:
    """The header of a spec's text: an indented line, or one behind an open sentence, goes on with the one before it."""
    lines: list[str] = []
    for line in text.split("\n\n", maxsplit=1)[0].splitlines():
        words = line.removeprefix("#")
        if lines and (words.startswith("   ") or _goes_on(lines[-1], words.strip())):
            lines[-1] += f" {words.strip()}"
        else:
            lines.append(words.strip())
    title, *rest = lines
    entries: dict[str, str] = {}
    notes = []
    for line in filter(None, rest):
        found = _ENTRY.fullmatch(line)
        if found is None:
            notes.append(line)
        else:
            entries[found[1] if found[1] in ("Published", "Differs") else "Paper"] = found[2]
    paper, published, differs = (entries.get(name, "") for name in ("Paper", "Published", "Differs"))
    return Header(title, paper, published, differs, " ".join(notes))


def _goes_on(before: str, line: str) -> bool:
    return bool(before and line) and not before.endswith((".", ":")) and _ENTRY.fullmatch(line) is None


@cache
def _parsed(path: Path) -> ast.File:
    return parse(Source(str(path), path.read_text(encoding="utf-8")), Diagnostics())


def _further_names(net: ast.Net) -> list[str]:
    """`VGG-16` where the net's comment says `Also called VGG-16.`; several stand with an `or` between them."""
    found = _ALSO_CALLED.search(" ".join(doc_comment(net.span).split()))
    return found["names"].split(" or ") if found else []


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))
