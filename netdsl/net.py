"""A checked net to whatever can be made of it: figures, ONNX models, PyTorch source and modules, answers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netdsl.analysis.report import Report
from netdsl.compiler import CheckedNet, onnx_graph, pytorch_source, training_files
from netdsl.diagnostics.core import Diagnostic, Refused
from netdsl.graph.model import Graph
from netdsl.source import Span
from netdsl.targets.onnx.opsets import DEFAULT_OPSET

if TYPE_CHECKING:
    import onnx
    from torch import nn

    from netdsl.onnx_files import Precision
    from netdsl.ops.contract import Weight
    from netdsl.verify import Verification
    from netdsl.weights.sources import Stored, WeightSource
    from netdsl.weights.stored import Match, Weights


class NetdslError(Exception):
    """A net cannot be compiled; `diagnostics` says why."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("\n".join(map(str, diagnostics)))
        self.diagnostics = diagnostics


class Net:
    """A checked net and what can be made of it."""

    def __init__(self, checked: CheckedNet, diagnostics: tuple[Diagnostic, ...]) -> None:
        self._checked = checked
        self._diagnostics = diagnostics

    @property
    def name(self) -> str:
        """The net's name."""
        return self._checked.name

    @property
    def graph(self) -> Graph:
        """The typed graph."""
        return self._checked.graph

    @property
    def report(self) -> Report:
        """The figures, layer by layer."""
        return self._checked.report

    def weights(self) -> dict[str, Weight]:
        """The weights by their full names, in the order of the flow."""
        layers = [layer for layer in self.graph.layers() if layer.well_typed]
        return {layer.name_of(weight): weight for layer in layers for weight in layer.weights}

    def weights_from(self, path: str | os.PathLike[str], *, match: Match = "name") -> Stored:
        """The weights in a safetensors file, an npz file, or a state dict of PyTorch (.pt, .pth, .bin).

        Args:
            path: the file.
            match: by the arrays' names, or by order and shapes; `origins` of the result says which array went where.

        Raises:
            NetdslError: a weight is missing, surplus, misshapen, out of step, or holds no finite numbers.
            ValueError: the file is damaged.
            OSError: it cannot be read.
            ModuleNotFoundError: it is a state dict, and PyTorch is not installed.
        """
        from netdsl.weights.stored import read_stored

        with self._refusals():
            return read_stored(Path(path), self.weights(), match)

    def onnx(
        self,
        *,
        opset: int = DEFAULT_OPSET,
        seed: int = 0,
        weights: Weights | None = None,
        optimise: bool = False,
    ) -> onnx.ModelProto:
        """The ONNX model with its weights, in memory; without `weights` they are drawn by `seed`.

        Args:
            opset: 17 to 23.
            seed: what weights are drawn by.
            weights: a file, or the weights as from `weights_from`.
            optimise: whether normalisations are folded into kernels, and other nodes saved.

        Raises:
            NetdslError: the net has mistakes, the weights do not fit it, or the opset is not offered.
            ValueError: the model is above 2 GB (`write_onnx` writes those too).
        """
        from netdsl.onnx_files import refuse_opset
        from netdsl.targets.onnx.model import in_memory
        from netdsl.targets.onnx.optimise import optimise as optimised

        self._refuse_mistakes()
        with self._refusals():
            refuse_opset(opset)
        lowered = onnx_graph(self.graph, opset=opset)
        return in_memory(optimised(lowered) if optimise else lowered, self._source(weights, seed))

    def write_onnx(  # noqa: PLR0913 - what can be chosen about a model
        self,
        path: str | os.PathLike[str],
        *,
        opset: int = DEFAULT_OPSET,
        seed: int = 0,
        weights: Weights | None = None,
        training_outputs: bool = False,
        optimise: bool = False,
        external: str | os.PathLike[str] | None = None,
        precision: Precision = "fp32",
        calibration: str | os.PathLike[str] | None = None,
        keep_ends: bool = False,
    ) -> tuple[Path, ...]:
        """Write the ONNX model, whole or not at all; the result is its files.

        Args:
            path: where the model goes.
            opset: 17 to 23.
            seed: what weights are drawn by.
            weights: a file, or the weights as from `weights_from`.
            training_outputs: whether the outputs that are there in training only are wanted too.
            optimise: whether normalisations are folded into kernels, and other nodes saved.
            external: a safetensors file in the model's folder that shall hold its weights; where `weights` came from
                that file, it stays as it is.
            precision: `fp32`, `fp16` or `int8`; inputs and outputs are float32.
            calibration: examples for int8: a folder of pictures, or an npz file with an array for every input.
            keep_ends: whether int8 leaves the first and the last layer with a kernel in float32.

        Raises:
            NetdslError: the net has mistakes, the options do not go together, or examples do not fit the net.
            ValueError: an fp16 or int8 model is above 2 GB, or a second file's name cannot stand in a model.
            OSError: a file cannot be read or written.
            netdsl.runtime.RuntimeUnavailable: fp16 or int8 is asked for, and there is no onnxruntime.
        """
        from netdsl.onnx_files import OnnxOptions, write_onnx

        self._refuse_mistakes()
        options = OnnxOptions(
            opset=opset,
            training_outputs=training_outputs,
            optimise=optimise,
            external=None if external is None else Path(external),
            precision=precision,
            calibration=None if calibration is None else Path(calibration),
            keep_ends=keep_ends,
        )
        with self._refusals():
            return write_onnx(self.graph, Path(path), self._source(weights, seed), options)

    def pytorch(self) -> str:
        """The PyTorch source, which imports torch and nothing of ours.

        Raises:
            NetdslError: the net has mistakes.
        """
        self._refuse_mistakes()
        return pytorch_source(self.graph)

    def training(self, *, learning_rate: float | None = None) -> dict[str, str]:
        """The folder that trains the net, text by path: plain PyTorch that imports nothing of ours.

        Args:
            learning_rate: for a net without a `train` block that ends in the scores of classes.

        Raises:
            NetdslError: the net has mistakes, no recipe, or inputs that data cannot be fed to.
        """
        self._refuse_mistakes()
        with self._refusals():
            return training_files(self.graph, learning_rate=learning_rate)

    def module(self, *, weights: Weights | None = None) -> nn.Module:
        """The net as a PyTorch module, made by running its generated source; PyTorch's own weights by default.

        Raises:
            NetdslError: the net has mistakes.
        """
        from netdsl.targets.pytorch import build_module
        from netdsl.verify import state_dict

        self._refuse_mistakes()
        module = build_module(self.graph)
        if weights is not None:
            lowered = onnx_graph(self.graph, training_outputs=True)
            module.load_state_dict(state_dict(lowered, self._source(weights), module), strict=True)
        return module

    def run(
        self, arrays: Mapping[str, Any], *, device: str = "auto", weights: Weights | None = None, seed: int = 0
    ) -> dict[str, Any]:
        """The outputs for a batch of inputs, by onnxruntime.

        Raises:
            NetdslError: the net has mistakes.
            netdsl.runtime.RuntimeUnavailable: there is no runtime for the device.
            netdsl.runtime.ModelRefused: the inputs do not fit.
        """
        from netdsl.runtime import Session

        model = self.onnx(weights=weights, seed=seed)
        return Session(model.SerializeToString(), device).run(arrays)

    def verify(self, **options: Any) -> Verification:
        """Compare both targets on random inputs (see `netdsl.verify.verify` for the options).

        Raises:
            NetdslError: the net has mistakes.
        """
        from netdsl.verify import verify

        self._refuse_mistakes()
        return verify(self.graph, **options)

    def _source(self, weights: Weights | None, seed: int = 0) -> WeightSource:
        from netdsl.weights.sources import Drawn

        if isinstance(weights, str | os.PathLike):
            return self.weights_from(weights)
        return Drawn(seed) if weights is None else weights

    def _refuse_mistakes(self) -> None:
        errors = tuple(found for found in self._diagnostics if found.fact.is_error)
        if errors:
            raise NetdslError(errors)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Give facts that are found behind the check their places."""
        try:
            yield
        except Refused as refused:
            found = tuple(Diagnostic(fact, self._span_of(name)) for name, fact in refused.found)
            raise NetdslError(found) from None

    def _span_of(self, weight: str | None) -> Span:
        """The place of the layer that a weight belongs to; the net's for a surplus one."""
        for layer in self.graph.layers():
            if weight is not None and layer.weights_name in (weight, weight.rpartition(".")[0]):
                return layer.span
        return self.graph.span
