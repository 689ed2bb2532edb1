"""Stop DMS while the disks below it are copied or put back, and resume it from the position that lies on them.

The engine keeps its position in the target's own tables, in the transaction of the rows that it is about: the disk of RDS
brings it back. So a stopped task, then both databases' disks in any order, belong together.
"""

from __future__ import annotations

from typing import Any

from rehearsal.checkpoint.context import CheckpointContext, Json, wait_until
from rehearsal.dms.control import send_command
from rehearsal.errors import RehearsalError

STOP_SECONDS = 60.0
RUN_SECONDS = 60.0
LATENCY_SECONDS = 1.0
_VALID = ("Validated", "Not enabled", "No primary key")


def stop(context: CheckpointContext) -> list[str]:
    """Stop the running tasks, with all that the source has committed applied. Return their ARNs."""
    client, found = context.make_client("dms"), _list_tasks(context)
    if unclear := [
        one["ReplicationTaskIdentifier"] for one in found if one["Status"] not in ("ready", "running", "stopped")
    ]:
        raise RehearsalError(f"the replication task {', '.join(unclear)} is neither running nor at rest.")
    running = [one["ReplicationTaskArn"] for one in found if one["Status"] == "running"]
    for arn in running:
        client.stop_replication_task(ReplicationTaskArn=arn)
    wait_until(lambda: _find_other_than(context, running, "stopped"), "the stop of the replication", STOP_SECONDS)
    return running


def halt(context: CheckpointContext) -> None:
    """End every task's engine at once, whatever it does: its servers are about to lose their power."""
    for task in _list_tasks(context):
        response = _send_command(context, {"order": "halt", "task": task["ReplicationTaskArn"]})
        if not response["ok"]:
            raise RehearsalError(f"DMS refuses to halt {task['ReplicationTaskIdentifier']}: {response['reason']}")


def resume(context: CheckpointContext, running: list[str]) -> None:
    """Start these tasks. Return when they follow their source without a delay, and have validated all their tables again."""
    client = context.make_client("dms")
    for arn in running:
        client.start_replication_task(ReplicationTaskArn=arn, StartReplicationTaskType="resume-processing")
    wait_until(lambda: _find_other_than(context, running, "running"), "the start of the replication", RUN_SECONDS)
    wait_until(lambda: _find_behind(context, running), "a replication without delay", RUN_SECONDS)
    wait_until(lambda: _find_unproven(client, running), "the validation of all tables", RUN_SECONDS)


def _find_other_than(context: CheckpointContext, tasks: list[str], status: str) -> str:
    found = [one for one in _list_tasks(context) if one["ReplicationTaskArn"] in tasks]
    if failed := [one for one in found if one["Status"] == "failed" and status != "failed"]:
        raise RehearsalError(
            f"{failed[0]['ReplicationTaskIdentifier']} has failed: {failed[0].get('LastFailureMessage')}"
        )
    return ", ".join(
        f"{one['ReplicationTaskIdentifier']} is {one['Status']}" for one in found if one["Status"] != status
    )


def _find_behind(context: CheckpointContext, tasks: list[str]) -> str:
    for one in _send_command(context, {"order": "status"})["tasks"]:
        latency = one["latency_target"]
        if one["arn"] in tasks and (latency is None or latency > LATENCY_SECONDS):
            return f"{one['task']} is {'starting' if latency is None else f'{latency:.1f} s behind'}"
    return ""


def _find_unproven(client: Any, tasks: list[str]) -> str:
    for arn in tasks:
        pages = client.get_paginator("describe_table_statistics").paginate(ReplicationTaskArn=arn)
        tables = [table for page in pages for table in page["TableStatistics"]]
        waiting = [
            one for one in tables if one["TableState"] != "Table completed" or one["ValidationState"] not in _VALID
        ]
        if waiting or not tables:
            return f"{waiting[0]['TableName']} is {waiting[0]['ValidationState']}" if waiting else "no tables yet"
    return ""


def _list_tasks(context: CheckpointContext) -> list[Json]:
    pages = context.make_client("dms").get_paginator("describe_replication_tasks").paginate(WithoutSettings=True)
    return [task for page in pages for task in page["ReplicationTasks"]]


def _send_command(context: CheckpointContext, message: Json) -> Json:
    try:
        return send_command(context.settings.home / "dms", message)
    except OSError as error:
        raise RehearsalError(f"no DMS listens in this world: {error.strerror}.") from None
