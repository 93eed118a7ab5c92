"""Compiles every net of specs/ to both targets and compares them: the table docs/verified.md.

    python -m tests.sweep             all nets but those marked check-only, and writes the table
    python -m tests.sweep ResNet50    some nets, and prints their lines

Each net's ONNX model passes the full checker, runs in onnxruntime at batch 1 and 2, and agrees with PyTorch in
float64 within 1e-5 of max(1, largest output). The exit code is 1 where one does not.
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


def rows(wanted: set[str]) -> Iterator[Row]:
    """The rows of all nets, or of the wanted ones."""
    for spec in sorted(SPECS.glob("*.net")):
        for net in nets_of(spec):
            if not wanted or net.name in wanted:
                for agreement in checked(net):
                    yield Row(spec.name, net.name, agreement)


def main() -> int:
    """Sweep; the result is the exit code."""
    wanted = set(sys.argv[1:])
    found = []
    for row in rows(wanted):
        print(row, flush=True)
        found.append(row)
    if not wanted:
        files.write_text(TABLE, HEAD + "\n".join(map(str, found)) + "\n")
    return 0 if found and all(row.agreement.agrees for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
