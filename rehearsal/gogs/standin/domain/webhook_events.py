"""Which events a webhook wants, as the JSON of its column `events` says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EVENTS = ("create", "delete", "fork", "push", "issues", "pull_request", "issue_comment", "release")


def described(wanted: list[str]) -> dict[str, Any]:
    """The column's content for these events."""
    events = {event: event in wanted for event in EVENTS}
    return {"push_only": False, "send_everything": False, "choose_events": True, "events": events}


def chosen(column: Mapping[str, Any]) -> list[str]:
    """The events that it wants."""
    if column.get("send_everything"):
        return list(EVENTS)
    if column.get("push_only"):
        return ["push"]
    events = column.get("events", {})
    return [event for event in EVENTS if column.get("choose_events") and events.get(event)]
