"""Wait for the provider: for its event if it sends any, else for the next poll."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from common.errors import CutoverError

from procedure.context import Context
from procedure.steps.abort import AbortWatch

T = TypeVar("T")
LONG_POLL_SECONDS = 20


def read_until_event(
    context: Context,
    source_server_id: str,
    read: Callable[[], T],
    *,
    is_waiting: Callable[[T], bool],
    seconds: int = LONG_POLL_SECONDS,
) -> T:
    """Return what `read` returns. While that is "not yet", wait for an event of the source server, and read again if one arrives.

    Raises RunAborted soon after somebody has requested that the run stops.

    An event only makes the step faster, so a queue that fails does not fail the step. The run gets a warning.
    """
    value = read()
    if not is_waiting(value):
        return value
    watch = AbortWatch(context)
    try:
        arrived = context.tools.provider_events.wait(source_server_id, seconds=seconds, is_canceled=watch.is_requested)
    except CutoverError as failed:
        context.warn(f"events of the provider cannot be received, so it is only polled: {failed.reason}")
        return value
    if not arrived:
        watch.raise_if_requested()
        return value
    context.tools.provider.refresh()
    return read()
