"""Writes the goldens of the PyTorch target anew: `python -m tests.update_goldens`. The diff is for the reviewer."""

from __future__ import annotations

from tests.pytorch.goldens import GOLDENS, golden_path, written


def main() -> None:
    """Write every golden that there is."""
    for name in GOLDENS:
        path = golden_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written(name), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
