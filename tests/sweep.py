"""Compiles every net of specs/ to both targets and compares them: the table docs/verified.md.

    python -m tests.sweep               all nets but those marked check-only, and writes the table
    python -m tests.sweep ResNet50      some nets, and prints their lines
    python -m tests.sweep --pytorch     uses every generated module as a person does: docs/verified_pytorch.md

Each net's ONNX model passes the full checker, runs in onnxruntime at batch 1 and 2, and agrees with PyTorch in
float64 within 1e-5 of max(1, largest output). Each module takes its state dict strictly, learns in a step of training,
and answers the same when compiled and exported. The exit code is 1 where one does not.
"""

from __future__ import annotations

import gc
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import onnx

import netdsl
from netdsl import files
from netdsl.api import Net
from netdsl.runtime import Session
from netdsl.verify import Agreement, random_inputs, smallest_sizes, verify
from tests.pytorch.usable import Used, use

SPECS = Path(__file__).parents[1] / "specs"
TABLE = SPECS.parent / "docs" / "verified.md"
MARK = "# check-only"
HEAD = """# Every net, in both targets

Made by `python -m tests.sweep`. For each net of [specs/](../specs) but those marked check-only: its ONNX model passes
`onnx.checker` in full and runs in onnxruntime at batch 1 and 2; the differences are the largest from PyTorch in
float64, with the same weights on random inputs (batch 2), as a part of max(1, largest output). The tolerance is 1e-5.

| spec | net | output | shape | onnxruntime | PyTorch float32 |
|---|---|---|---|---|---|
"""

TABLE_OF_MODULES = TABLE.with_name("verified_pytorch.md")
HEAD_OF_MODULES = """# Every net, as a PyTorch module

Made by `python -m tests.sweep --pytorch`. For each net of [specs/](../specs) but those marked check-only: its
generated module takes so many arrays as its state dict, strictly, and runs forward, backward and a step of SGD at
batch 2, in which so many parameters have a gradient; those that have none, or 0 everywhere, are named.
`torch.compile(fullgraph=True)` (backend "eager"; recurrent layers with `torch._dynamo.config.allow_rnn`) and
`torch.export` take the module; the differences are the largest between their answers and its own in evaluation mode,
as a part of max(1, largest output). The tolerance is 1e-5.

| spec | net | arrays | learning | idle | compiled | exported |
|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Row:
    """One output of one net."""

    spec: str
    net: str
    agreement: Agreement

    def __str__(self) -> str:
        found = self.agreement
        shape = "x".join(map(str, found.shape[1:]))
        single = found.pytorch / found.scale
        return f"| {self.spec} | {self.net} | {found.output} | {shape} | {found.relative:.1e} | {single:.1e} |"

    @property
    def agrees(self) -> bool:
        """Whether the output is within the tolerance."""
        return self.agreement.agrees


@dataclass(frozen=True)
class ModuleRow:
    """One generated module."""

    spec: str
    net: str
    used: Used

    def __str__(self) -> str:
        found = self.used
        idle = ", ".join(found.idle) or "–"
        counts = f"{found.arrays} | {found.learning} | {idle}"
        return f"| {self.spec} | {self.net} | {counts} | {found.compiled:.1e} | {found.exported:.1e} |"

    @property
    def agrees(self) -> bool:
        """Whether the compiled and the exported module answer as the module itself."""
        return self.used.agrees


def nets_of(spec: Path) -> list[Net]:
    """The nets of a spec that are not marked check-only in the line above them."""
    lines = spec.read_text(encoding="utf-8").splitlines()
    loaded = netdsl.load(spec)
    assert loaded.ok, spec
    return [net for net in loaded if not lines[net.graph.span.row - 2].startswith(MARK)]


def checked(net: Net) -> tuple[Agreement, ...]:
    """The agreement of a net's outputs; raises where the checker or onnxruntime refuses the model."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.onnx"
        net.write_onnx(path)
        onnx.checker.check_model(str(path), full_check=True)
        session = Session(path, "cpu")
        for batch in (1, 2):
            results = session.run(random_inputs(net.graph, smallest_sizes(net.graph), batch, seed=0))
            assert all(array.shape[0] == batch for array in results.values()), net.name
    del session
    gc.collect()
    return verify(net.graph, batch=2).outputs


def wanted_nets(wanted: set[str]) -> Iterator[tuple[str, Net]]:
    """All nets, or the wanted ones, each with its file's name."""
    for spec in sorted(SPECS.glob("*.net")):
        for net in nets_of(spec):
            if not wanted or net.name in wanted:
                yield spec.name, net


def rows(wanted: set[str]) -> Iterator[Row]:
    """A row for each output."""
    for spec, net in wanted_nets(wanted):
        for agreement in checked(net):
            yield Row(spec, net.name, agreement)


def module_rows(wanted: set[str]) -> Iterator[ModuleRow]:
    """A row for each net's module."""
    for spec, net in wanted_nets(wanted):
        yield ModuleRow(spec, net.name, use(net))
        gc.collect()


def main() -> int:
    """Sweep; the result is the exit code."""
    modules = "--pytorch" in sys.argv
    wanted = set(sys.argv[1:]) - {"--pytorch"}
    table, head = (TABLE_OF_MODULES, HEAD_OF_MODULES) if modules else (TABLE, HEAD)
    found: list[Row | ModuleRow] = []
    for row in module_rows(wanted) if modules else rows(wanted):
        print(row, flush=True)
        found.append(row)
    if not wanted:
        files.write_text(table, head + "\n".join(map(str, found)) + "\n")
    return 0 if found and all(row.agrees for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
