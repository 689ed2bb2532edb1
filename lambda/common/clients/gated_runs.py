"""Writes of the run record that concern the go before the window."""

from __future__ import annotations

from boto3.dynamodb.conditions import Attr

from common.clients.run_conditions import HELD, MAY_GO, UNDECIDED, is_of
from common.clients.run_item import RunItem
from common.clients.run_record import Attributes


class GatedRuns(RunItem):
    """A part of common.clients.runs.Runs."""

    def request_go(self, run_id: str) -> None:
        """Show that the run is ready and waits for the go. Harmless to repeat: a go that was given stays."""
        self._write({"go_state": "awaited"}, is_of(run_id) & HELD & MAY_GO & Attr("go_state").not_exists())

    def give_go(self, run_id: str, *, by: str) -> bool:
        """Give the go, in the name of `by`. False unless this run waits for it, undecided and not requested to stop."""
        values: Attributes = {"go_state": "given", "go_by": by, "go_at": self._clock.now()}
        return self._write(values, is_of(run_id) & HELD & MAY_GO & Attr("go_state").eq("awaited")) is not None

    def hold(self, run_id: str, *, by: str) -> bool:
        """Take the go back. False when it was not given, or when the window has begun."""
        values: Attributes = {"go_state": "awaited", "go_by": by, "go_at": self._clock.now()}
        return self._write(values, is_of(run_id) & HELD & UNDECIDED & Attr("go_state").eq("given")) is not None

    def begin_window(self, run_id: str, *, needs_go: bool) -> bool:
        """Begin the window: from now on no hold is accepted. False when the go is missing (`needs_go`) or the run must stop. Harmless to repeat."""
        permitted = Attr("go_state").eq("given") if needs_go else Attr("go_state").not_exists()
        condition = is_of(run_id) & HELD & MAY_GO & (permitted | Attr("go_state").eq("begun"))
        return self._write({"go_state": "begun"}, condition) is not None
