"""What holds for every net of specs/ in ONNX, and takes too long for each change.

    python -m tests.onnx.sweep opsets       every opset: valid, runs, and agrees with the default one
    python -m tests.onnx.sweep optimised    `--optimize`: agrees, and two simplifiers find nothing to remove
    python -m tests.onnx.sweep half         `--precision fp16`: how far it is from float32
    python -m tests.onnx.sweep opsets ResNet50 UNet_Padded    some nets

Nets that are marked check-only are left out, and of those with more than 70 million parameters all but one of each
file, since two models of a net are in memory at once. The exit code is 1 where something does not hold.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from netdsl.api import Net
from netdsl.runtime import Session
from netdsl.targets.onnx.opsets import DEFAULT_OPSET, OPSETS
from netdsl.verify import TOLERANCE, random_inputs, smallest_sizes
from netdsl.weights.sources import Lively
from tests.sweep import SPECS, nets_of

# Eleven bits of every number, through nets of up to 200 layers.
HALF = 2.0**-6
LARGE = 70_000_000
WEIGHTS = Lively(1)

Answer = dict[str, Any]


def at_opset(net: Net, opset: int) -> Answer:
    """The answers of a net's model in an opset; raises where the checker or onnxruntime refuses it."""
    return answer(net, opset=opset)


def answer(net: Net, **options: Any) -> Answer:
    """The answers of a net's model, written with these options; raises where the checker or onnxruntime refuses it."""
    with tempfile.TemporaryDirectory() as folder:
        path, *_ = net.write_onnx(Path(folder) / "net.onnx", weights=WEIGHTS, **options)
        onnx.checker.check_model(str(path), full_check=True)
        inputs = random_inputs(net.graph, smallest_sizes(net.graph), 1, seed=0)
        return Session(path, "cpu").run(inputs)


def difference(found: Answer, expected: Answer) -> float:
    """The largest difference as a part of max(1, largest output)."""
    return max(
        float(np.abs(found[name] - array).max(initial=0) / max(1.0, np.abs(array).max(initial=0)))
        for name, array in expected.items()
    )


def operators(model: onnx.ModelProto) -> Counter[str]:
    """How often a model has each operator."""
    return Counter(node.op_type for node in model.graph.node)


def simplified(model: onnx.ModelProto) -> list[Counter[str]]:
    """The operators that two simplifiers leave."""
    import onnxsim
    import onnxslim

    copy = onnx.ModelProto.FromString(model.SerializeToString())
    return [operators(onnxslim.slim(copy)), operators(onnxsim.simplify(model)[0])]


# ---- the sweeps ------------------------------------------------------------------------------


def opsets(net: Net) -> tuple[bool, str]:
    """Whether all opsets agree with the default one."""
    expected = answer(net)
    off = {opset: difference(answer(net, opset=opset), expected) for opset in OPSETS if opset != DEFAULT_OPSET}
    return max(off.values()) <= TOLERANCE, "  ".join(f"{opset}: {part:.1e}" for opset, part in off.items())


def optimised(net: Net) -> tuple[bool, str]:
    """Whether `--optimize` agrees, and leaves simplifiers nothing to do."""
    off = difference(answer(net, optimise=True), answer(net))
    model = net.onnx(weights=WEIGHTS, optimise=True)
    plain, ours = operators(net.onnx(weights=WEIGHTS)), operators(model)
    rest = [dict(ours - left) for left in simplified(model)]
    words = f"{off:.1e}, saves {dict(plain - ours)}, simplifiers {rest}"
    return off <= TOLERANCE and not any(rest), words


def half(net: Net) -> tuple[bool, str]:
    """Whether half precision is as near as it can be expected to be."""
    off = difference(answer(net, precision="fp16"), answer(net))
    return off <= HALF, f"{off:.1e}"


SWEEPS: dict[str, Callable[[Net], tuple[bool, str]]] = {"opsets": opsets, "optimised": optimised, "half": half}


def chosen(wanted: set[str]) -> Iterator[Net]:
    """The nets of all specs, or the wanted ones."""
    for spec in sorted(SPECS.glob("*.net")):
        large = 0
        for net in nets_of(spec):
            large += net.report.totals.params > LARGE  # type: ignore[operator]
            if net.name in wanted or not (wanted or (large > 1 and net.report.totals.params > LARGE)):  # type: ignore[operator]
                yield net


def main() -> int:
    """Sweep; the result is the exit code."""
    what, *wanted = sys.argv[1:] or [""]
    if what not in SWEEPS:
        print(__doc__)
        return 2
    holds = []
    for net in chosen(set(wanted)):
        good, words = SWEEPS[what](net)
        print(f"{net.name}: {'' if good else 'DOES NOT HOLD: '}{words}", flush=True)
        holds.append(good)
    return 0 if holds and all(holds) else 1


if __name__ == "__main__":
    sys.exit(main())
