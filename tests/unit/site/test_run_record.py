"""The conditional write that decides between commit and thaw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from cutover_site.aws.run_record import Decision, RunRecord, RunRecordUnreachable


@pytest.fixture
def dynamodb() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="t", aws_secret_access_key="t")
    with Stubber(client) as stub:
        yield client, stub
        stub.assert_no_pending_responses()


def test_an_undecided_run_gets_the_decision_thaw(dynamodb: tuple[Any, Stubber]) -> None:
    client, stub = dynamodb
    stub.add_response("update_item", {})
    assert RunRecord(client, "runs", "gogs").decide_thaw("r1") == Decision("r1", "thaw")


def test_a_committed_run_stays_committed(dynamodb: tuple[Any, Stubber]) -> None:
    client, stub = dynamodb
    stub.add_client_error("update_item", "ConditionalCheckFailedException")
    stub.add_response("get_item", {"Item": {"site": {"S": "gogs"}, "run_id": {"S": "r1"}, "decision": {"S": "commit"}}})
    assert RunRecord(client, "runs", "gogs").decide_thaw("r1") == Decision("r1", "commit")


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException"])
def test_an_unreachable_table_is_an_error(dynamodb: tuple[Any, Stubber], code: str) -> None:
    client, stub = dynamodb
    stub.add_client_error("update_item", code)
    with pytest.raises(RunRecordUnreachable):
        RunRecord(client, "runs", "gogs").decide_thaw("r1")
