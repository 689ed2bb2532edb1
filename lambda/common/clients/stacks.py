"""Update a CloudFormation stack with its own template, so that it reads its parameters of Parameter Store again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from common.clients.aws import get_error_code, translate_aws_errors
from common.errors import Missing, StepFailed

NO_CHANGE = "No updates are to be performed"
IN_PROGRESS = "_IN_PROGRESS"
UPDATE_RUNS = re.compile(r"is in UPDATE_\w*IN_PROGRESS state")
TOKEN_USED = "TokenAlreadyExistsException"


@dataclass(frozen=True, kw_only=True)
class StackState:
    """The state of a stack. `outputs` are those of its last complete operation."""

    name: str
    status: str
    outputs: Mapping[str, str]

    @property
    def is_in_progress(self) -> bool:
        """Return whether an operation still runs."""
        return self.status.endswith(IN_PROGRESS)


class Stacks:
    """CloudFormation, for one region."""

    def __init__(self, cloudformation: Any) -> None:
        """`cloudformation`: the boto3 client, whose type package is not among the requirements."""
        self._cloudformation = cloudformation

    def read(self, name: str) -> StackState:
        """Return the state of a stack. Raises Missing when there is no such stack."""
        try:
            with translate_aws_errors("cloudformation:DescribeStacks"):
                raw = self._cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        except StepFailed as failed:
            if _is_validation_error(failed, "does not exist"):
                raise Missing(f"stack {name} does not exist", next_action=f"deploy {name}") from failed
            raise
        return StackState(
            name=name,
            status=raw["StackStatus"],
            outputs={one["OutputKey"]: one["OutputValue"] for one in raw.get("Outputs", [])},
        )

    def find_failure(self, name: str, token: str) -> str | None:
        """Return the first failure of the operation with this token, empty if it had none; None when there was no such operation.

        Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackEvent.html
        """
        pages = self._cloudformation.get_paginator("describe_stack_events").paginate(StackName=name)
        with translate_aws_errors("cloudformation:DescribeStackEvents"):
            events = [one for page in pages for one in page["StackEvents"] if one.get("ClientRequestToken") == token]
        if not events:
            return None
        failed = [one for one in events if one.get("ResourceStatus", "").endswith("_FAILED")]
        if not failed:
            return ""
        first = failed[-1]  # the newest is first
        return f"{first['LogicalResourceId']}: {first.get('ResourceStatusReason') or 'no reason given'}"

    def update(self, name: str, *, token: str) -> bool:
        """Update a stack with the template, the parameters and the role that it has. Return whether anything changes.

        True also when an update runs already. It can be this one: the response to its first request was lost.

        CloudFormation reads the values of Parameter Store again at each update, also those of parameters with
        `UsePreviousValue` (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html).
        `token`: names the operation in the events of the stack.
        """
        with translate_aws_errors("cloudformation:DescribeStacks"):
            raw = self._cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        keys = [one["ParameterKey"] for one in raw.get("Parameters", [])]
        try:
            with translate_aws_errors("cloudformation:UpdateStack"):
                self._cloudformation.update_stack(
                    StackName=name,
                    UsePreviousTemplate=True,
                    Parameters=[{"ParameterKey": key, "UsePreviousValue": True} for key in keys],
                    ClientRequestToken=token,
                )
        except StepFailed as failed:
            if _is_validation_error(failed, NO_CHANGE):
                return False
            if not _is_update_running(failed):
                raise
        return True


def _is_update_running(failed: StepFailed) -> bool:
    cause = failed.__cause__
    if isinstance(cause, ClientError) and get_error_code(cause) == TOKEN_USED:
        return True
    return _is_validation_error(failed, "") and UPDATE_RUNS.search(failed.reason) is not None


def _is_validation_error(failed: StepFailed, text: str) -> bool:
    cause = failed.__cause__
    return isinstance(cause, ClientError) and get_error_code(cause) == "ValidationError" and text in failed.reason
