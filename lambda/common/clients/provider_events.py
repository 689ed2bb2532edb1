"""Events that the provider sends about its source servers, through EventBridge into a queue of the site.

They are sent with best effort: an event can be lost, late or repeated, and it can arrive before the provider's API shows what it
announces. An event is therefore only the reason to read the API now. A caller also reads it without an event, at longer intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from common.clients.queue import SLICE_SECONDS, Queue
from common.clock import Clock

SETTLING_SECONDS = 30.0
"""after an event: the time in which the API shows what the event announced"""
LATE_READ_SECONDS = 6.0
"""longer than a client keeps the last result of that time: its next read is due before a long wait begins"""
SETTLING_WAIT_SECONDS = 1
"""how long a wait takes during both at most, so that the API is read again soon"""


def never() -> bool:
    """Return False: nobody cancels the wait."""
    return False


class ProviderEvents(Protocol):
    """The events that the site receives."""

    def wait(self, source_server_id: str, *, seconds: int, is_canceled: Callable[[], bool] = never) -> bool:
        """Wait for an event of the source server. Return whether one has arrived.

        Returns False at once when there are no events, after a second within SETTLING_SECONDS and LATE_READ_SECONDS after one, and soon after
        `is_canceled` returns True.
        """
        ...


class NoProviderEvents:
    """The events of a provider that sends none."""

    def wait(
        self,
        source_server_id: str,  # noqa: ARG002 (the interface's)
        *,
        seconds: int,  # noqa: ARG002
        is_canceled: Callable[[], bool] = never,  # noqa: ARG002
    ) -> bool:
        """Return False at once."""
        return False


class QueuedProviderEvents:
    """Events in a queue. A process keeps when the last one arrived; a new process reads the provider's API first anyway."""

    def __init__(self, queue: Queue, clock: Clock) -> None:
        self._queue, self._clock = queue, clock
        self._arrived: dict[str, float] = {}

    def wait(self, source_server_id: str, *, seconds: int, is_canceled: Callable[[], bool] = never) -> bool:
        """Wait with polls of SLICE_SECONDS. Events of other servers are deleted too, because the site has no use for them."""
        since = self._clock.now() - self._arrived.get(source_server_id, float("-inf"))
        if since < SETTLING_SECONDS + LATE_READ_SECONDS:
            seconds = min(seconds, SETTLING_WAIT_SECONDS)
        until = self._clock.now() + seconds
        while (left := until - self._clock.now()) > 0:
            messages = self._queue.receive(wait_seconds=max(1, min(round(left), SLICE_SECONDS)))
            for message in messages:
                self._queue.delete(message)
            if any(source_server_id in list_source_servers(message.body) for message in messages):
                self._arrived[source_server_id] = self._clock.now()
                return True
            if is_canceled():
                return False
        return False


def list_source_servers(event: Mapping[str, Any]) -> list[str]:
    """Return the ids of an event's resources, which are ARNs. Another message than an event has none."""
    resources = event.get("resources")
    return [str(arn).rpartition("/")[2] for arn in resources] if isinstance(resources, list) else []
