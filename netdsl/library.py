"""Files for `use`: from the folder of the compilation, the folders given with `-I`, and the standard library."""

from __future__ import annotations

from pathlib import Path

from netdsl import resources
from netdsl.diagnostics.core import Diagnostics
from netdsl.source import Source
from netdsl.syntax import ast
from netdsl.syntax.parser import MAXIMUM_CHARACTERS, parse

STANDARD = "std"


class FolderLibrary:
    """Reads files inside allowed folders, each once.

    Args:
        root: the folder of the compilation: no path leads out of it.
        folders: further folders in which paths are looked up.
    """

    def __init__(self, root: Path, folders: tuple[Path, ...] = ()) -> None:
        self.root = root.resolve()
        self.folders = tuple(folder.resolve() for folder in folders)
        self._files: dict[Path, ast.File] = {}
        self._paths: dict[str, Path] = {}

    def load(self, path: str, importer: Source, diagnostics: Diagnostics) -> ast.File | str:
        """The file at `path`, relative to the importing file or in one of the folders; else why not."""
        beside = self._paths.get(importer.name, Path(importer.name)).parent
        candidates = [(beside / path).resolve(), *((folder / path).resolve() for folder in self.folders)]
        allowed = [candidate for candidate in candidates if self._is_allowed(candidate)]
        if not allowed:
            return f"lies outside of the folder of this compilation, {self.root.name}"
        for candidate in allowed:
            if candidate.is_file():
                return self._read(candidate, diagnostics)
        return "does not exist"

    def standard(self, name: str, diagnostics: Diagnostics) -> ast.File | None:
        """The standard library's file of that name."""
        return self._parsed(resources.path("specs", "library", "std.net"), diagnostics) if name == STANDARD else None

    def _is_allowed(self, path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in (self.root, *self.folders))

    def _read(self, path: Path, diagnostics: Diagnostics) -> ast.File | str:
        try:
            if path.stat().st_size > 4 * MAXIMUM_CHARACTERS:
                return "is too large"
            return self._parsed(path, diagnostics)
        except OSError as error:
            return f"cannot be read: {error.strerror}"
        except UnicodeDecodeError:
            return "is not UTF-8 text"

    def _parsed(self, path: Path, diagnostics: Diagnostics) -> ast.File:
        if path not in self._files:
            name = self._shown(path)
            self._paths[name] = path
            self._files[path] = parse(Source(name, path.read_text(encoding="utf-8")), diagnostics)
        return self._files[path]

    @staticmethod
    def _shown(path: Path) -> str:
        """A path as a person would write it: relative to where they are, if it lies below."""
        here = Path.cwd()
        return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
