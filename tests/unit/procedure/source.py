"""The source's two machines, with the product's own freeze state and its own dead man's switch, on a clock that tests own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3] / "assets/site"))

from common.clients.machines import CommandResult
from common.clock import Clock
from cutover_site.aws import permission
from cutover_site.aws.run_record import RunRecord, RunRecordUnreachable
from cutover_site.errors import Refused
from cutover_site.freeze.dead_man import choose_action
from cutover_site.freeze.state import FreezeState

from tests.unit.procedure.dynamo import FakeDynamo

TIMER_SECONDS = 10.0
"""cutover-lease.timer of a frozen machine"""


class FakeSource:
    """It reads the same record as the procedure, but not through the procedure's connection: a fault of one is none of the other."""

    def __init__(self, record: FakeDynamo, clock: Clock, changed: Callable[[str], None]) -> None:
        own = FakeDynamo()
        own.items = record.items
        self.record = RunRecord(own, "runs", "gogs")  # type: ignore[arg-type]  # as much of it as is used
        self._clock, self._changed = clock, changed
        self.app, self.database = FreezeState(), FreezeState()
        self.thawed: set[str] = set()
        """runs that have frozen it and whose freeze has ended"""
        self._markers: set[str] = set()
        self._next_look = 0.0
        self.can_report = True
        """False: its way to the run record fails after the freeze"""

    @property
    def accepts_writes(self) -> bool:
        return self.app.name == "open" and self.database.name == "open"

    def identify(self, role: str) -> dict[str, Any]:
        """What the machine's tool reports about the machine itself in `check`."""
        return {"role": f"source-{role}"}

    def do(self, role: str, verb: str, options: Mapping[str, Any]) -> CommandResult | None:
        """What the machine returns for a verb that changes what it accepts; None for every other verb."""
        change = {
            ("app", "freeze"): self._freeze,
            ("app", "renew"): self._renew,
            ("app", "thaw"): self._thaw,
            ("app", "forward"): self._forward,
            ("database", "freeze-database"): self._freeze_database,
            ("database", "thaw"): self._thaw_database,
        }.get((role, verb))
        if change is None:
            return None
        try:
            change(options)
        except Refused as refused:
            return CommandResult(ok=False, facts={"ok": False, "reason": str(refused), "next": refused.next_action})
        self._changed(f"{verb} of the {role}")
        return CommandResult(ok=True, facts={"ok": True})

    # -- the dead man's switch ---------------------------------------------------------------------------------------

    def due(self, until: float) -> float | None:
        """When its timer fires next, None when not before `until`."""
        if self.app.name != "frozen" and self.database.name != "frozen":
            return None
        return self._next_look if self._next_look <= until else None

    def ring(self) -> None:
        now = self._clock.now()
        self._next_look = now + TIMER_SECONDS
        try:
            if (
                self.app.is_expired(now)
                and choose_action(self.app, self.record.decide_thaw(self.app.run)).action == "thaw"
            ):
                self._thaw({"run": self.app.run})
        except (Refused, RunRecordUnreachable):
            pass  # the timer fires again
        try:
            if self.database.name == "frozen" and choose_action(self.database, self.record.read()).action == "thaw":
                self._thaw_database({"run": self.database.run})
        except RunRecordUnreachable:
            pass
        self._changed("the source's switch")

    # -- verbs -----------------------------------------------------------------------------------------------------

    def _freeze(self, options: Mapping[str, Any]) -> None:
        permission.require_undecided(self.record, options["run"])
        self.app = self.app.freeze(options["run"], self._clock.now() + options["lease"])
        self._next_look = self._clock.now() + TIMER_SECONDS
        if self.can_report:
            self.record.report_held(options["run"])

    def _renew(self, options: Mapping[str, Any]) -> None:
        self.app = self.app.renew(options["run"], self._clock.now() + options["lease"])

    def _thaw(self, options: Mapping[str, Any]) -> None:
        after = self.app.thaw(options["run"])
        if self.app.name != "open" and self.database.name != "open":
            raise Refused("the source's database is still read-only", next_action="thaw the database server first")
        self.thawed |= {self.app.run} - {""}
        self.app = after

    def _forward(self, options: Mapping[str, Any]) -> None:
        self.app = self.app.forward(options["run"])

    def _freeze_database(self, options: Mapping[str, Any]) -> None:
        run = str(options["run"])
        permission.require_undecided(self.record, run)
        if self.database.name == "open" and run in self._markers:
            raise Refused(f"run {run} has frozen and thawed this database before: its marker proves nothing any more")
        self.database = self.database.freeze(run, 0.0)
        self._markers.add(run)
        self._next_look = self._clock.now() + TIMER_SECONDS

    def _thaw_database(self, options: Mapping[str, Any]) -> None:
        after = self.database.thaw(options["run"])
        self.thawed |= {self.database.run} - {""}
        self.database = after
