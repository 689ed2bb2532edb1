"""The Lambda entry points as they are deployed: real clients, real environment, against the emulator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

SITE = "handlers"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "CUTOVER_SITE": SITE,
    "CUTOVER_APPLICATION": "gogs",
    "CUTOVER_RUNS_TABLE": "handlers-runs",
    "CUTOVER_EVIDENCE_BUCKET": "handlers-evidence",
    "CUTOVER_PROVIDER": "cloudendure",
    "CUTOVER_PROVIDER_SETTINGS": '{"console_url": "http://127.0.0.1:1", "project": "Demo", "credentials_secret": "handlers-console"}',
    "CUTOVER_SOURCE_SERVER": "gogs-app",
    "CUTOVER_LIMITS": "{}",
    "POWERTOOLS_TRACE_DISABLED": "true",
}
EVENTS = Path(__file__).parents[2] / "events"


class Invocation(LambdaContext):
    _function_name = "procedure"
    _memory_limit_in_mb = 512
    _invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:procedure"
    _aws_request_id = "8f5c"


@pytest.fixture
def deployed(emulator: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in {**ENVIRONMENT, "AWS_ENDPOINT_URL": emulator}.items():
        monkeypatch.setenv(name, value)
    queue = str(boto3.client("sqs").create_queue(QueueName="handlers")["QueueUrl"])
    monkeypatch.setenv("CUTOVER_QUEUE_URL", queue)
    dynamodb = boto3.client("dynamodb")
    if "handlers-runs" not in dynamodb.list_tables()["TableNames"]:
        dynamodb.create_table(
            TableName="handlers-runs",
            KeySchema=[{"AttributeName": "site", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "site", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        boto3.client("s3").create_bucket(Bucket="handlers-evidence")
    return queue


def event(step: str, **more: Any) -> dict[str, Any]:
    return {
        "step": step,
        "run": {"run_id": "m1-t-1", "kind": "test-launch", "cutover_id": "m1", "target": {}},
        "memory": {},
        **more,
    }


@pytest.mark.usefixtures("deployed")
def test_the_procedure_locks_writes_evidence_and_releases_the_lock() -> None:
    from procedure.handler import handler

    assert handler(event("lock"), Invocation())["done"] is True
    handler(event("release"), Invocation())

    body = boto3.client("s3").get_object(Bucket="handlers-evidence", Key="runs/m1-t-1/01-lock.json")["Body"].read()
    assert json.loads(body)["outcome"] == "done"
    item = boto3.client("dynamodb").get_item(TableName="handlers-runs", Key={"site": {"S": SITE}})["Item"]
    assert "lock_expires" not in item


@pytest.mark.usefixtures("deployed")
def test_the_procedure_raises_errors_that_the_state_machine_knows() -> None:
    from common.errors import StepFailed
    from procedure.handler import handler

    handler(event("lock"), Invocation())
    with pytest.raises(StepFailed) as error:
        handler(event("await-report"), Invocation())

    assert json.loads(str(error.value))["phase"] == "Acceptance"
    assert "/cutover/handlers/target does not exist" in error.value.reason
    handler(event("release"), Invocation())


def test_the_report_function_ignores_an_unexpected_report(deployed: str) -> None:
    from report.handler import handler

    assert handler(json.loads((EVENTS / "report_test_pass.json").read_text()), Invocation()) == {
        "taken": 0,
        "ignored": 1,
    }
    assert "Messages" not in boto3.client("sqs").receive_message(QueueUrl=deployed)


@pytest.mark.usefixtures("deployed")
def test_the_expiry_function_leaves_a_site_alone_of_which_no_run_is_suspended() -> None:
    from expiry.handler import handler

    assert handler(json.loads((EVENTS / "schedule.json").read_text()), Invocation()) == {
        "replica": "no run is suspended"
    }


@pytest.mark.usefixtures("deployed")
def test_a_custom_resource_fails_with_one_sentence() -> None:
    from custom_resource.handler import is_complete, on_event
    from custom_resource.resources.run import RunFailed

    states = boto3.client("stepfunctions")
    definition = {
        "StartAt": "F",
        "States": {
            "F": {"Type": "Fail", "Error": "RunFailed", "Cause": json.dumps({"phase": "Lock", "reason": "held"})}
        },
    }
    arn = states.create_state_machine(
        name="handlers", definition=json.dumps(definition), roleArn="arn:aws:iam::000000000000:role/x"
    )["stateMachineArn"]
    create = json.loads((EVENTS / "cutover_create.json").read_text())
    create["ResourceProperties"]["StateMachineArn"] = arn

    started = on_event(create, Invocation())
    assert on_event(create, Invocation())["PhysicalResourceId"] == started["PhysicalResourceId"]
    assert is_complete({**create, **started}, Invocation()) == {"IsComplete": False}
    execution = arn.replace(":stateMachine:", ":execution:") + ":" + started["PhysicalResourceId"]
    while states.describe_execution(executionArn=execution)["status"] == "RUNNING":
        pass

    with pytest.raises(RunFailed, match=r"^Lock: held$"):
        is_complete({**create, **started}, Invocation())


def test_a_warning_about_a_live_site_matches_the_filter_of_the_alarm(capsys: pytest.CaptureFixture[str]) -> None:
    from procedure.handler import observe
    from procedure.plan import ALL, WARNINGS_METRIC

    observe(ALL["point-name"], "warned", {"warnings": ["a", "b"]})

    facts = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (counted,) = [line for line in facts if WARNINGS_METRIC in line]
    assert counted[WARNINGS_METRIC] == [2.0]
    (metric,) = counted["_aws"]["CloudWatchMetrics"]
    assert (metric["Namespace"], metric["Dimensions"]) == ("Cutover", [["service"]])
    assert counted["service"] == "procedure"
