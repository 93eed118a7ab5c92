"""What a spec says about a layer's weights (`init=he frozen=true`) to what is written around the layer's call."""

from __future__ import annotations

from dataclasses import replace

from netdsl.graph.learning import Learning
from netdsl.ops.lowering import Torch, TorchExpression, TorchParameter
from netdsl.targets.pytorch.recipe_text import literal
from netdsl.weights.starts import Start

INITIALISED, KEEP_PADDING = "initialised", "keep_padding"
_FUNCTIONS = {
    "he": "nn.init.kaiming_normal_",
    "he_fan_out": 'nn.init.kaiming_normal_, mode="fan_out"',
    "xavier": "nn.init.xavier_uniform_",
    "orthogonal": "nn.init.orthogonal_",
    "identity": "nn.init.dirac_",
    "bilinear": "bilinear_",
}


def begun(torch: Torch, learning: Learning) -> Torch:
    """A layer's lowering, wrapped by what gives it its first weights and freezes them."""
    if learning.says_nothing or isinstance(torch, TorchExpression):
        return torch
    if isinstance(torch, TorchParameter):
        return _begun_parameter(torch, learning)
    before, after = "", ""
    helpers: tuple[str, ...] = ()
    if learning.init is not None or learning.bias_init is not None:
        before, after = f"{INITIALISED}(", f"{_settings(learning)})"
        helpers = ("initialised.py", *_helpers(learning.init))
    if learning.init is not None and "padding_idx" in torch.keywords:
        before, after, helpers = f"{KEEP_PADDING}({before}", f"{after})", (*helpers, "keep_padding.py")
    if learning.frozen:
        after += ".requires_grad_(False)"
    return replace(torch, before=before, after=after, helpers=helpers)


def _begun_parameter(torch: TorchParameter, learning: Learning) -> TorchParameter:
    before, after = torch.before, torch.after
    if learning.frozen:
        after = f", requires_grad=False{after}"
    if learning.init is not None:
        function, comma, settings = _start(learning.init).partition(", ")
        before, after = f"{function}({before}", f"{after}{comma}{settings})"
    return replace(torch, before=before, after=after, helpers=_helpers(learning.init))


def _helpers(start: Start | None) -> tuple[str, ...]:
    return ("bilinear.py",) if start is not None and start.word == "bilinear" else ()


def _settings(learning: Learning) -> str:
    """`, nn.init.normal_, std=0.01, bias=1.0`: the arguments behind the layer."""
    start = f", {_start(learning.init)}" if learning.init is not None else ""
    return f"{start}, bias={literal(learning.bias_init)}" if learning.bias_init else start


def _start(start: Start) -> str:
    """The function of `torch.nn.init` and its settings."""
    match start.word, start.numbers:
        case "normal", (deviation,):
            return f"nn.init.normal_, std={literal(deviation)}"
        case "uniform", (bound,):
            return f"nn.init.uniform_, a={literal(-bound)}, b={literal(bound)}"
        case "constant", (0.0,):
            return "nn.init.zeros_"
        case "constant", (1.0,):
            return "nn.init.ones_"
        case "constant", (number,):
            return f"nn.init.constant_, val={literal(number)}"
        case word, _:
            return _FUNCTIONS[word]
