"""A reload that has happened when it returns: HAProxy's own only asks for one, and the worker before goes on for a while."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence

from cutover_site.proxy.runtime import ProxyError, Runtime

PAUSE = 0.05
LIMIT = 15.0


def reload(runtime: Runtime, ask_for_it: Callable[[], None], limit: float = LIMIT) -> None:
    """A worker that has read the configuration and the maps after this call takes new connections. Raises ProxyError when none comes."""
    before = runtime.workers().everyone
    ask_for_it()
    deadline = time.monotonic() + limit
    while not set(runtime.workers().current) - set(before):
        if time.monotonic() >= deadline:
            raise ProxyError(
                f"HAProxy has not taken its new configuration within {limit:.0f} s",
                next_action="journalctl -u haproxy.service",
            )
        time.sleep(PAUSE)  # the master has no event for "a worker began"


def end_old(runtime: Runtime, limit: float) -> Sequence[int]:
    """No worker of a former configuration is left. They have `limit` seconds for what they have let in; answers those that had to be ended.

    A worker that has nothing at work is ended at once: HAProxy itself would keep it as long as an idle client keeps its
    connection, and answer that client in the former mode. Raises ProxyError when one does not end.
    """
    ended: Sequence[int] = ()
    idle_before: set[int] = set()
    deadline = time.monotonic() + limit
    while old := runtime.workers().old:
        if time.monotonic() >= deadline + LIMIT:
            raise ProxyError(f"HAProxy's former workers {old} cannot be ended")
        idle = {pid for pid in old if runtime.is_idle(pid)}
        for pid in idle & idle_before:  # a request is counted a moment after it was let in
            _terminate(pid)
        idle_before = idle
        if time.monotonic() >= deadline and not ended:
            ended = old
            for pid in old:
                _terminate(pid)
        time.sleep(PAUSE)  # nor one for "a worker ended"
    return ended


def _terminate(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
