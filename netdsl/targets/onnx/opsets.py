"""The opsets that netdsl writes, each with the version of the file format that came with it."""

from __future__ import annotations

# Source: docs/Versioning.md of ONNX, "Released Versions".
OPSETS = {17: 8, 18: 8, 19: 9, 20: 9, 21: 10, 22: 10, 23: 11}
DEFAULT_OPSET = 21
