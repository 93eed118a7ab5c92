"""netdsl: the compiler for neural-network architectures.

`load` and `parse` check a spec; the nets of the result have a report, an ONNX model and PyTorch source. See
`netdsl.api` for all of it. Names are imported when they are first asked for, so that the command line starts fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netdsl.api import Diagnostic, Fact, Net, NetdslError, Report, Specification, load, parse

__version__ = "0.1.0"
__all__ = ["Diagnostic", "Fact", "Net", "NetdslError", "Report", "Specification", "__version__", "load", "parse"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from netdsl import api

        return getattr(api, name)
    raise AttributeError(f"module 'netdsl' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
