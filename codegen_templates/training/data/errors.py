"""What goes wrong with data, as one sentence for the one who trains."""

from __future__ import annotations


class DataError(Exception):
    """The data cannot be used; the message says in one sentence what, where and why."""
