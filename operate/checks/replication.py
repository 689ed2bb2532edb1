"""The replication of the rows: the task, its tables, and its lag."""

from __future__ import annotations

from common.clients.dms import DatabaseReplication
from procedure.logic.replication import evaluate

from operate.checks.clients import CheckClients
from operate.checks.finding import Finding, found_ok, found_problem

AREA = "replication"


def check_replication(site: CheckClients, *, now: float, limit: float) -> list[Finding]:
    """Return whether a run could begin with it. `limit`: most seconds that the target may be behind. StepFailed before ReplicationStack exists."""
    database = DatabaseReplication(
        site.get_client("dms"), site.replication.replication_task_arn, site.get_client("cloudwatch")
    )
    task, tables = database.read_task(), database.list_tables()
    verdict = evaluate(task, tables)
    found = [
        found_problem(AREA, reason, "read the replication task's log, then reload or restart the task")
        for reason in verdict.blocked
    ]
    found += [
        found_problem(AREA, reason, "wait: a run waits for it too, within its limit replication_wait")
        for reason in verdict.waiting
    ]
    found += [
        found_problem(AREA, reason, "a run reloads the table once; look at what writes to the target")
        for reason in verdict.differing.values()
    ]
    lag = database.read_lag(task, now=now)
    if lag is None:
        found.append(
            Finding(
                area=AREA,
                state="unchecked",
                what="the lag of the rows was not published in the last minutes",
                next_action="wait a minute, then check again",
            )
        )
    elif lag > limit:
        found.append(
            found_problem(
                AREA,
                f"the target is {lag:.0f} s behind, at most {limit:.0f} s are accepted",
                "wait until it has caught up, or give the DMS instance a larger class",
            )
        )
    return found or [found_ok(AREA, f"task {task.name} is {task.status}, {len(tables)} tables, {lag:.1f} s behind")]
