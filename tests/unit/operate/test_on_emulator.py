"""The command line against an emulated AWS: it finds the state machine of a stack, and the run in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest
from common.clients.runs import Runs

from tests.unit.operate.test_cli import cutover
from tests.unit.state_machines.conftest import emulator
from tests.waiting import wait_until

__all__ = ["emulator"]
RUN, TABLE = "first-c-0123456789", "cutover-gogs-runs"
ROLE = "arn:aws:iam::000000000000:role/x"
ENDS = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "RunFailed", "Cause": "{}"}}}
DRY_RUN = {
    "StartAt": "D",
    "States": {"D": {"Type": "Pass", "Result": ["a hint"], "ResultPath": "$.memory.warnings", "End": True}},
}
Client = Callable[[str], Any]


def template(logical_id: str, definition: Mapping[str, Any]) -> str:
    properties = {"RoleArn": ROLE, "DefinitionString": json.dumps(definition)}
    return json.dumps(
        {"Resources": {logical_id: {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}
    )


def create_client_factory(emulator: str, account: str) -> Client:
    """Return a factory of clients of one account. The emulator uses the access key as the account number."""
    keys = {
        "aws_access_key_id": account,
        "aws_secret_access_key": "t",
        "region_name": "us-east-1",
        "endpoint_url": emulator,
    }
    return lambda service: boto3.client(service, **keys)  # type: ignore[call-overload]


def deploy(client: Client, logical_id: str, definition: Mapping[str, Any]) -> None:
    """Create a table for the run record, and a MigrationStack with one state machine."""
    client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "site", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "site", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client("cloudformation").create_stack(StackName="MigrationStack", TemplateBody=template(logical_id, definition))
    client("cloudformation").get_waiter("stack_create_complete").wait(
        StackName="MigrationStack", WaiterConfig={"Delay": 1}
    )


@pytest.fixture
def held(emulator: str) -> str:
    """An emulator with a site that is locked by a run with a failed execution. Returns its URL."""
    client = create_client_factory(emulator, "t")
    deploy(client, "Machine", ENDS)
    Runs(client("dynamodb"), TABLE, "gogs").acquire(RUN, "cutover", seconds=900)
    resources = client("cloudformation").list_stack_resources(StackName="MigrationStack")["StackResourceSummaries"]
    states, arn = client("stepfunctions"), resources[0]["PhysicalResourceId"]
    execution = states.start_execution(stateMachineArn=arn, name=RUN, input=json.dumps({"run": {"run_id": RUN}}))

    def ended() -> bool:
        return bool(states.describe_execution(executionArn=execution["executionArn"])["status"] != "RUNNING")

    wait_until(ended, "the execution ends", seconds=30, interval_seconds=0.1)
    return emulator


def test_status_and_rollback_report_a_failed_run(held: str) -> None:
    status = cutover("status", AWS_ENDPOINT_URL=held)

    assert status.returncode == 0, status.stderr
    assert f"run        {RUN} (cutover)" in status.stdout
    assert "execution  FAILED" in status.stdout

    rollback = cutover("rollback", AWS_ENDPOINT_URL=held)

    assert rollback.returncode == 1
    assert "an execution of its own rolls it back" in rollback.stdout
    assert f"run {RUN} still holds the site after 3 executions" in rollback.stderr


def test_a_go_is_written_with_its_caller_and_taken_back(emulator: str) -> None:
    account = "333333333333"
    client = create_client_factory(emulator, account)
    deploy(client, "Machine", ENDS)
    runs = Runs(client("dynamodb"), TABLE, "gogs")
    runs.acquire(RUN, "cutover", seconds=900)

    early = cutover("go", AWS_ENDPOINT_URL=emulator, AWS_ACCESS_KEY_ID=account)

    assert early.returncode == 1
    assert f"run {RUN} (cutover) does not wait for a go: it is in step lock" in early.stderr

    runs.request_go(RUN)
    given = cutover("go", "--json", AWS_ENDPOINT_URL=emulator, AWS_ACCESS_KEY_ID=account)
    status = cutover("status", "--json", AWS_ENDPOINT_URL=emulator, AWS_ACCESS_KEY_ID=account)

    assert given.returncode == 0, given.stderr
    by = json.loads(given.stdout)["by"]
    assert by.startswith("arn:aws:")
    assert json.loads(status.stdout)["go"]["by"] == by
    assert runs.begin_window(RUN, needs_go=True) is True

    late = cutover("hold", AWS_ENDPOINT_URL=emulator, AWS_ACCESS_KEY_ID=account)

    assert late.returncode == 1
    assert "a hold comes too late" in late.stderr


def test_a_dry_run_is_started_and_followed_to_its_end(emulator: str) -> None:
    account = "111111111111"
    deploy(create_client_factory(emulator, account), "TestLaunchProcedureMachineCC1B667B", DRY_RUN)

    done = cutover("dry-run", AWS_ENDPOINT_URL=emulator, AWS_ACCESS_KEY_ID=account)

    assert done.returncode == 0, done.stderr
    assert "(test-launch) has begun" in done.stdout
    assert "warning: a hint" in done.stdout
    assert "every step was gone through" in done.stdout

    missing = cutover("dry-run", "--kind", "cutover", AWS_ENDPOINT_URL=emulator, AWS_ACCESS_KEY_ID=account)

    assert missing.returncode == 1
    assert missing.stderr.startswith("error: no cutover of this site has begun")


def test_what_a_finished_run_left_is_listed_and_removed_on_request(emulator: str) -> None:
    account = "222222222222"
    client = create_client_factory(emulator, account)
    deploy(client, "Machine", ENDS)
    ec2 = client("ec2")

    def add_volume(**changed: str) -> str:
        tags = {"cutover:site": "gogs", "cutover:role": "replica", "cutover:run-id": RUN} | changed
        tagged = [{"Key": key, "Value": value} for key, value in tags.items()]
        made = ec2.create_volume(
            AvailabilityZone="us-east-1a", Size=1, TagSpecifications=[{"ResourceType": "volume", "Tags": tagged}]
        )
        return str(made["VolumeId"])

    ours, others = add_volume(), add_volume(**{"cutover:site": "wiki"})
    instance = ec2.run_instances(
        ImageId="ami-0123456789abcdef0",
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": "cutover:site", "Value": "gogs"},
                                                  {"Key": "cutover:role", "Value": "replica"},
                                                  {"Key": "cutover:run-id", "Value": RUN}]},
        ],
    )["Instances"][0]["InstanceId"]  # fmt: skip

    listed = cutover("clean-up", AWS_ENDPOINT_URL=emulator, AWS_ACCESS_KEY_ID=account)

    assert listed.returncode == 0, listed.stderr
    assert f"may go  volume {ours} (available): disk of a replica; run {RUN} is over" in listed.stdout
    assert f"may go  instance {instance}" in listed.stdout
    assert others not in listed.stdout
    assert "nothing was changed" in listed.stdout

    removed = cutover("clean-up", "--yes", AWS_ENDPOINT_URL=emulator, AWS_ACCESS_KEY_ID=account)

    assert removed.returncode == 0, removed.stderr
    assert {f"removed: volume {ours}", f"removed: instance {instance}"} <= set(removed.stdout.splitlines())
    left = {volume["VolumeId"] for volume in ec2.describe_volumes()["Volumes"]}
    assert (ours in left, others in left) == (False, True)
    again = cutover("clean-up", "--yes", AWS_ENDPOINT_URL=emulator, AWS_ACCESS_KEY_ID=account)
    assert "nothing is left" in again.stdout


def test_a_missing_site_is_reported(emulator: str) -> None:
    done = cutover(
        "status", AWS_ENDPOINT_URL=emulator, AWS_DEFAULT_REGION="eu-west-1", AWS_ACCESS_KEY_ID="999999999999"
    )

    assert done.returncode == 1
    assert done.stderr.startswith("error: there is no run record of a site gogs in us-east-1. Next: check site.name")
