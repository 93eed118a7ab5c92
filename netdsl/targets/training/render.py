"""A graph and its recipe to the texts of the folder."""

from __future__ import annotations

import os
import re
from hashlib import sha256
from pathlib import PurePath

from netdsl import resources
from netdsl.graph.model import Graph
from netdsl.targets import pytorch
from netdsl.targets.pytorch.naming import net_class_name
from netdsl.targets.pytorch.render import definition
from netdsl.targets.training.constants import constants
from netdsl.targets.training.functions import functions
from netdsl.targets.training.task import Task, task_of
from netdsl.training.recipe import Recipe

FOLDER = ("codegen_templates", "training")
_REQUIREMENTS = ("matplotlib>=3.9,<4", "numpy>=2.1,<3", "safetensors>=0.5,<1", "torch>=2.6,<3", "tqdm>=4.66,<5")
_KORNIA = "kornia>=0.8,<1"
_DIGITS = "scikit-learn>=1.6,<2"
_PILLOW = "pillow>=11,<14"
_IMPORTS = (
    ("import kornia.augmentation as K", r"\bK\."),
    ("import torch", r"\btorch\."),
    ("import torch.nn.functional as F", r"\bF\."),
)


# So a linter knows these modules from libraries, wherever it is started.
_LINTER = """\
src = ["."]
"""


def render(graph: Graph, recipe: Recipe) -> dict[str, str]:
    """The texts by their paths."""
    task = task_of(graph, recipe)
    source = recipe_source(graph, recipe, task)
    files = {
        "model.py": pytorch.source(graph),
        "recipe.py": source,
        **_static_files(),
        "README.md": _filled("README.md", **_introduction(graph, task)),
        "ruff.toml": _LINTER,
        "requirements.txt": _filled("requirements.txt", requirements=_requirements(source, task)),
        **_specs(graph),
    }
    sums = (f"{sha256(text.encode()).hexdigest()}  {name}\n" for name, text in files.items())
    return {**files, "SHA256SUMS": "".join(sums)}


def recipe_source(graph: Graph, recipe: Recipe, task: Task) -> str:
    """The text of recipe.py."""
    written = list(functions(graph, recipe, task))
    support = list(dict.fromkeys(name for each in written for name in each.support))
    texts = [definition(name) for name in support]
    return _filled(
        "recipe.py",
        net=net_class_name(graph.name),
        imports=_imports("\n".join([*texts, *(line for each in written for line in each.head + each.body)])),
        constants=constants(recipe, task),
        support=texts,
        functions=written,
    )


def _imports(code: str) -> list[str]:
    """The libraries that the code uses, in the order that a sorter gives them."""
    used = [line for line, pattern in _IMPORTS if re.search(pattern, code)]
    return [*used, "from torch import Tensor, nn", "from torch.optim import Optimizer, lr_scheduler"]


def _filled(template: str, **values: object) -> str:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701 - no HTML
    text = environment.from_string(resources.read_text(*FOLDER, f"{template}.jinja")).render(values)
    return f"{text.rstrip()}\n"


def _static_files() -> dict[str, str]:
    """The files that are the same for all nets."""
    folder = resources.path(*FOLDER)
    paths = sorted(path.relative_to(folder) for path in folder.rglob("*.py"))
    return {path.as_posix(): resources.read_text(*FOLDER, *path.parts) for path in paths}


def _introduction(graph: Graph, task: Task) -> dict[str, str]:
    """What the README says of this net."""
    given = ", ".join(f"{name}={value}" for name, value in graph.parameters.items())
    return {
        "net": net_class_name(graph.name),
        "parameters": f" ({given})" if given else "",
        "data": task.data or "folder:DIR",
    }


def _requirements(source: str, task: Task) -> list[str]:
    """The libraries that the folder uses, as pip takes them."""
    pictures = [_PILLOW] if len(task.input) == 3 else []
    kornia = [_KORNIA] if re.search(_IMPORTS[0][1], source) else []
    digits = [_DIGITS] if task.data else []
    return sorted((*_REQUIREMENTS, *pictures, *kornia, *digits))


def _specs(graph: Graph) -> dict[str, str]:
    """The spec, and the files that it uses, as they stand beside each other."""
    main = graph.span.source
    sources = {source.name: source for source in (main, *(layer.span.source for layer in graph.layers()))}
    library = str(resources.path("specs", "library"))
    texts = {}
    for name, source in sources.items():
        beside = os.path.relpath(name, PurePath(main.name).parent)
        if not os.path.abspath(name).startswith(library):
            texts[f"spec/{beside if not beside.startswith('..') else PurePath(name).name}"] = source.text
    return texts
