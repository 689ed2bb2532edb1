"""Stop the run that holds the site, and wait until the source serves. CloudFormation does the same when it deletes the resource."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from common.clients.executions import Execution
from common.clients.run_record import Record
from common.clock import Clock, format_iso
from common.errors import Retryable, StepFailed
from common.follow_up import FollowUp, StepFunctionsClient

from operate.suspended import RemovalClients, remove_suspended

POLL_SECONDS = 2.0
LONGEST_SECONDS = 3600
REASON = "stopped by the operator"
LOOK = "look at it with `cutover status`, then run this command again"


class RollbackClients(RemovalClients, Protocol):
    """The part of operate.site.Site that a roll back needs."""

    def find_execution(self, run_id: str) -> tuple[StepFunctionsClient, Execution] | None: ...


class DeduplicatingPrinter:
    """Print each sentence once, although the state is read every two seconds."""

    def __init__(self, print_line: Callable[[str], None]) -> None:
        self._print_line, self._printed = print_line, set[str]()

    def __call__(self, sentence: str, *, at: float | None = None) -> None:
        """Print the sentence, unless it was printed before. `at`: the moment (epoch seconds), where it matters."""
        if sentence not in self._printed:
            self._printed.add(sentence)
            self._print_line(sentence if at is None else f"{format_iso(at)}  {sentence}")


def roll_back(
    site: RollbackClients, clock: Clock, print_line: Callable[[str], None], *, seconds: float = LONGEST_SECONDS
) -> None:
    """Roll the run back, and return when no run holds the site and its source accepts writes. StepFailed otherwise.

    Refused after the commit. Harmless to repeat and to interrupt: the roll back goes on by itself.
    """
    report = DeduplicatingPrinter(print_line)
    record = _refuse_committed(site.read_record())
    if not record.lock_expires:
        _conclude(site, record, clock.now(), report)
        return
    run_id, deadline, phase = record.run_id, clock.now() + seconds, ""
    report(f"run {run_id} ({record.kind}) is requested to stop")
    while clock.now() < deadline:
        try:
            record = _refuse_committed(site.read_record())
            if record.run_id != run_id or not record.lock_expires:
                _conclude(site, record, clock.now(), report)
                return
            if record.phase != phase:
                phase = record.phase
                report(phase, at=clock.now())
            _stop_or_follow_up(site, record, report)
        except Retryable as error:
            report(f"will look again: {error.reason}", at=clock.now())
        clock.sleep(POLL_SECONDS)
    raise StepFailed(f"run {run_id} still holds the site after {seconds:.0f} s, in step {phase}", next_action=LOOK)


def _stop_or_follow_up(site: RollbackClients, record: Record, report: DeduplicatingPrinter) -> None:
    """Request that a running execution stops; start a follow-up for an interrupted run."""
    found = site.find_execution(record.run_id)
    if found is None:
        raise StepFailed(
            f"run {record.run_id} holds the site, but there is no execution of it: its stack is gone",
            next_action=f"the lock ends by itself at {format_iso(record.lock_expires)}, a freeze at its lease",
        )
    executions, execution = found
    if execution.running:
        if not record.abort and not record.decision:
            site.runs.request_abort(record.run_id, REASON)
        return
    follow_up = FollowUp(runs=site.runs, executions=executions)
    if follow_up.find_interrupted(record.run_id) is not None and not follow_up.is_settled(
        _build_run(record, execution)
    ):
        report(f"its execution ended as {execution.status}: an execution of its own rolls it back")


def _build_run(record: Record, execution: Execution) -> dict[str, Any]:
    """Return the input of the run; where its history is gone, the part that its name and record show."""
    given: Mapping[str, Any] = execution.given.get("run") or {}
    plain = {"run_id": record.run_id, "kind": record.kind, "cutover_id": record.run_id.rsplit("-", 2)[0], "target": {}}
    return {**plain, **{key: given[key] for key in plain if key in given}}


def _refuse_committed(record: Record) -> Record:
    if record.committed:
        raise StepFailed(
            f"run {record.run_id} was committed at {format_iso(record.decided_at)}: the site is on the target, and opening the source "
            "would make two sites that take writes",
            next_action="there is no way back by software; see the runbook, After a successful migration",
        )
    return record


def _conclude(site: RollbackClients, record: Record, now: float, report: DeduplicatingPrinter) -> None:
    """Report the end of the roll back. A suspended run is over too, so its replica is removed."""
    if record.suspension is not None and not record.lock_expires:
        remove_suspended(site, report)
    if now < record.source_opens_by:
        latest = format_iso(record.source_opens_by)
        raise StepFailed(
            f"run {record.run_id} is over, but its source could not be opened; it opens by itself at {latest} at the latest",
            next_action="look at the source's machines; `cutover-site thaw` opens them by hand (runbook)",
        )
    held = f"run {record.run_id} holds the site now" if record.lock_expires else "no run holds the site"
    report(f"{held}; the source serves")
