"""What ends a run before its last epoch: a failure, a signal, or no more progress."""

from __future__ import annotations

import signal
from types import FrameType

FAILED = 1
WRONG_USE = 2
_BY_SIGNAL = 128


def stopped_by(number: int) -> int:
    """The exit code of a run that a signal ends."""
    return _BY_SIGNAL + number


class Stop(Exception):
    """The run ends here; the text says why, and `code` is the exit code."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


class Signals:
    """Remembers SIGINT (Ctrl-C) and SIGTERM, so that the run ends between two updates.

    A second Ctrl-C ends the process at once.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._remember)

    def _remember(self, number: int, _frame: FrameType | None) -> None:
        self.received = number
        signal.signal(number, signal.SIG_DFL)

    def stop(self, number: int, kept: str) -> Stop:
        """The end that a signal asks for.

        Args:
            number: the signal's.
            kept: what is left of the run, in words.
        """
        name = signal.Signals(number).name
        return Stop(f"stopped by {name}; {kept}", stopped_by(number))
