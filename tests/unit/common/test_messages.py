"""A message is published in the form of each protocol, and claimed by one execution."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from common.clients.messages import TopicMessages
from common.clients.runs import Runs
from common.errors import CutoverError, RetryableServiceError, StepFailed
from common.message import Message

from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.dynamo import FakeDynamo

MESSAGE = Message(
    event="frozen",
    site="gogs",
    run_id="m1-c-1",
    kind="cutover",
    at=1_767_261_605.0,
    subject="writes wait",
    happened="The source holds writes.",
    users="they read as before.",
    next_action="wait.",
    command="status",
)


class FakeSns:
    def __init__(self, error: Exception | None = None) -> None:
        self.calls: list[dict[str, Any]] = []
        self._error = error

    def publish(self, **call: Any) -> None:
        if self._error:
            raise self._error
        self.calls.append(call)


def create_messages(sns: FakeSns) -> TopicMessages:
    client: Any = sns
    return TopicMessages(client, "arn:aws:sns:us-east-1:111122223333:people")


def test_each_protocol_gets_its_form() -> None:
    sns = FakeSns()
    create_messages(sns).send(MESSAGE)

    (call,) = sns.calls
    bodies = json.loads(call["Message"])
    assert (call["MessageStructure"], call["Subject"]) == ("json", "gogs: writes wait")
    assert bodies["default"] == bodies["email"] == MESSAGE.format_text()
    for protocol in ("http", "https", "lambda", "sqs"):
        assert json.loads(bodies[protocol]) == MESSAGE.build_notification()
    assert bodies["sms"] == "gogs: writes wait"
    assert {name: one["StringValue"] for name, one in call["MessageAttributes"].items()} == {
        "event": "frozen",
        "site": "gogs",
    }


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ReadTimeoutError(endpoint_url="https://sns"), RetryableServiceError),
        (ClientError({"Error": {"Code": "AuthorizationError", "Message": "no"}}, "Publish"), StepFailed),
    ],
)
def test_a_failure_is_one_of_ours(error: Exception, kind: type[CutoverError]) -> None:
    with pytest.raises(kind, match="sns:Publish"):
        create_messages(FakeSns(error)).send(MESSAGE)


def test_background_work_does_not_block() -> None:
    may_end, ended = threading.Event(), threading.Event()

    def work() -> None:
        may_end.wait(10)
        ended.set()

    create_messages(FakeSns()).run_in_background(work)
    assert not ended.is_set()
    may_end.set()
    assert ended.wait(10)


@pytest.fixture
def runs() -> Runs:
    dynamo: Any = FakeDynamo()
    runs = Runs(dynamo, "runs", "gogs", clock=FakeClock())
    runs.acquire("m1-c-1", "cutover", seconds=900)
    return runs


def test_a_message_is_claimed_once(runs: Runs) -> None:
    assert runs.claim_message("m1-c-1", "frozen")
    assert not runs.claim_message("m1-c-1", "frozen")
    assert runs.claim_message("m1-c-1", "committed")
    assert runs.read().messages == {"frozen": 0.0, "committed": 0.0}

    runs.confirm_message("m1-c-1", "frozen")
    assert runs.read().messages == {"frozen": 1_800_000_000.0, "committed": 0.0}
    assert not runs.claim_message("m1-c-1", "frozen")


def test_another_run_claims_nothing(runs: Runs) -> None:
    assert not runs.claim_message("m2-c-1", "frozen")
    assert runs.read().messages == {}


def test_two_claims_at_the_same_time(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    read = runs.read
    others = iter(["frozen"])

    def read_before_another_claim() -> Any:
        record = read()
        for name in others:
            assert runs.claim_message("m1-c-1", name)
        return record

    monkeypatch.setattr(runs, "read", read_before_another_claim)
    assert not runs.claim_message("m1-c-1", "frozen")
    assert runs.read().messages == {"frozen": 0.0}


def test_the_next_run_begins_without_messages(runs: Runs) -> None:
    runs.claim_message("m1-c-1", "frozen")
    runs.roll_back("m1-c-1")
    runs.release("m1-c-1")

    assert runs.acquire("m2-c-1", "cutover", seconds=900).messages == {}
