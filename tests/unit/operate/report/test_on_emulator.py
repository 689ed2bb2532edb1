"""`cutover report` against an emulated AWS, and its exit codes: the same command as an operator runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from common.clients.runs import Runs

from tests.unit.operate.report.evidence import BEGAN, RUN, make_migrated, make_running
from tests.unit.operate.test_cli import cutover
from tests.unit.operate.test_on_emulator import TABLE, create_client_factory
from tests.unit.state_machines.conftest import emulator

__all__ = ["emulator"]
BUCKET = "evidence-1"
ACCOUNT = "000000000068"
"""of these tests alone: the emulator serves other tests too"""
REPLICATION = {
    "database_endpoint": "db",
    "database_port": 3306,
    "database_admin_secret": "a",
    "database_app_secret": "b",
    "source_database_secret": "c",
    "site_secret": "d",
    "file_system_id": "fs-1",
    "evidence_bucket": BUCKET,
    "runs_table": TABLE,
    "replication_task_arn": "arn:aws:dms:us-east-1:000000000000:task:T1",
    "source_app_instance_id": "i-1",
    "source_database_instance_id": "i-2",
}


@pytest.fixture(scope="module")
def site(emulator: str) -> str:
    """An emulator with the evidence of a run, its record, and lag of the replication. Returns its URL."""
    client = create_client_factory(emulator, ACCOUNT)
    client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "site", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "site", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    Runs(client("dynamodb"), TABLE, "gogs").acquire(RUN, "cutover", seconds=900)
    client("ssm").put_parameter(Name="/cutover/gogs/replication", Value=json.dumps(REPLICATION), Type="String")
    client("s3").create_bucket(Bucket=BUCKET)
    for document in make_migrated():
        client("s3").put_object(Bucket=BUCKET, Key=document["key"], Body=json.dumps(document).encode())
    client("s3").put_object(Bucket=BUCKET, Key=f"runs/{RUN}/logs-i-1.txt", Body=b"no JSON")
    template = {"Resources": {"Evidence": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "other"}}}}
    client("cloudformation").create_stack(StackName="ReplicationStack", TemplateBody=json.dumps(template))
    client("cloudformation").get_waiter("stack_create_complete").wait(
        StackName="ReplicationStack", WaiterConfig={"Delay": 1}
    )
    return emulator


def test_the_report_is_made_from_aws(site: str, tmp_path: Path) -> None:
    done = cutover("report", "--output", str(tmp_path / "page.html"), AWS_ENDPOINT_URL=site, AWS_ACCESS_KEY_ID=ACCOUNT)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"report: {tmp_path / 'page.html'}")
    content = json.loads((tmp_path / "page.json").read_text())
    assert content["run_id"] == RUN
    assert content["verdict"]["state"] == "Migrated"
    assert [one["stack"] for one in content["resources"]["billed"]] == ["ReplicationStack"]
    # The emulator has no replication task and no price list: this is said, and nothing is put in their place.
    assert content["lag"] is None
    assert [one.partition(":")[0] for one in content["missing"]] == [
        "the lag of the replication",
        "prices are not known",
    ]


def test_a_run_that_has_no_records_is_named_with_those_that_have(site: str, tmp_path: Path) -> None:
    done = cutover(
        "report",
        "--run",
        "x-c-1",
        "--output",
        str(tmp_path / "page.html"),
        AWS_ENDPOINT_URL=site,
        AWS_ACCESS_KEY_ID=ACCOUNT,
    )

    assert done.returncode == 1
    assert done.stderr.startswith(f"error: there is no step record of run x-c-1 in s3://{BUCKET}/runs/")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_files_are_enough_without_aws(tmp_path: Path) -> None:
    (tmp_path / "evidence.json").write_text(json.dumps({"steps": make_running()}))
    began = datetime.fromtimestamp(BEGAN, tz=UTC).timestamp()
    line = {"kind": "read", "start": began, "end": began + 1, "outcome": "done", "writes": False}
    (tmp_path / "client.jsonl").write_text(json.dumps(line) + "\n")
    done = cutover("report", "--evidence", str(tmp_path / "evidence.json"), "--client", str(tmp_path / "client.jsonl"), "--output", str(tmp_path / "page.html"), AWS_ENDPOINT_URL="http://127.0.0.1:1")  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "page.json").read_text())["client"]["kinds"][0]["operations"] == 1
