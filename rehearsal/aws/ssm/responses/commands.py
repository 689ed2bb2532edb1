"""Format commands and invocations as the API of Systems Manager returns them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rehearsal.aws.ssm.models import STDERR_LIMIT, STDOUT_LIMIT, TERMINAL, Command, Invocation, Status, now

PLUGIN = "aws:runShellScript"
_OUTPUT_LIMIT = 2500
"""characters that ListCommandInvocations returns"""


def format_invocation_result(command: Command, invocation: Invocation) -> dict[str, Any]:
    """Return one invocation as GetCommandInvocation returns it."""
    elapsed = ((invocation.ended or now()) - (invocation.started or now())).total_seconds()
    return {
        "CommandId": command.id,
        "InstanceId": invocation.instance_id,
        "Comment": command.comment,
        "DocumentName": command.document,
        "DocumentVersion": "$DEFAULT",
        "PluginName": PLUGIN,
        "ResponseCode": invocation.code,
        "ExecutionStartDateTime": _format_time(invocation.started),
        "ExecutionEndDateTime": _format_time(invocation.ended),
        "ExecutionElapsedTime": f"PT{elapsed:.3f}S" if invocation.started else "",
        "Status": invocation.status,
        "StatusDetails": invocation.details,
        "StandardOutputContent": invocation.stdout[:STDOUT_LIMIT],
        "StandardErrorContent": invocation.stderr[:STDERR_LIMIT],
        "StandardOutputUrl": "",
        "StandardErrorUrl": "",
    }


def _format_time(value: datetime | None) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z" if value else ""


def _combine_status(command: Command) -> Status:
    states = {invocation.status for invocation in command.invocations.values()}
    if not states <= TERMINAL:
        return "InProgress"
    order: tuple[Status, ...] = ("Failed", "TimedOut", "Undeliverable", "Cancelled")
    return next((state for state in order if state in states), "Success")


def format_command(command: Command) -> dict[str, Any]:
    """Return a command as SendCommand and ListCommands return it."""
    invocations = command.invocations.values()
    return {
        "CommandId": command.id,
        "DocumentName": command.document,
        "DocumentVersion": "$DEFAULT",
        "Comment": command.comment,
        "Parameters": dict(command.parameters),
        "InstanceIds": list(command.invocations),
        "RequestedDateTime": command.requested,
        "Status": _combine_status(command),
        "StatusDetails": _combine_status(command),
        "TargetCount": len(invocations),
        "CompletedCount": sum(invocation.status in TERMINAL for invocation in invocations),
        "ErrorCount": sum(invocation.status in TERMINAL - {"Success"} for invocation in invocations),
        "TimeoutSeconds": command.delivery_seconds,
    }


def format_invocation(command: Command, invocation: Invocation, *, details: bool) -> dict[str, Any]:
    """Return an invocation as ListCommandInvocations returns it."""
    plugin = {
        "Name": PLUGIN,
        "Status": invocation.status,
        "StatusDetails": invocation.details,
        "ResponseCode": invocation.code,
        "Output": (invocation.stdout + invocation.stderr)[:_OUTPUT_LIMIT],
    }
    return {
        "CommandId": command.id,
        "InstanceId": invocation.instance_id,
        "Comment": command.comment,
        "DocumentName": command.document,
        "RequestedDateTime": command.requested,
        "Status": invocation.status,
        "StatusDetails": invocation.details,
        "CommandPlugins": [plugin] if details else [],
    }
