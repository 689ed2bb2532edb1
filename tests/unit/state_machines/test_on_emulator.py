"""The deployed definitions on the emulator: it knows every word of them, and runs them forward and back as Step Functions would.

The function is the real registry with the real steps, in the small world of tests/unit/procedure; its run record is the emulator's DynamoDB.
"""

from __future__ import annotations

import importlib.util
import io
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.unit.procedure.conftest import definitions

__all__ = ["definitions"]

ROOT = Path(__file__).parents[3]
DEPENDENCIES = ("tenacity",)
HANDLER = """
import boto3
from common.clients.runs import Runs
from common.run import Run
from cutover_site.aws.run_record import RunRecord
from procedure.registry import Registry
from tests.unit.procedure.failures import failing_response
from tests.unit.procedure.world import SETTINGS, World

WORLD = World()
WORLD.runs = Runs(boto3.client("dynamodb"), "runs", "gogs", clock=WORLD.clock)
WORLD.source.record = RunRecord(boto3.client("dynamodb"), "runs", "gogs")

def handler(event, _context):
    WORLD.run = Run.parse(event["run"])
    broken = WORLD.run.cutover_id.partition("broken-")[2]
    WORLD.responses = {broken: failing_response("it broke")} if broken else {}
    event["memory"].pop("action_log", None)  # the test's own, which no function knows
    execution = Registry(SETTINGS, WORLD, WORLD.clock, lambda *_: None).invoke(event)
    return {**execution, "action_log": WORLD.action_log}
"""


def package() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for base, folder in (
            (ROOT / "lambda", "common"),
            (ROOT / "lambda", "procedure"),
            (ROOT / "assets/site", "cutover_site"),
            (ROOT / "assets/site", "applications"),
            (ROOT, "tests/unit/procedure"),
        ):
            for path in (base / folder).rglob("*.py"):
                archive.write(path, str(path.relative_to(base)))
        for name in DEPENDENCIES:
            spec = importlib.util.find_spec(name)
            assert spec is not None
            assert spec.origin is not None
            home = Path(spec.origin).parent
            for path in home.rglob("*.py"):
                archive.write(path, str(path.relative_to(home.parent)))
        archive.writestr("index.py", HANDLER)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def aws(emulator: str) -> Any:
    keys = {
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
        "region_name": "us-east-1",
        "endpoint_url": emulator,
    }
    return lambda service: boto3.client(service, **keys)  # type: ignore[call-overload]


@pytest.fixture
def machine(aws: Any, definitions: dict[str, Any], request: pytest.FixtureRequest) -> str:
    """ARN of a new cutover machine with a function and a table of its own."""
    name = f"m{abs(hash(request.node.name)) % 10**8}"
    dynamodb, lambda_ = aws("dynamodb"), aws("lambda")
    if "runs" in dynamodb.list_tables()["TableNames"]:
        dynamodb.delete_table(TableName="runs")
    dynamodb.create_table(
        TableName="runs",
        KeySchema=[{"AttributeName": "site", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "site", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    function = lambda_.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/x",
        Handler="index.handler",
        Code={"ZipFile": package()},
        Timeout=60,
    )["FunctionArn"]
    text = json.dumps(definitions["cutover"])
    text = text.replace('"Resource": "function"', f'"Resource": "{function}"')
    created = aws("stepfunctions").create_state_machine(
        name=name, definition=text, roleArn="arn:aws:iam::000000000000:role/x"
    )
    return str(created["stateMachineArn"])


def run(aws: Any, machine: str, **given: Any) -> dict[str, Any]:
    states = aws("stepfunctions")
    raw = {"run_id": "m1-c-1", "kind": "cutover", "cutover_id": "m1", "target": {}, **given}
    arn = states.start_execution(stateMachineArn=machine, input=json.dumps({"run": raw, "memory": {}}))["executionArn"]
    deadline = time.monotonic() + 60
    while (execution := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
        assert time.monotonic() < deadline, "the execution does not end"
        time.sleep(0.1)
    return dict(execution)


def test_a_cutover_runs_to_its_end(aws: Any, machine: str) -> None:
    execution = run(aws, machine)

    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    memory = json.loads(execution["output"])["memory"]
    assert memory["outputs"]["site_url"] == "http://git.example.com/"
    assert memory["action_log"][-1] == "clean up"
    item = aws("dynamodb").get_item(TableName="runs", Key={"site": {"S": "gogs"}})["Item"]
    assert item["decision"]["S"] == "commit"
    assert "lock_expires" not in item


def test_a_failed_window_is_rolled_back_and_reported(aws: Any, machine: str) -> None:
    execution = run(aws, machine, cutover_id="broken-delta")

    assert execution["status"] == "FAILED"
    cause = json.loads(execution["cause"])
    assert (cause["phase"], cause["machine"], cause["reason"]) == ("Delta", "i-replica", "it broke")
    item = aws("dynamodb").get_item(TableName="runs", Key={"site": {"S": "gogs"}})["Item"]
    assert item["decision"]["S"] == "rollback"
    assert "lock_expires" not in item


def test_an_execution_for_rollback_only_ends_as_failed(aws: Any, machine: str) -> None:
    execution = run(aws, machine, rollback=True)

    assert execution["status"] == "FAILED"
