"""The queue between the report function and the procedure."""

from __future__ import annotations

from common.clients.queue import Message, Queue

__all__ = ["Message", "Reports"]


class Reports(Queue):
    """The client of the queue."""
