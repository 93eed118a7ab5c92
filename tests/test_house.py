"""The order of the house (docs/architecture.md): who may import whom, and which module owns which library."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from netdsl import resources
from netdsl.syntax import tables

PACKAGE = Path(__file__).parents[1] / "netdsl"
MODULES = sorted(path.relative_to(PACKAGE.parent).with_suffix("") for path in PACKAGE.rglob("*.py"))
NAMES = [".".join(path.parts).removesuffix(".__init__") for path in MODULES]

# Each row may import what stands in the rows above it, and within its own row.
ROWS: tuple[tuple[str, ...], ...] = (
    ("netdsl.lazy", "netdsl.resources", "netdsl.source", "netdsl.files", "netdsl.training_folder"),
    ("netdsl.diagnostics",),
    ("netdsl.types", "netdsl.syntax", "netdsl.weights.initializers", "netdsl.weights.starts"),
    ("netdsl.ops",),
    ("netdsl.graph",),
    ("netdsl.training",),
    ("netdsl.weights", "netdsl.analysis", "netdsl.targets", "netdsl.library", "netdsl.runtime", "netdsl.pictures"),
    (
        "netdsl.compiler",
        "netdsl.verify",
        "netdsl.evaluation",
        "netdsl.views",
        "netdsl.doctor",
        "netdsl.calibration",
        "netdsl.quantize",
    ),
    ("netdsl.onnx_files",),
    ("netdsl.net", "netdsl.api", "netdsl"),
    ("netdsl.cli",),
    ("netdsl.__main__",),
)

# Within a row, rooms that do not know each other.
STRANGERS = (
    ("netdsl.types", "netdsl.syntax"),
    ("netdsl.types", "netdsl.weights.initializers"),
    ("netdsl.analysis", "netdsl.targets"),
    ("netdsl.targets.onnx", "netdsl.targets.pytorch"),
)

OWNERS: dict[str, tuple[str, ...]] = {
    "lark": ("netdsl.syntax",),
    "onnx": ("netdsl.targets.onnx",),
    "typer": ("netdsl.cli",),
    "rich": ("netdsl.cli",),
    "jinja2": ("netdsl.targets",),
    "torch": (
        "netdsl.targets.pytorch",
        "netdsl.verify",
        "netdsl.evaluation",
        "netdsl.views",
        "netdsl.net",
        "netdsl.doctor",
    ),
    "onnxruntime": ("netdsl.runtime", "netdsl.quantize", "netdsl.doctor"),
    "PIL": ("netdsl.pictures",),
    "safetensors": ("netdsl.weights",),
}


def stands_in(module: str, room: str) -> bool:
    """Whether a module is a room or lies in it; the package's own `__init__` is no room for others."""
    return module == room or (room != "netdsl" and module.startswith(f"{room}."))


def row_of(module: str) -> int:
    """The row of the room that names the module most closely."""
    rooms = [(room, row) for row, rooms in enumerate(ROWS) for room in rooms if stands_in(module, room)]
    assert rooms, f"{module} stands in no row of the house"
    return max(rooms, key=lambda found: len(found[0]))[1]


@cache
def tree_of(module: str) -> ast.Module:
    """A module's syntax tree."""
    path = PACKAGE.parent.joinpath(*module.split("."))
    return ast.parse((path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8"))


@cache
def imports(module: str) -> frozenset[str]:
    """The modules that a module's text imports, those for the type checker alone included."""
    return frozenset(_imported(tree_of(module)))


@cache
def run_imports(module: str) -> frozenset[str]:
    """Those that can be imported when it runs."""
    running = ast.fix_missing_locations(_WithoutTypes().visit(ast.parse(ast.unparse(tree_of(module)))))
    return frozenset(_imported(running))


class _WithoutTypes(ast.NodeTransformer):
    """Leaves out what is imported for the type checker alone."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return None
        return self.generic_visit(node)


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from (name if name in NAMES else module for name in (f"{module}.{alias.name}" for alias in names))


def ours(module: str) -> list[str]:
    """What a module imports of this package."""
    return sorted(name for name in imports(module) if name.split(".")[0] == "netdsl")


@pytest.mark.parametrize("module", NAMES)
def test_a_module_imports_from_its_own_row_or_from_above(module: str) -> None:
    assert [name for name in ours(module) if row_of(name) > row_of(module)] == []


@pytest.mark.parametrize(("one", "other"), STRANGERS)
def test_neighbours_do_not_know_each_other(one: str, other: str) -> None:
    for room, stranger in ((one, other), (other, one)):
        members = [module for module in NAMES if stands_in(module, room)]
        assert members
        assert [module for module in members if any(stands_in(name, stranger) for name in ours(module))] == []


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_is_imported_by_its_owners_only(library: str) -> None:
    users = {module for module in NAMES if any(name.split(".")[0] == library for name in run_imports(module))}
    assert users, f"nobody imports {library}"
    assert {user for user in users if not any(stands_in(user, owner) for owner in OWNERS[library])} == set()


def test_every_library_has_an_owner() -> None:
    libraries = {name.split(".")[0] for module in NAMES for name in imports(module)}
    foreign = libraries - set(sys.stdlib_module_names) - {"netdsl", "__future__"}
    assert foreign - set(OWNERS) == {"numpy"}


def test_every_row_is_inhabited() -> None:
    assert [row for row in range(len(ROWS)) if row not in {row_of(module) for module in NAMES}] == []


@pytest.mark.parametrize("module", NAMES)
def test_a_module_says_what_it_is_for(module: str) -> None:
    assert ast.get_docstring(tree_of(module)), f"{module} has no docstring"


def test_the_parsers_tables_are_those_of_the_grammar() -> None:
    assert resources.read_text("grammar", tables.TABLES) == tables.make_tables(), "run `python -m netdsl.syntax.tables`"


def test_the_page_shows_these_rows() -> None:
    page = resources.read_text("docs", "architecture.md").partition("```rows\n")[2].partition("```")[0]
    shown = [tuple(f"netdsl.{room}" for room in line.split()) for line in page.splitlines()]
    assert shown == [tuple(room for room in rooms if room != "netdsl") for rooms in ROWS[:-1]]
