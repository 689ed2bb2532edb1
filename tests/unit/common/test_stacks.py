"""The update of a stack with its own template, and the number of servers of a group, against responses in the form of AWS."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from common.clients.autoscaling import GroupCapacity
from common.clients.stacks import Stacks
from common.errors import Missing, StepFailed


class CloudFormation:
    def __init__(
        self, *, refusal: str = "", code: str = "ValidationError", events: list[dict[str, str]] | None = None
    ) -> None:
        self.refusal, self.code, self.events, self.updates = refusal, code, events or [], list[dict[str, Any]]()

    def describe_stacks(self, StackName: str) -> Any:  # noqa: N803
        if StackName == "gone":
            raise refuse(f"Stack with id {StackName} does not exist")
        return {
            "Stacks": [
                {
                    "StackStatus": "UPDATE_COMPLETE",
                    "Parameters": [
                        {"ParameterKey": "Image", "ParameterValue": "/cutover/gogs/image", "ResolvedValue": "ami-1"}
                    ],
                    "Outputs": [{"OutputKey": "ServersImage", "OutputValue": "ami-1"}],
                }
            ]
        }

    def update_stack(self, **request: Any) -> None:
        if self.refusal:
            raise refuse(self.refusal, self.code)
        self.updates.append(request)

    def get_paginator(self, _name: str) -> CloudFormation:
        return self

    def paginate(self, **_request: str) -> list[dict[str, Any]]:
        return [{"StackEvents": self.events[:1]}, {"StackEvents": self.events[1:]}]


def refuse(message: str, code: str = "ValidationError") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "UpdateStack")


def test_an_update_keeps_the_template_and_reads_the_parameters_again() -> None:
    client = CloudFormation()
    assert Stacks(client).update("ServersStack", token="t-1") is True
    assert client.updates == [
        {
            "StackName": "ServersStack",
            "UsePreviousTemplate": True,
            "Parameters": [{"ParameterKey": "Image", "UsePreviousValue": True}],
            "ClientRequestToken": "t-1",
        }
    ]


def test_an_update_that_changes_nothing_is_no_failure() -> None:
    assert Stacks(CloudFormation(refusal="No updates are to be performed.")).update("s", token="t") is False


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ValidationError", "Stack:arn:aws:cloudformation:us-east-1:111122223333:stack/s/1 is in UPDATE_IN_PROGRESS state and can not be updated."),
        ("ValidationError", "Stack:arn:aws:cloudformation:us-east-1:111122223333:stack/s/1 is in UPDATE_COMPLETE_CLEANUP_IN_PROGRESS state and can not be updated."),
        ("TokenAlreadyExistsException", "Stack s has an operation with this token"),
    ],
)  # fmt: skip
def test_a_repeated_update_whose_first_response_was_lost_is_no_failure(code: str, message: str) -> None:
    client = CloudFormation(refusal=message, code=code)
    assert Stacks(client).update("s", token="t") is True


def test_another_refusal_is_a_failure() -> None:
    with pytest.raises(StepFailed, match="cannot be updated"):
        Stacks(CloudFormation(refusal="Stack is in DELETE_IN_PROGRESS state and cannot be updated")).update(
            "s", token="t"
        )


def test_a_missing_stack_is_named() -> None:
    with pytest.raises(Missing, match="stack gone does not exist"):
        Stacks(CloudFormation()).read("gone")


def test_the_first_failure_of_this_operation_is_found() -> None:
    events = [
        {"ClientRequestToken": "t", "LogicalResourceId": "Stack", "ResourceStatus": "UPDATE_ROLLBACK_COMPLETE"},
        {
            "ClientRequestToken": "t",
            "LogicalResourceId": "Second",
            "ResourceStatus": "UPDATE_FAILED",
            "ResourceStatusReason": "cancelled",
        },
        {
            "ClientRequestToken": "t",
            "LogicalResourceId": "Group",
            "ResourceStatus": "UPDATE_FAILED",
            "ResourceStatusReason": "no capacity",
        },
        {"ClientRequestToken": "older", "LogicalResourceId": "X", "ResourceStatus": "UPDATE_FAILED"},
    ]
    stacks = Stacks(CloudFormation(events=events))
    assert stacks.find_failure("s", "t") == "Group: no capacity"
    assert stacks.find_failure("s", "never") is None


class AutoScaling:
    def __init__(self, desired: int, *states: str) -> None:
        instances = [{"LifecycleState": state} for state in states]
        self.groups = [{"DesiredCapacity": desired, "Instances": instances}]

    def describe_auto_scaling_groups(self, **_request: Any) -> Any:
        return {"AutoScalingGroups": self.groups}


@pytest.mark.parametrize(
    ("desired", "states", "reached"),
    [
        (2, ["InService", "InService"], True),
        (2, ["InService", "Pending"], False),
        (2, [], False),
        (0, [], True),
        (0, ["Terminating"], False),
    ],
)
def test_a_group_has_its_servers_when_all_are_in_service(desired: int, states: list[str], reached: bool) -> None:
    assert GroupCapacity(AutoScaling(desired, *states), "g").is_reached() is reached  # type: ignore[arg-type]
