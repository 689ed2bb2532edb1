"""Save the logs of a launched machine in the evidence before the machine is removed. Best effort, with a time limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.clients.machines import unpack
from common.errors import CutoverError

from procedure.context import Context
from procedure.outcome import Done, Outcome, Pending
from procedure.plan import ALL
from procedure.state.commands import Command
from procedure.steps.requests import collect_requests

MAX_COLLECT_SECONDS = 15
"""for the results of all machines together"""
TARGET_PHASES = frozenset({ALL[name].phase for name in ("accept-scratch", "activate", "accept-live")})
REPLICA_PHASES = frozenset({ALL[name].phase for name in ("launch", "await-report", "await-bulk", "await-image")})


def collect_logs(context: Context) -> Outcome:
    """Write `logs-<instance>.txt` for the replica, and for the targets when one of them failed; and the counts of the source's proxy."""
    if context.run.dry_run:
        return Done({"logs": "dry run: not collected"})
    logs = context.state.logs
    if logs.machines is None:
        logs.machines = _list_machines(context)
    machines = logs.machines
    logs_by_machine = {machine: _read_logs(context, machine) for machine in machines}
    requests = collect_requests(context)
    if None in logs_by_machine.values() and context.clock.now() - context.began < MAX_COLLECT_SECONDS:
        return Pending("the logs of the launched machines", machine=machines[0])
    if requests is None:  # has a time limit of its own
        return Pending("the counts of the source's proxy")
    failed: dict[str, str] = {}
    for machine, text in logs_by_machine.items():
        try:
            logs.written[machine] = context.evidence.write_text(
                f"logs-{machine}", _format_document(context, machine, text)
            )
        except CutoverError as error:
            failed[machine] = error.reason
    facts = {"logs": logs.written, "not_written": failed} if machines else {"logs": "no machine was launched"}
    return Done({**facts, **requests})


def add_logs_key(context: Context, failure: Mapping[str, str]) -> dict[str, str]:
    """Return the failure with the object of the evidence that holds the logs of its machine, if there is one."""
    logs = context.state.logs
    key = logs.written.get(failure.get("machine", ""))
    if key is None and failure.get("phase") in REPLICA_PHASES:
        key = next((logs.written[one] for one in logs.machines or [] if one in logs.written), None)
    return {**failure, "logs": key} if key else dict(failure)


def _list_machines(context: Context) -> list[str]:
    """Return the machines whose logs are collected, the replica first. Works without the state of the run; skips unreachable services."""
    found = [context.state.replica.instance_id or context.record.report_by or _find_launched_instance(context)]
    failure = context.state.rollback.failure
    members = _list_members(context)
    if failure.get("machine") in members or failure.get("phase") in TARGET_PHASES:
        found += members
    return list(dict.fromkeys(str(one) for one in found if one))


def _find_launched_instance(context: Context) -> str:
    if not context.record.expected_report or not context.record.source_server_id:
        return ""
    try:
        return context.tools.provider.find_launched_instance(context.record.source_server_id)
    except CutoverError:
        return ""


def _list_members(context: Context) -> list[str]:
    if context.run.kind != "cutover":
        return []
    try:
        group = context.target.auto_scaling_group
        return [member.instance_id for member in context.tools.create_members(group).list_members()] if group else []
    except CutoverError:
        return []


def _read_logs(context: Context, machine: str) -> str | None:
    """Return the machine's logs, or why there are none; None while it works."""
    known = context.state.logs.missing
    if machine in known:
        return known[machine]
    try:
        result = context.commands.poll(Command.COLLECT_LOGS, machine, limit=MAX_COLLECT_SECONDS)
        return None if result is None else _unpack(result)
    except CutoverError as error:  # no second command to a machine that does not respond
        known[machine] = f"The machine returned no logs: {error.reason}\n"
        return known[machine]


def _unpack(result: dict[str, Any]) -> str:
    try:
        return unpack(str(result.get("logs", "")))
    except ValueError as error:
        return f"The machine's logs cannot be read: {error}\n"


def _format_document(context: Context, machine: str, text: str | None) -> str:
    try:
        console = context.tools.consoles.read(machine) or "EC2 has none yet"
    except CutoverError as error:
        console = f"cannot be read: {error.reason}"
    logs = text if text is not None else f"The machine did not answer within {MAX_COLLECT_SECONDS} s.\n"
    return f"{machine}, run {context.run.run_id}, collected {context.format_now()}\n\n{logs}\n==== console output (EC2)\n{console.rstrip()}\n"
