"""The command as it is typed, against an AWS: it finds the state machine of a stack, and the run in it."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from common.clients.runs import Runs

from tests.unit.operate.test_cli import operate
from tests.unit.state_machines.conftest import emulator
from tests.waiting import wait_until

__all__ = ["emulator"]
RUN, TABLE = "first-c-0123456789", "cutover-gogs-runs"
ROLE = "arn:aws:iam::000000000000:role/x"
ENDS = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "RunFailed", "Cause": "{}"}}}
TEMPLATE = {
    "Resources": {
        "Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"RoleArn": ROLE, "DefinitionString": json.dumps(ENDS)},
        }
    }
}


@pytest.fixture
def held(emulator: str) -> str:
    """A site that a run holds whose execution has failed."""
    keys = {
        "aws_access_key_id": "t",
        "aws_secret_access_key": "t",
        "region_name": "us-east-1",
        "endpoint_url": emulator,
    }

    def client(service: str) -> Any:
        return boto3.client(service, **keys)  # type: ignore[call-overload]

    client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "site", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "site", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    Runs(client("dynamodb"), TABLE, "gogs").acquire(RUN, "cutover", seconds=900)
    client("cloudformation").create_stack(StackName="MigrationStack", TemplateBody=json.dumps(TEMPLATE))
    client("cloudformation").get_waiter("stack_create_complete").wait(
        StackName="MigrationStack", WaiterConfig={"Delay": 1}
    )
    resources = client("cloudformation").list_stack_resources(StackName="MigrationStack")["StackResourceSummaries"]
    states, arn = client("stepfunctions"), resources[0]["PhysicalResourceId"]
    execution = states.start_execution(stateMachineArn=arn, name=RUN, input=json.dumps({"run": {"run_id": RUN}}))

    def ended() -> bool:
        return bool(states.describe_execution(executionArn=execution["executionArn"])["status"] != "RUNNING")

    wait_until(ended, "the execution ends", seconds=30, interval_seconds=0.1)
    return emulator


def test_it_looks_and_takes_up_and_tells_what_it_could_not_do(held: str) -> None:
    looked = operate("status", AWS_ENDPOINT_URL=held)

    assert looked.returncode == 0, looked.stderr
    assert f"run        {RUN} (cutover)" in looked.stdout
    assert "execution  FAILED" in looked.stdout

    stopped = operate("rollback", AWS_ENDPOINT_URL=held)

    assert stopped.returncode == 1
    assert "an execution of its own rolls it back" in stopped.stdout
    assert f"run {RUN} still holds the site after 3 executions" in stopped.stderr


def test_a_site_that_does_not_exist_is_told(emulator: str) -> None:
    done = operate(
        "status", AWS_ENDPOINT_URL=emulator, AWS_DEFAULT_REGION="eu-west-1", AWS_ACCESS_KEY_ID="999999999999"
    )

    assert done.returncode == 1
    assert done.stderr.startswith("error: there is no run record of a site gogs in us-east-1. Next: check site.name")
