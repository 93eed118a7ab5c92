"""Modules that are run when something in them is first asked for, so that a check pays for what it needs alone."""

from __future__ import annotations

import sys
from importlib.util import LazyLoader, find_spec, module_from_spec


def run_when_used(package: str, *names: str) -> None:
    """Make modules of a package known without running them; the first access to an attribute runs one."""
    for name in names:
        spec = find_spec(f"{package}.{name}")
        assert spec is not None, name
        assert spec.loader is not None, name
        spec.loader = LazyLoader(spec.loader)
        module = module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        setattr(sys.modules[package], name, module)
