"""docs/diagnostics: a page for every fact, whose wrong example gives that diagnostic and whose right one gives none.

The blocks of a section are one example. The first `net` block is the spec; `file=other.net` names a further file that
it may `use`, and `times=200000` repeats a block's text. A `weights` block lists the arrays of a weights file: name,
shape, and `nan` where one of its numbers is none, or the numbers' type; `match=order` has them taken by order. With
`file=` it is a file beside the spec, as a `python` block is. A `compile` block holds options: the spec is compiled with
them to `example.onnx`.
"""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from netdsl import resources
from netdsl.cli.main import run
from netdsl.compiler import Program, check
from netdsl.diagnostics import FACT_MODULES
from netdsl.diagnostics.core import Fact
from netdsl.library import FolderLibrary
from netdsl.source import Source
from netdsl.weights.matching import order_mismatches
from netdsl.weights.sources import mismatches

PAGES = {path.stem: path for path in sorted(resources.path("docs", "diagnostics").glob("*.md"))}
FENCE = re.compile(r"^```(net|weights|compile|python)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECTIONS = re.compile(r"^## (.+)\n", re.MULTILINE)


def facts() -> Iterator[type[Fact]]:
    """All facts of the compiler."""
    for name in FACT_MODULES:
        module = import_module(f"netdsl.diagnostics.{name}")
        for value in [getattr(module, word) for word in dir(module)]:
            if isinstance(value, type) and issubclass(value, Fact) and value is not Fact:
                yield value


FACTS = {fact.code: fact for fact in facts()}


def section(page: str, title: str) -> str:
    """The text below a heading, up to the next one."""
    parts = SECTIONS.split(page)
    titles, texts = parts[1::2], parts[2::2]
    assert titles == ["Wrong", "Right"]
    return texts[titles.index(title)]


def codes(example: str, folder: Path) -> set[str]:
    """The codes of the diagnostics that an example gives."""
    main: str | None = None
    arrays: dict[str, np.ndarray] | None = None
    by_order = False
    options: list[str] | None = None
    for kind, info, text in FENCE.findall(example):
        settings = dict(item.split("=") for item in info.split())
        if kind == "compile":
            options = shlex.split(text)
        elif kind == "weights" and "file" in settings:
            keep(folder / settings["file"], dict(array(line) for line in text.splitlines()))
        elif kind == "weights":
            arrays = dict(array(line) for line in text.splitlines())
            by_order = settings.get("match") == "order"
        elif "file" in settings:
            (folder / settings["file"]).write_text(text, encoding="utf-8")
        else:
            assert main is None, "an example has one spec"
            main = text * int(settings.get("times", "1"))
    assert main is not None
    if options is not None:
        return codes_of_compiling(main, options, folder)
    program = check(Source(str(folder / "example.net"), main), library=FolderLibrary(folder))
    found = {diagnostic.code for diagnostic in program.diagnostics}
    return found if arrays is None else found | set(codes_of_weights(program, arrays, by_order))


def keep(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write arrays into a file of the kind that its ending names."""
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    else:
        safetensors.numpy.save_file(arrays, path)


def codes_of_compiling(text: str, options: list[str], folder: Path) -> set[str]:
    """The codes that `netdsl compile` prints, and whether it fails with a code only."""
    (folder / "example.net").write_text(text, encoding="utf-8")
    said = io.StringIO()
    with chdir(folder), redirect_stderr(said), redirect_stdout(io.StringIO()):
        code = run(["compile", "example.net", "-t", "onnx", "-o", "example.onnx", *options])
    found = set(re.findall(r"\[([EW]\d{3}) ", said.getvalue()))
    assert bool(code) == bool(found), said.getvalue()
    return found


def array(line: str) -> tuple[str, np.ndarray]:
    """`fc1.weight 2x4 nan`."""
    name, shape, *rest = line.split()
    numbers = np.ones([int(size) for size in shape.split("x")], np.float32)
    if rest == ["nan"]:
        numbers.flat[0] = np.nan
        return name, numbers
    return name, numbers.astype(rest[0] if rest else np.float32)


def codes_of_weights(program: Program, arrays: dict[str, np.ndarray], by_order: bool) -> Iterator[str]:
    """What keeps the arrays from being the weights of the example's net."""
    (net,) = program.nets
    needed = {f"{layer.weights_name}.{weight.name}": weight for layer in net.graph.layers() for weight in layer.weights}
    for _, fact in (order_mismatches if by_order else mismatches)(needed, arrays):
        yield fact.code


def test_facts_and_pages_are_the_same_set() -> None:
    assert sorted(FACTS) == sorted(PAGES)


def test_no_two_facts_share_a_code_or_a_slug() -> None:
    found = list({id(fact): fact for fact in facts()}.values())
    assert len({fact.code for fact in found}) == len(found)
    assert len({fact.slug for fact in found}) == len(found)


@pytest.mark.parametrize("code", PAGES)
def test_a_page_begins_with_its_code_and_slug(code: str) -> None:
    heading, empty, summary, *_ = PAGES[code].read_text(encoding="utf-8").splitlines()
    assert heading == f"# {code} {FACTS[code].slug}"
    assert not empty
    assert summary.endswith(".")


@pytest.mark.parametrize("code", PAGES)
def test_the_wrong_example_gives_this_diagnostic_and_no_other(code: str, tmp_path: Path) -> None:
    assert codes(section(PAGES[code].read_text(encoding="utf-8"), "Wrong"), tmp_path) == {code}


@pytest.mark.parametrize("code", PAGES)
def test_the_right_example_is_clean(code: str, tmp_path: Path) -> None:
    assert codes(section(PAGES[code].read_text(encoding="utf-8"), "Right"), tmp_path) == set()
