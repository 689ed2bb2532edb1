"""Handle DescribeEvents: what happened to instances and tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rehearsal.aws.paging import cut_page
from rehearsal.dms.models import State, now
from rehearsal.dms.ports import Actions


class Events:
    """The events of DMS."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.actions: Actions = {"DescribeEvents": self.describe}

    def describe(
        self,
        source_identifier: str | None = None,
        source_type: str | None = None,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        duration: int | None = None,
        event_categories: Sequence[str] = (),
        max_records: int | None = None,
        marker: str | None = None,
    ) -> Mapping[str, Any]:
        """Return events, without times those of the last hour. `duration` is in minutes."""
        begin = start_time or now() - timedelta(minutes=duration or 60)
        with self._state.lock:
            found = [
                event
                for event in self._state.events
                if (source_identifier is None or event.source == source_identifier)
                and (source_type is None or event.kind == source_type)
                and begin <= event.date <= (end_time or now())
                and (not event_categories or set(event_categories) & set(event.categories))
            ]
        shown, token = cut_page(found, marker, max_records or 100)
        events = [
            {
                "SourceIdentifier": event.source,
                "SourceType": event.kind,
                "Message": event.message,
                "EventCategories": list(event.categories),
                "Date": event.date,
            }
            for event in shown
        ]
        return {"Events": events, **({"Marker": token} if token else {})}
