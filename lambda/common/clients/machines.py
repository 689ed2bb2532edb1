"""Run commands on machines through Systems Manager. Each command is a verb of `cutover-site` (docs/reference.md): idempotent, its last line of output one JSON object."""

from __future__ import annotations

import base64
import json
import re
import shlex
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from common.clients.aws import get_error_code, translate_aws_errors
from common.clients.nodes import NodeProblem, Nodes
from common.errors import RetryableCommandError, StepFailed

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PROGRAM = "/opt/cutover/bin/cutover-site"
DELIVERY_SECONDS = 60
"""how long SSM tries to hand a command to a machine (the least it allows is 30)"""
LONGEST_OUTPUT = 24_000
"""characters of StandardOutputContent; Systems Manager cuts longer output"""
UNDELIVERED = frozenset(
    {"Undeliverable", "DeliveryTimedOut", "Delivery Timed Out", "InvalidPlatform", "AccessDenied", "Terminated"}
)
NOT_CONNECTED = NodeProblem(
    "the machine is not connected to Systems Manager",
    "check that it runs, its SSM agent and its way to the SSM endpoint, then deploy again",
)
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
UNFINISHED = frozenset({"Pending", "InProgress", "In Progress", "Delayed", "Cancelling"})


@dataclass(frozen=True, kw_only=True)
class CommandResult:
    """The result of a command. When `ok` is False, `facts` has `reason` and perhaps `next`."""

    ok: bool
    facts: Mapping[str, Any] = field(default_factory=dict)
    seconds: float | None = None
    """that the command took on the machine, as Systems Manager measured it; None: it did not"""


class Machines:
    """The client of Systems Manager's Run Command."""

    def __init__(self, ssm: SSMClient) -> None:
        self._ssm = ssm
        self._nodes = Nodes(ssm)

    def find_node_problem(self, instance_id: str) -> NodeProblem | None:
        """Return why no command can reach a hybrid node; None when it is online, and for an EC2 instance."""
        return self._nodes.find_problem(instance_id)

    def send(
        self, instance_id: str, verb: str, options: Mapping[str, str | int | bool], *, seconds: int, comment: str = ""
    ) -> str:
        """Start a verb. Return the command's id. `seconds` limits its time on the machine."""
        try:
            with translate_aws_errors("ssm:SendCommand", machine=instance_id):
                response = self._ssm.send_command(
                    InstanceIds=[instance_id],
                    DocumentName="AWS-RunShellScript",
                    Comment=comment[:100],
                    TimeoutSeconds=DELIVERY_SECONDS,
                    Parameters={"commands": [build_command_line(verb, options)], "executionTimeout": [str(seconds)]},
                )
        except StepFailed as failed:
            if isinstance(failed.__cause__, ClientError) and get_error_code(failed.__cause__) == "InvalidInstanceId":
                problem = self.find_node_problem(instance_id) or NOT_CONNECTED
                raise RetryableCommandError(
                    problem.reason, machine=instance_id, next_action=problem.next_action
                ) from failed
            raise
        return response["Command"]["CommandId"]

    def poll(self, command_id: str, instance_id: str, verb: str) -> CommandResult | None:
        """Return the result, None while the command runs. RetryableCommandError: it never reached the machine, send it again."""
        try:
            with translate_aws_errors("ssm:GetCommandInvocation", machine=instance_id):
                invocation = self._ssm.get_command_invocation(CommandId=command_id, InstanceId=instance_id)
        except StepFailed as failed:
            if (
                isinstance(failed.__cause__, ClientError)
                and get_error_code(failed.__cause__) == "InvocationDoesNotExist"
            ):
                return None  # SSM is eventually consistent
            raise
        detail = str(invocation.get("StatusDetails") or invocation["Status"])
        if invocation["Status"] in UNFINISHED:
            return None
        if detail in UNDELIVERED:
            problem = self.find_node_problem(instance_id) or NodeProblem("", "check its SSM agent, then deploy again")
            reason = f"{verb} did not reach the machine ({detail})"
            raise RetryableCommandError(
                f"{reason}: {problem.reason}" if problem.reason else reason,
                machine=instance_id,
                next_action=problem.next_action,
            )
        result = interpret(
            verb, detail, invocation.get("StandardOutputContent", ""), invocation.get("StandardErrorContent", "")
        )
        return replace(result, seconds=parse_duration(invocation.get("ExecutionElapsedTime", "")))


def parse_duration(text: str) -> float | None:
    """Return the seconds of a duration in ISO 8601, as GetCommandInvocation returns it: `PT1M2.5S`. None for another text."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        return None
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return 3600 * hours + 60 * minutes + seconds


def build_command_line(verb: str, options: Mapping[str, str | int | bool]) -> str:
    """Return the shell command of a verb. `True` is a flag; `False` and empty options are left out."""
    arguments = [PROGRAM, verb]
    for name, value in options.items():
        if value is True:
            arguments.append(f"--{name}")
        elif value is not False and value != "":
            arguments += [f"--{name}", str(value)]
    return shlex.join(arguments)


def unpack(packed: str) -> str:
    """Return the text that a machine has compressed because it was too long. Raises ValueError."""
    try:
        return zlib.decompress(base64.b64decode(packed)).decode(errors="replace")
    except zlib.error as error:
        raise ValueError(f"it cannot be unpacked: {error}") from error


def interpret(verb: str, status: str, output: str, errors: str) -> CommandResult:
    """Return the result in the last line of the output that is a JSON object with `ok`. Without such a line the command has failed."""
    for line in reversed(output.strip().splitlines()):
        try:
            facts = json.loads(line)
            if isinstance(facts, dict) and "packed" in facts:
                facts = json.loads(unpack(str(facts["packed"])))
        except ValueError:
            continue
        if isinstance(facts, dict) and isinstance(facts.get("ok"), bool):
            if facts["ok"] and status != "Success":
                return CommandResult(
                    ok=False, facts={**facts, "ok": False, "reason": f"{verb} reported ok, but ended as {status}"}
                )
            return CommandResult(ok=facts["ok"], facts=facts)
        break
    if len(output) >= LONGEST_OUTPUT:
        return CommandResult(
            ok=False,
            facts={
                "ok": False,
                "reason": f"{verb} wrote more than Systems Manager returns ({LONGEST_OUTPUT} characters)",
            },
        )
    output_tail = (errors.strip() or output.strip() or "no output")[-400:]
    return CommandResult(
        ok=False, facts={"ok": False, "reason": f"{verb} ended as {status} without a result: {output_tail}"}
    )
