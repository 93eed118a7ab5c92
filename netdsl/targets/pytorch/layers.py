"""A layer's lowering to the recipe that makes its module."""

from __future__ import annotations

from netdsl.ops.lowering import TorchModule, TorchParameter
from netdsl.targets.pytorch.recipes import Make
from netdsl.targets.pytorch.signatures import UNKNOWN, signature


def layer_make(torch: TorchModule | TorchParameter) -> Make:
    """The call that makes a module or a parameter."""
    if isinstance(torch, TorchParameter):
        count = len(torch.arguments)
        return Make(torch.function, torch.arguments, count, UNKNOWN, torch.before, torch.after, is_parameter=True)
    known = signature(torch.name, torch.support)
    arguments = {known.name(place): value for place, value in enumerate(torch.positional)}
    return Make(torch.name, {**arguments, **torch.keywords}, len(arguments), known, torch.before, torch.after)


def pad_make(torch: TorchModule) -> Make:
    """The module that adds a layer's padding beforehand."""
    rank = len(torch.padding) // 2
    if torch.padding_value == 0:
        return layer_make(TorchModule(f"nn.ZeroPad{rank}d", (torch.padding,)))
    return layer_make(TorchModule(f"nn.ConstantPad{rank}d", (torch.padding, torch.padding_value)))
