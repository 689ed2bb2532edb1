"""Reload HAProxy and wait until the reload has happened. HAProxy's own command only requests it, and the former worker goes on for a while."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence

from cutover_site.proxy.runtime import ProxyError, Runtime

POLL_INTERVAL_SECONDS = 0.05
LIMIT_SECONDS = 15.0


def reload_and_wait(runtime: Runtime, request_reload: Callable[[], None], limit_seconds: float = LIMIT_SECONDS) -> None:
    """Reload HAProxy, and return when a worker with the new configuration and maps takes connections.

    Raises ProxyError when there is no such worker after `limit_seconds`.
    """
    before = runtime.list_workers().everyone
    request_reload()
    deadline = time.monotonic() + limit_seconds
    while not set(runtime.list_workers().current) - set(before):
        if time.monotonic() >= deadline:
            raise ProxyError(
                f"HAProxy has not taken its new configuration within {limit_seconds:.0f} s",
                next_action="journalctl -u haproxy.service",
            )
        time.sleep(POLL_INTERVAL_SECONDS)  # the master has no event for the start of a worker


def end_former_workers(runtime: Runtime, limit_seconds: float) -> Sequence[int]:
    """End the workers of former configurations. Return the process ids of those that had requests left after `limit_seconds`.

    A worker without a request is ended at once. HAProxy itself would keep it as long as an idle client keeps its connection, and would
    handle that client's next request in the former mode. Raises ProxyError when a worker does not end.
    """
    ended: Sequence[int] = ()
    idle_before: set[int] = set()
    deadline = time.monotonic() + limit_seconds
    while former := runtime.list_workers().former:
        if time.monotonic() >= deadline + LIMIT_SECONDS:
            raise ProxyError(f"HAProxy's former workers {former} cannot be ended")
        idle = {pid for pid in former if runtime.is_idle(pid)}
        for pid in idle & idle_before:  # twice: HAProxy counts a request a moment after it let it in
            _terminate(pid)
        idle_before = idle
        if time.monotonic() >= deadline and not ended:
            ended = former
            for pid in former:
                _terminate(pid)
        time.sleep(POLL_INTERVAL_SECONDS)  # the master has no event for the end of a worker either
    return ended


def end_idle_former_workers(runtime: Runtime, limit_seconds: float) -> Sequence[int]:
    """End the former workers that have no request. Return those that still have one after `limit_seconds`: they end with it.

    HAProxy closes the idle connections of a former worker, and lets each other connection end with the request that it has. So after this no
    new request reaches a former worker.
    """
    idle_before: set[int] = set()
    deadline = time.monotonic() + limit_seconds
    while former := runtime.list_workers().former:
        idle = {pid for pid in former if runtime.is_idle(pid)}
        for pid in idle & idle_before:  # twice: HAProxy counts a request a moment after it let it in
            _terminate(pid)
        idle_before = idle
        if time.monotonic() >= deadline:
            return former
        time.sleep(POLL_INTERVAL_SECONDS)  # the master has no event for the end of a worker
    return ()


def _terminate(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
