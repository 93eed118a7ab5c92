"""Which words can be a layer's label: it becomes a name in reports, in ONNX, and an attribute of a PyTorch module."""

from __future__ import annotations

import re

_LABEL = re.compile(r"[A-Za-z0-9_]{0,128}\Z")

# What every PyTorch module has already; a label becomes an attribute beside these.
_RESERVED = frozenset(
    """
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches
    eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict
    modules mtia named_buffers named_children named_modules named_parameters parameters register_backward_hook
    register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook register_load_state_dict_pre_hook
    register_module register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_
    set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu zero_grad
    """.split()
)


def is_usable(label: str) -> bool:
    """Whether a label is made of letters, digits and `_`, and no PyTorch module has something of that name."""
    return _LABEL.match(label) is not None and not is_reserved(label)


def is_reserved(label: str) -> bool:
    """Whether every PyTorch module has something of that name; all that begins with `_` is PyTorch's own."""
    return label in _RESERVED or label.startswith("_")
