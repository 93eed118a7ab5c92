"""The static files of a generated training folder as a package: `netdsl.training_folder.data` reads the data there.

They lie outside the package, since they are no part of the compiler; the path below is where Python looks for this
module's members.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from netdsl import resources

__path__ = [str(resources.path("codegen_templates", "training"))]


def data_package() -> Any:
    """The package with `open_data` and `DataError`.

    Raises:
        ModuleNotFoundError: torch is not installed.
    """
    return import_module(f"{__name__}.data")
