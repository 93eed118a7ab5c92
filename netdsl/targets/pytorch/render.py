"""Classes to the text of a file: the template puts them together, and the imports are those that are used."""

from __future__ import annotations

import re

from netdsl import resources
from netdsl.targets.pytorch.generate import Generated
from netdsl.targets.pytorch.signatures import support_text

TEMPLATE = "module.py.jinja"
_IMPORTS = (
    ("import torch", re.compile(r"\btorch\.")),
    ("import torch.nn.functional as F", re.compile(r"\bF\.")),
    ("from safetensors.torch import load_file", re.compile(r"\bload_file\(")),
)
_STANDARD = (
    ("from collections import OrderedDict", re.compile(r"\bOrderedDict\(")),
    ("from collections.abc import Callable", re.compile(r"\bCallable\[")),
    ("from os import PathLike", re.compile(r"\bPathLike\[")),
)
_FROM_TYPING = (
    ("Any", re.compile(r"\bTypeVar\(")),
    ("Self", re.compile(r"-> Self:")),
    ("TypeVar", re.compile(r"\bTypeVar\(")),
)
_DEFINITION = re.compile(r"^(?:class |def |@|[A-Z]\w* = )", re.MULTILINE)
_FROM_TORCH = (("Tensor", re.compile(r"\bTensor\b")), ("nn", re.compile(r"\bnn\.")))
_TORCH_TENSOR = re.compile(r"\btorch\.Tensor\b")


def render(generated: Generated) -> str:
    """The text of the file."""
    from jinja2 import Environment, StrictUndefined

    support = [definition(name) for name in generated.support]
    code = "\n".join(
        [
            *support,
            *(
                "\n".join((written.base, *written.constructor, *written.forward, *written.loader))
                for written in generated.classes
            ),
        ]
    )
    template = resources.read_text("codegen_templates", TEMPLATE)
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701 - no HTML
    text = environment.from_string(template).render(
        imports=_imports(code), standard_imports=_standard_imports(code), support=support, classes=generated.classes
    )
    return f"{text.rstrip()}\n"


def definition(name: str) -> str:
    """What a support file defines: all behind its imports."""
    text = support_text(name)
    found = _DEFINITION.search(text)
    assert found is not None, f"{name} defines nothing"
    return text[found.start() :].rstrip()


def _standard_imports(code: str) -> list[str]:
    lines = [line for line, pattern in _STANDARD if pattern.search(code)]
    names = [name for name, pattern in _FROM_TYPING if pattern.search(code)]
    return [*lines, f"from typing import {', '.join(names)}"] if names else lines


def _imports(code: str) -> list[str]:
    """Torch's imports, in the order that a sorter gives them."""
    lines = [line for line, pattern in _IMPORTS if pattern.search(code)]
    names = [name for name, pattern in _FROM_TORCH if pattern.search(_TORCH_TENSOR.sub("", code))]
    return [*lines, f"from torch import {', '.join(names)}"] if names else lines
