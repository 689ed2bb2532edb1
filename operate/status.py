"""Read the status of a site: the run record, its execution, the evidence, and the lag of the replication.

The record is required. What else cannot be read is named in `unknown`, with the reason: somebody may have the right to look at the record alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, TypeVar

from common.clients.executions import Execution
from common.clients.run_record import Record
from common.clock import Clock, format_iso
from common.errors import CutoverError
from common.follow_up import StepFunctionsClient
from common.run import Kind
from common.settings import Limits

from operate.advice import describe_next, list_allowed
from operate.evidence import EvidenceReader, StepRecord
from operate.formatting import format_serving_side
from operate.progress import Phase, build_phases, get_kind, is_abandoned, list_steps, read_window_seconds

T = TypeVar("T")
NO_EXECUTION = "there is none (any more)"


class StatusClients(Protocol):
    """The part of operate.site.Site that a status needs."""

    @property
    def name(self) -> str: ...

    @property
    def evidence(self) -> EvidenceReader: ...

    def read_record(self) -> Record: ...

    def find_execution(self, run_id: str) -> tuple[StepFunctionsClient, Execution] | None: ...

    def read_lag(self) -> float | None: ...


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the settings say about a run."""

    limits: Limits
    has_gate: bool = False
    names_elsewhere: bool = False


@dataclass(frozen=True, kw_only=True)
class Status:
    """The status at one moment."""

    site: str
    at: float
    """epoch seconds"""
    record: Record
    execution: str
    """the state of its execution, or why it is not known"""
    phases: list[Phase] = field(default_factory=list)
    lag_seconds: float | None = None
    """of the rows; None: DMS has published none, or it is not known"""
    window_seconds: float | None = None
    """how long writes are held, or were held until the commit"""
    server_replication: dict[str, Any] = field(default_factory=dict)
    """what the provider reported in the preflight of this run"""
    next_step: str = ""
    allowed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        """Return whether a run holds the site, and goes on."""
        return bool(self.record.lock_expires) and not is_abandoned(self.record, now=self.at)

    @property
    def is_good(self) -> bool:
        """Return whether the run has not failed, does not roll back, and was not abandoned."""
        is_alone = is_abandoned(self.record, now=self.at) and not self.record.committed
        return self.record.decision in ("", "commit") and not self.record.abort and not is_alone

    def to_json(self) -> dict[str, Any]:
        """Return the status for programs. Times in ISO 8601, durations in seconds."""
        record = self.record
        return {
            "site": self.site,
            "at": format_iso(self.at),
            "run": {
                "id": record.run_id,
                "kind": record.kind,
                "phase": record.phase,
                "started": _format(record.started),
            },
            "running": self.is_running,
            "execution": self.execution,
            "decision": {"what": record.decision, "at": _format(record.decided_at)},
            "lock_until": _format(record.lock_expires),
            "frozen_until": _format(record.lease_expires),
            "serves": format_serving_side(record, self.at),
            "waiting_for": record.waiting_for if self.is_running else "",
            "go": {"state": record.go_state, "by": record.go_by, "at": _format(record.go_at)},
            "stop_requested": record.abort,
            "suspended": dict(record.suspended or {}),
            "phases": [asdict(phase) for phase in self.phases],
            "lag": {"rows_seconds": self.lag_seconds, "server": self.server_replication},
            "window_seconds": self.window_seconds,
            "next": self.next_step,
            "allowed": self.allowed,
            "unknown": self.unknown,
        }


class StatusReader:
    """Reads one status after another. What does not change during a run is read once."""

    def __init__(self, site: StatusClients, plan: Plan, clock: Clock) -> None:
        self._site, self._plan, self._clock = site, plan, clock
        self._last_runs: dict[tuple[Kind, str], str] = {}

    def read(self) -> Status:
        """Return the status now. Raises CutoverError when the record cannot be read."""
        site, record, unknown = self._site, self._site.read_record(), list[str]()
        now = self._clock.now()
        has_gate = self._plan.has_gate or bool(record.go_state)
        common: dict[str, Any] = {
            "site": site.name, "at": now, "record": record,
            "next_step": describe_next(record, has_gate=has_gate, now=now), "allowed": list_allowed(record, now=now), "unknown": unknown,
        }  # fmt: skip
        if not record.run_id:
            return Status(execution=NO_EXECUTION, **common)
        none: dict[str, StepRecord] = {}
        steps = self._try(lambda: site.evidence.read_steps(record.run_id), none, "times of the phases", unknown)
        last = self._try(lambda: self._read_last(record), none, "times of the last run", unknown)
        kind = get_kind(record)
        planned = list_steps(kind, has_gate=has_gate, names_elsewhere=self._plan.names_elsewhere)
        preflight = steps.get("preflight")
        lag = (
            self._try(site.read_lag, None, "lag of the rows", unknown)
            if record.lock_expires and not record.committed
            else None
        )
        return Status(
            execution=self._try(lambda: self._read_execution(record), "not known", "execution", unknown),
            phases=build_phases(planned, record, steps, last, self._plan.limits, now=now),
            lag_seconds=lag,
            window_seconds=read_window_seconds(record, steps, self._plan.limits, now=now)
            if kind == "cutover"
            else None,
            server_replication=dict((preflight.facts.get("machine") or {}) if preflight else {}),
            **common,
        )

    def _read_execution(self, record: Record) -> str:
        found = self._site.find_execution(record.run_id)
        return found[1].status if found else NO_EXECUTION

    def _read_last(self, record: Record) -> dict[str, StepRecord]:
        key = (get_kind(record), record.run_id)
        if key not in self._last_runs:
            self._last_runs[key] = self._site.evidence.find_last_run(key[0], without=record.run_id)
        run = self._last_runs[key]
        steps = self._site.evidence.read_steps(run) if run else {}
        return {name: one for name, one in steps.items() if one.is_measured}

    @staticmethod
    def _try(read: Callable[[], T], default: T, what: str, unknown: list[str]) -> T:
        try:
            return read()
        except CutoverError as error:
            unknown.append(f"{what}: {error.reason}")
            return default


def _format(moment: float) -> str:
    return format_iso(moment) if moment else ""
