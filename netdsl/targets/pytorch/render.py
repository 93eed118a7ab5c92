"""Classes to the text of a file: the template puts them together, and the imports are those that are used."""

from __future__ import annotations

import re

from netdsl import resources
from netdsl.targets.pytorch.generate import Generated

TEMPLATE = "module.py.jinja"
_IMPORTS = (
    ("import torch", re.compile(r"\btorch\.")),
    ("import torch.nn.functional as F", re.compile(r"\bF\.")),
)
_FROM_TORCH = (("Tensor", re.compile(r"\bTensor\b")), ("nn", re.compile(r"\bnn\.")))
_TORCH_TENSOR = re.compile(r"\btorch\.Tensor\b")


def render(generated: Generated) -> str:
    """The text of the file."""
    from jinja2 import Environment, StrictUndefined

    support = [_support(name) for name in generated.support]
    code = "\n".join(
        [
            *support,
            *("\n".join((written.base, *written.constructor, *written.forward)) for written in generated.classes),
        ]
    )
    template = resources.read_text("codegen_templates", TEMPLATE)
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701 - no HTML
    text = environment.from_string(template).render(
        imports=_imports(code), standard_imports=_standard_imports(code), support=support, classes=generated.classes
    )
    return f"{text.rstrip()}\n"


def _support(name: str) -> str:
    text = resources.read_text("codegen_templates", "support", name)
    return text[text.index("\nclass ") + 1 :].rstrip()


def _standard_imports(code: str) -> list[str]:
    return ["from collections import OrderedDict"] if "OrderedDict(" in code else []


def _imports(code: str) -> list[str]:
    """Torch's imports, in the order that a sorter gives them."""
    lines = [line for line, pattern in _IMPORTS if pattern.search(code)]
    names = [name for name, pattern in _FROM_TORCH if pattern.search(_TORCH_TENSOR.sub("", code))]
    return [*lines, f"from torch import {', '.join(names)}"] if names else lines
