"""Executions of the procedure's state machines. An execution has its run's id as name: starting a run twice starts it once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from common.clients.aws import get_error_code, translate_aws_errors
from common.errors import StepFailed

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


@dataclass(frozen=True, kw_only=True)
class Execution:
    """The state of an execution."""

    status: str
    """RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED"""
    output: Mapping[str, Any]
    cause: str
    given: Mapping[str, Any] = field(default_factory=dict)
    """its input"""

    @property
    def running(self) -> bool:
        """Return whether the execution goes on."""
        return self.status in ("RUNNING", "PENDING_REDRIVE")


class Executions:
    """The executions of one state machine."""

    def __init__(self, states: SFNClient, state_machine_arn: str) -> None:
        self._states, self._machine = states, state_machine_arn

    def start(self, name: str, given: Mapping[str, Any]) -> None:
        """Start an execution. Harmless to repeat."""
        try:
            with translate_aws_errors("states:StartExecution"):
                self._states.start_execution(stateMachineArn=self._machine, name=name, input=json.dumps(given))
        except StepFailed as failed:
            if not (
                isinstance(failed.__cause__, ClientError)
                and get_error_code(failed.__cause__) == "ExecutionAlreadyExists"
            ):
                raise

    def describe(self, name: str) -> Execution | None:
        """Return the execution of this name, None when there is none (any more: history is kept for 90 days)."""
        try:
            with translate_aws_errors("states:DescribeExecution"):
                raw = self._states.describe_execution(executionArn=self.build_execution_arn(name))
        except StepFailed as failed:
            if (
                isinstance(failed.__cause__, ClientError)
                and get_error_code(failed.__cause__) == "ExecutionDoesNotExist"
            ):
                return None
            raise
        output = json.loads(raw.get("output") or "{}") if raw["status"] == "SUCCEEDED" else {}
        given = json.loads(raw.get("input") or "{}")
        return Execution(status=raw["status"], output=output, cause=raw.get("cause", ""), given=given)

    def build_execution_arn(self, name: str) -> str:
        """Return the ARN of the execution of this name."""
        return f"{self._machine.replace(':stateMachine:', ':execution:')}:{name}"
