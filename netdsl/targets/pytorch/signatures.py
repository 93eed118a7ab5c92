"""What PyTorch's layers call their arguments, and the defaults that are not written."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from netdsl import resources


@dataclass(frozen=True, slots=True)
class SameAs:
    """The default of a pool's stride: another argument's value."""

    argument: str


@dataclass(frozen=True, eq=False, slots=True)
class Signature:
    """The arguments of a class: their names in order, and the defaults of those that have one."""

    names: tuple[str, ...]
    defaults: Mapping[str, Any]

    def name(self, position: int) -> str:
        """The name of the argument at a place."""
        return self.names[position] if position < len(self.names) else f"argument{position + 1}"


UNKNOWN = Signature((), {})
_SUPPORT = ("codegen_templates", "support")

_CONVOLUTION = "in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True"
_UPCONVOLUTION = (
    "in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True, dilation=1"
)
_MAXIMUM = "kernel_size, stride=kernel_size, padding=0, dilation=1, return_indices=False, ceil_mode=False"
_AVERAGE = "kernel_size, stride=kernel_size, padding=0, ceil_mode=False, count_include_pad=True"
_RECURRENT = "input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False"
_OF_EVERY_RANK = {
    "nn.Conv{}d": _CONVOLUTION,
    "nn.ConvTranspose{}d": _UPCONVOLUTION,
    "nn.MaxPool{}d": _MAXIMUM,
    "nn.AvgPool{}d": _AVERAGE,
    "nn.AdaptiveAvgPool{}d": "output_size",
    "nn.AdaptiveMaxPool{}d": "output_size, return_indices=False",
    "nn.BatchNorm{}d": "num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True",
    "nn.InstanceNorm{}d": "num_features, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False",
    "nn.ZeroPad{}d": "padding",
    "nn.ConstantPad{}d": "padding, value",
}
_OTHERS = {
    "nn.Linear": "in_features, out_features, bias=True",
    "nn.Embedding": "num_embeddings, embedding_dim, padding_idx=None",
    "nn.LSTM": _RECURRENT,
    "nn.GRU": _RECURRENT,
    "nn.RNN": f"{_RECURRENT}, nonlinearity='tanh'",
    "nn.LayerNorm": "normalized_shape, eps=1e-05, elementwise_affine=True, bias=True",
    "nn.RMSNorm": "normalized_shape, eps=None, elementwise_affine=True",
    "nn.GroupNorm": "num_groups, num_channels, eps=1e-05, affine=True",
    "nn.PReLU": "num_parameters=1, init=0.25",
    "nn.Dropout": "p=0.5, inplace=False",
    "nn.Flatten": "start_dim=1, end_dim=-1",
    "nn.Unflatten": "dim, unflattened_size",
    "nn.LeakyReLU": "negative_slope=0.01, inplace=False",
    "nn.ELU": "alpha=1.0, inplace=False",
    "nn.Softmax": "dim=None",
    "nn.LocalResponseNorm": "size, alpha=0.0001, beta=0.75, k=1.0",
}
TABLE = {
    **{name.format(rank): text for name, text in _OF_EVERY_RANK.items() for rank in (1, 2, 3)},
    **_OTHERS,
}


@cache
def signature(callee: str, support: str | None = None) -> Signature:
    """The signature of one of PyTorch's classes, or of one in codegen_templates/support."""
    if support is not None:
        return _of_support(callee, support)
    text = TABLE.get(callee)
    if text is None:
        return UNKNOWN
    function = ast.parse(f"def f({text}): ...").body[0]
    assert isinstance(function, ast.FunctionDef), "the table holds parameter lists"
    return _of_arguments(function.args, skipped=0)


def support_text(name: str) -> str:
    """The text of a support file: one in codegen_templates/support, or a path, for a user's own operation."""
    path = Path(name)
    return path.read_text(encoding="utf-8") if path.is_absolute() else resources.read_text(*_SUPPORT, name)


def _of_support(callee: str, support: str) -> Signature:
    tree = ast.parse(support_text(support))
    for statement in tree.body:
        if not isinstance(statement, ast.ClassDef) or statement.name != callee:
            continue
        for method in statement.body:
            if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                return _of_arguments(method.args, skipped=1)
        base = statement.bases[0] if statement.bases else None
        return signature(ast.unparse(base)) if base is not None else UNKNOWN
    return UNKNOWN


def _of_arguments(arguments: ast.arguments, skipped: int) -> Signature:
    names = [argument.arg for argument in arguments.args][skipped:]
    given = arguments.defaults
    defaults = dict(zip(names[len(names) - len(given) :], map(_default, given), strict=True)) if given else {}
    return Signature(tuple(names), defaults)


def _default(expression: ast.expr) -> Any:
    return SameAs(expression.id) if isinstance(expression, ast.Name) else ast.literal_eval(expression)
