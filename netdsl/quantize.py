"""An ONNX model to a smaller one of the same net: weights in float16, or weights and values in eight bits.

Both conversions are onnxruntime's. Eight bits are written as it runs them fastest without losing much: `QuantizeLinear`
and `DequantizeLinear` around every node (QDQ), unsigned values, signed weights with a scale for every output channel,
and weights of seven bits, since the sums of full ones overflow on processors without VNNI. Nodes that calculate with
the minus infinity of a mask stay in float32: no range of eight bits reaches there.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

_KERNELS = ("Conv", "ConvTranspose", "Gemm", "MatMul")
# onnxruntime's own mark of a model whose normalisations are folded; without it, it advises to do that.
_PREPARED = {"onnx.quant.pre_process": "onnxruntime.quant"}


def half(model: Any) -> bytes:
    """The serialised model with weights and values in float16; inputs and outputs stay float32.

    Args:
        model: a ModelProto below 2 GB. It is used up.
    """
    _refuse_missing_runtime()
    from onnxruntime.transformers.float16 import convert_float_to_float16
    from onnxruntime.transformers.onnx_model import OnnxModel

    with _quiet():
        converted = OnnxModel(convert_float_to_float16(model, keep_io_types=True))
        converted.topological_sort()  # The casts of the inputs stand behind their readers.
    return bytes(converted.model.SerializeToString(deterministic=True))


def eight_bits(model: Any, batches: Iterable[Mapping[str, Any]], *, keep_ends: bool = False) -> bytes:
    """The serialised model with weights and values in eight bits; inputs and outputs stay float32.

    Args:
        model: a ModelProto below 2 GB whose normalisations are folded. It is used up.
        batches: inputs by name as the net will see them; from them come the ranges of all values.
        keep_ends: whether the first and the last layer with a kernel stay float32.
    """
    _refuse_missing_runtime()
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    from netdsl.targets.onnx.boundless import boundless

    kernels = [node.name for node in model.graph.node if node.op_type in _KERNELS]
    for key, value in _PREPARED.items():
        model.metadata_props.add(key=key, value=value)
    with TemporaryDirectory(prefix="netdsl-") as folder, _quiet():
        path = Path(folder) / "net.onnx"
        quantize_static(
            model,
            path,
            _Reader(batches),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=[*boundless(model), *(kernels[:1] + kernels[-1:] if keep_ends else [])],
        )
        return path.read_bytes()


class _Reader:
    """Batches as onnxruntime asks for them: one at a time, and None behind the last."""

    def __init__(self, batches: Iterable[Mapping[str, Any]]) -> None:
        self._batches: Iterator[Mapping[str, Any]] = iter(batches)

    def get_next(self) -> dict[str, Any] | None:
        batch = next(self._batches, None)
        return None if batch is None else dict(batch)


def _refuse_missing_runtime() -> None:
    """Say in the runtime's words that it is missing."""
    from netdsl.runtime import require

    require()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep from the user's terminal what onnxruntime says to its developers, and numpy of ranges that nobody uses."""
    import numpy as np

    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        logging.disable(before)
