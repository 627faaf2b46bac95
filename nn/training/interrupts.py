"""Ctrl-C at any moment, except while weights change."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self


class Interrupts:
    """Within it Ctrl-C raises KeyboardInterrupt at once, or, between hold and release, there.

    Only where Python's own handler is in charge, and in the main thread, which alone is told.
    """

    def __enter__(self) -> Self:
        self._held = self._waiting = False
        ours = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        self._before: Any = signal.signal(signal.SIGINT, self._arrived) if ours else None
        return self

    def hold(self) -> None:
        """From here on Ctrl-C waits."""
        self._held = True

    def release(self) -> None:
        """Ctrl-C waits no longer. Raises KeyboardInterrupt if it came meanwhile."""
        self._held = False
        if self._waiting:
            self._waiting = False
            raise KeyboardInterrupt

    def _arrived(self, _number: int, _frame: FrameType | None) -> None:
        if not self._held:
            raise KeyboardInterrupt
        self._waiting = True

    def __exit__(
        self, _kind: type[BaseException] | None, _error: Any, _trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
