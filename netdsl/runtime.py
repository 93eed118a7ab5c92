"""Running ONNX models with onnxruntime, on the device that was asked for and on no other."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import onnxruntime

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"
DEVICES = ("auto", "cpu", "cuda")
# On an empty batch, onnxruntime's own code for these ends the whole process.
_NEVER_EMPTY = ("GRU", "LSTM")
_REPAIR = "`netdsl doctor` says what is wrong and how to repair it"


class RuntimeUnavailable(Exception):
    """onnxruntime is missing or broken, or the device that was asked for cannot be had."""


class ModelRefused(Exception):
    """onnxruntime cannot load or run the model, or the inputs do not fit it."""


@dataclass(frozen=True)
class ModelInput:
    """An input as the model declares it; open dimensions are names."""

    name: str
    shape: tuple[int | str, ...]
    element: str


class Session:
    """A loaded model.

    Args:
        model: a path, or the bytes of a model.
        device: `cpu`, `cuda`, or `auto` for CUDA where it works.
        optimise: whether onnxruntime may rewrite the graph.

    Raises:
        RuntimeUnavailable: there is no runtime, or `cuda` was asked for and is not what runs.
        ModelRefused: the model does not load.
    """

    def __init__(self, model: str | os.PathLike[str] | bytes, device: str = "auto", *, optimise: bool = True) -> None:
        runtime = _onnxruntime()
        options = runtime.SessionOptions()
        options.log_severity_level = 3
        if not optimise:
            options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
        providers = _providers(runtime, device)
        source = model if isinstance(model, bytes) else os.fspath(model)
        try:
            self._session = runtime.InferenceSession(source, options, providers=providers)
        except Exception as error:  # onnxruntime raises types of its own for every cause
            raise ModelRefused(f"onnxruntime refuses the model: {_first_line(error)}") from error
        self._source = source
        self.providers = tuple(self._session.get_providers())
        if device == "cuda" and CUDA not in self.providers:
            raise RuntimeUnavailable(f"CUDA was asked for, and the session runs on {self.providers[0]}; {_REPAIR}")

    @property
    def device(self) -> str:
        """`cuda` or `cpu`: what the session itself says it runs on."""
        return "cuda" if CUDA in self.providers else "cpu"

    @property
    def inputs(self) -> tuple[ModelInput, ...]:
        """What the model takes, the batch first."""
        return tuple(ModelInput(node.name, tuple(node.shape), node.type) for node in self._session.get_inputs())

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of what it gives."""
        return tuple(node.name for node in self._session.get_outputs())

    def run(self, arrays: Mapping[str, np.ndarray[Any, Any]]) -> dict[str, np.ndarray[Any, Any]]:
        """The outputs for a batch of inputs, by name.

        Raises:
            ModelRefused: names, shapes or types do not fit, the model fails, or it would end the process.
        """
        if any(array.size == 0 for array in arrays.values()):
            self._refuse_fatal_emptiness()
        try:
            return dict(zip(self.outputs, self._session.run(None, dict(arrays)), strict=True))
        except Exception as error:  # onnxruntime raises types of its own for every cause
            raise ModelRefused(f"onnxruntime cannot run the model: {_first_line(error)}") from error

    def _refuse_fatal_emptiness(self) -> None:
        """Raise where an input without numbers would reach an operator that cannot bear it."""
        from netdsl.targets.onnx.operators import operators

        fatal = operators(self._source).intersection(_NEVER_EMPTY)
        if fatal:
            words = " and ".join(sorted(fatal))
            raise ModelRefused(f"onnxruntime cannot run {words} on an empty input: every size must be at least 1")


def require() -> None:
    """Raise where there is no onnxruntime that works.

    Raises:
        RuntimeUnavailable: it is missing or broken.
    """
    _onnxruntime()


def _onnxruntime() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        message = "onnxruntime is not installed: `pip install netdsl[cpu]`, or `netdsl[gpu]` for CUDA"
        raise RuntimeUnavailable(message) from error
    if not hasattr(onnxruntime, "InferenceSession"):
        raise RuntimeUnavailable(f"onnxruntime is installed and broken; {_REPAIR}")
    return onnxruntime


def _providers(runtime: onnxruntime, device: str) -> list[str]:
    available = runtime.get_available_providers()
    if device == "cpu" or (device == "auto" and CUDA not in available):
        return [CPU]
    if CUDA not in available:
        raise RuntimeUnavailable(f"CUDA was asked for, and this onnxruntime has {', '.join(available)}; {_REPAIR}")
    if hasattr(runtime, "preload_dlls"):
        runtime.preload_dlls()
    return [CUDA, CPU]


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
