"""Work that the service does later: it removes the resources of a server some time after the end of its replication."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Timers:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._timers: list[threading.Timer] = []

    def schedule(self, seconds: float, work: Callable[[], None]) -> None:
        """Do this work once, `seconds` from now, on a thread of its own."""
        timer = threading.Timer(seconds, work)
        timer.daemon = True
        with self._lock:
            timer.start()
            self._timers = [*self._list_alive(), timer]

    def has_pending(self) -> bool:
        """Return whether work waits or is being done."""
        with self._lock:
            return bool(self._list_alive())

    def cancel(self, timeout: float = 8.0) -> bool:
        """Cancel the work that waits, and return whether the work that had begun has ended in time."""
        with self._lock:
            timers = self._list_alive()
        for timer in timers:
            timer.cancel()
        for timer in timers:
            timer.join(timeout)
        return not self.has_pending()

    def _list_alive(self) -> list[threading.Timer]:
        return [timer for timer in self._timers if timer.is_alive()]
