"""A file that PyTorch has saved to its arrays by name; nothing in the file is run."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

# Under these words training scripts keep the state dict beside the optimiser's.
_WRAPPERS = ("state_dict", "model_state_dict", "model")


def read_state_dict(path: Path) -> dict[str, Any]:
    """The tensors of a state dict as numpy arrays, in its order; floats shorter than 32 bits become float32.

    Raises:
        ValueError: the file holds something else.
        OSError: it cannot be read.
        ModuleNotFoundError: PyTorch is not installed.
    """
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = torch.load(path, map_location="cpu", weights_only=True)
        except UnpicklingError as error:
            raise ValueError("it holds more than tensors; save `module.state_dict()`") from error
    state = _unwrapped(found)
    if not isinstance(state, Mapping):
        raise ValueError(f"it holds a {type(found).__name__}; save `module.state_dict()`")
    return {str(name): _array(str(name), value) for name, value in state.items()}


def _unwrapped(found: Any) -> Any:
    if isinstance(found, Mapping):
        inner = (found[word] for word in _WRAPPERS if isinstance(found.get(word), Mapping))
        return next(inner, found)
    return found


def _array(name: str, value: Any) -> Any:
    import torch

    if not isinstance(value, torch.Tensor):
        raise ValueError(f"`{name}` in it is a {type(value).__name__}, not a tensor")
    if value.layout is not torch.strided or value.is_quantized:
        raise ValueError(f"`{name}` in it is sparse or quantised")
    if value.is_floating_point() and value.element_size() < torch.float32.itemsize:
        value = value.float()
    return value.detach().numpy()
