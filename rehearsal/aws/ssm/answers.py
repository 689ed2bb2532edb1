"""Commands, invocations and managed machines as the API of SSM shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rehearsal.aws.ec2.model import Instance
from rehearsal.aws.ssm.commands import STDERR_LIMIT, STDOUT_LIMIT, TERMINAL, Command, Invocation, Status, now

PLUGIN = "aws:runShellScript"
_OUTPUT_LIMIT = 2500
"""Characters that ListCommandInvocations answers."""


def get_invocation(command: Command, invocation: Invocation) -> dict[str, Any]:
    elapsed = ((invocation.ended or now()) - (invocation.started or now())).total_seconds()
    return {
        "CommandId": command.id,
        "InstanceId": invocation.instance_id,
        "Comment": command.comment,
        "DocumentName": command.document,
        "DocumentVersion": "$DEFAULT",
        "PluginName": PLUGIN,
        "ResponseCode": invocation.code,
        "ExecutionStartDateTime": _moment(invocation.started),
        "ExecutionEndDateTime": _moment(invocation.ended),
        "ExecutionElapsedTime": f"PT{elapsed:.3f}S" if invocation.started else "",
        "Status": invocation.status,
        "StatusDetails": invocation.details,
        "StandardOutputContent": invocation.stdout[:STDOUT_LIMIT],
        "StandardErrorContent": invocation.stderr[:STDERR_LIMIT],
        "StandardOutputUrl": "",
        "StandardErrorUrl": "",
    }


def information(instance: Instance, *, online: bool) -> dict[str, Any]:
    return {
        "InstanceId": instance.id,
        "PingStatus": "Online" if online else "ConnectionLost",
        "LastPingDateTime": now(),
        "AgentVersion": "3.3.0.0",
        "IsLatestVersion": True,
        "PlatformType": "Linux",
        "PlatformName": "Debian GNU/Linux",
        "PlatformVersion": "12",
        "ResourceType": "EC2Instance",
        "IPAddress": instance.endpoint.ip,
        "ComputerName": f"ip-{instance.endpoint.ip.replace('.', '-')}",
    }


def _moment(value: datetime | None) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z" if value else ""


def _together(command: Command) -> Status:
    states = {invocation.status for invocation in command.invocations.values()}
    if not states <= TERMINAL:
        return "InProgress"
    order: tuple[Status, ...] = ("Failed", "TimedOut", "Undeliverable", "Cancelled")
    return next((state for state in order if state in states), "Success")


def command_answer(command: Command) -> dict[str, Any]:
    invocations = command.invocations.values()
    return {
        "CommandId": command.id,
        "DocumentName": command.document,
        "DocumentVersion": "$DEFAULT",
        "Comment": command.comment,
        "Parameters": dict(command.parameters),
        "InstanceIds": list(command.invocations),
        "RequestedDateTime": command.requested,
        "Status": _together(command),
        "StatusDetails": _together(command),
        "TargetCount": len(invocations),
        "CompletedCount": sum(invocation.status in TERMINAL for invocation in invocations),
        "ErrorCount": sum(invocation.status in TERMINAL - {"Success"} for invocation in invocations),
        "TimeoutSeconds": command.delivery_seconds,
    }


def invocation_answer(command: Command, invocation: Invocation, *, details: bool) -> dict[str, Any]:
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
