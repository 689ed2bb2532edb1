"""Give the go to a run that waits before its window, or take it back. The run record decides: one conditional write each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from common.clients.run_record import Record
from common.clients.runs import Runs
from common.clock import format_iso
from common.errors import StepFailed

LOOK = "look at it with `cutover status`"


class GoClients(Protocol):
    """The part of operate.site.Site that a go needs."""

    @property
    def runs(self) -> Runs: ...

    def read_record(self) -> Record: ...

    def read_caller(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What was written, or was there already. `by` is the ARN of the caller who wrote it."""

    run_id: str
    by: str
    sentence: str


def give_go(site: GoClients) -> Decided:
    """Let the run that waits begin its window. StepFailed when no run waits for it. Harmless to repeat."""
    record = site.read_record()
    if record.go_state != "given" or record.abort:
        _refuse_unless_waiting(record)
        by = site.read_caller()
        if site.runs.give_go(record.run_id, by=by):
            return Decided(
                run_id=record.run_id,
                by=by,
                sentence=f"run {record.run_id} has the go of {by}; its window begins as soon as the site is ready. `cutover hold` takes the go back until then",
            )
        record = site.read_record()
    if record.go_state == "given" and not record.abort:
        sentence = f"run {record.run_id} has had the go of {record.go_by} since {format_iso(record.go_at)}"
        return Decided(run_id=record.run_id, by=record.go_by, sentence=sentence)
    _refuse_unless_waiting(record)
    raise StepFailed(f"run {record.run_id} could not get the go", next_action=LOOK)


def hold(site: GoClients) -> Decided:
    """Take the go back. StepFailed when there is none, or when the window has begun."""
    record = site.read_record()
    if record.go_state == "given":
        by = site.read_caller()
        if site.runs.hold(record.run_id, by=by):
            return Decided(
                run_id=record.run_id,
                by=by,
                sentence=f"run {record.run_id} waits again for a go; the source serves",
            )
        record = site.read_record()
    _refuse_over(record)
    if record.go_state == "awaited":
        sentence = f"run {record.run_id} has no go: it waits, and the source serves"
        return Decided(run_id=record.run_id, by=record.go_by, sentence=sentence)
    if record.go_state == "begun":
        raise StepFailed(
            f"the window of run {record.run_id} has begun: a hold comes too late",
            next_action="`cutover rollback` stops the run until its commit",
        )
    raise StepFailed(
        f"run {record.run_id} ({record.kind}) has had no go in step {record.phase}",
        next_action='`cutover rollback` stops it; with `go = "manual"` in [cutover] of migration.toml a run waits for a go',
    )


def _refuse_unless_waiting(record: Record) -> None:
    """Raise StepFailed when the run does not wait for a go."""
    _refuse_over(record)
    if record.abort:
        raise StepFailed(
            f"run {record.run_id} is requested to stop ({record.abort}): it cannot get the go any more",
            next_action="deploy again when the source serves",
        )
    if record.go_state == "begun":
        raise StepFailed(f"the window of run {record.run_id} has begun already", next_action=LOOK)
    if record.go_state != "awaited":
        later = "wait until `cutover status` shows that it waits for the go" if record.kind == "cutover" else LOOK
        raise StepFailed(
            f"run {record.run_id} ({record.kind}) does not wait for a go: it is in step {record.phase}",
            next_action=f'{later}; a run waits only with `go = "manual"` in [cutover] of migration.toml',
        )


def _refuse_over(record: Record) -> None:
    """Raise StepFailed when no run holds the site, or when it is decided."""
    if not record.run_id or not record.lock_expires:
        raise StepFailed("no run holds the site", next_action="start one with: npx cdk deploy MigrationStack")
    if record.decision:
        what = "was committed" if record.committed else "rolls back"
        raise StepFailed(f"run {record.run_id} {what}: it needs no go", next_action=LOOK)
