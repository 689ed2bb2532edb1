"""One local AWS with faults for all tests of this folder. The faults of a test are cleared after it."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from rehearsal.aws.clients import Clients
from rehearsal.aws.faults import client
from rehearsal.component import HEALTH
from rehearsal.settings import ACCOUNT, REGION, Settings
from tests.roles import role_for, statement

START_SECONDS = 40
RUN_SECONDS = 60
ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("faults")
    environment = {
        **os.environ,
        "REHEARSAL_PORT": str(port),
        "REHEARSAL_HOME": str(home),
        "LOG_LEVEL": "ERROR",
        "SFN_WAIT_SCALE": "0.01",
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.05",
    }
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.unit.aws.faults.emulator"], env=environment, cwd=ROOT, stdout=log, stderr=log
        )
    made = Settings.load(environment)
    try:
        wait_for_health(made.aws_url + HEALTH, process, home / "log")
        yield made
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_for_health(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, log.read_text()
        try:
            if requests.get(url, timeout=1).ok:
                return
        except requests.ConnectionError:
            assert time.monotonic() < deadline, "the local AWS does not respond"
            time.sleep(0.1)


@pytest.fixture(autouse=True)
def clear_faults(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "settings" in request.fixturenames:
        client.clear_faults(request.getfixturevalue("settings"))


@pytest.fixture(scope="session")
def aws(settings: Settings) -> Clients:
    return Clients(settings)


@dataclass(frozen=True)
class Counter:
    """A function whose effect is countable: it sends each event to its own SQS queue."""

    name: str
    arn: str
    queue: str
    aws: Clients

    def effects(self, *, wait: int = 0) -> int:
        """Return how often the function ran to its end. Waits up to `wait` seconds for one more run."""
        found = self.aws("sqs").receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=wait)
        return len(found.get("Messages", []))


HANDLER = """
import boto3, json

def handler(event, _context):
    boto3.client("sqs").send_message(QueueUrl={queue!r}, MessageBody=json.dumps(event))
    return {{"event": event}}
"""


@pytest.fixture(scope="session")
def role(aws: Clients) -> str:
    """The role of the functions and of the state machines."""
    sends = statement("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:*-effects")
    return role_for(aws, "counters", "lambda.amazonaws.com", "states.amazonaws.com", allowed=(sends,))


@pytest.fixture
def counter(aws: Clients, role: str, request: pytest.FixtureRequest) -> Counter:
    name = f"f{abs(hash(request.node.nodeid)) % 10**8}"
    queue = aws("sqs").create_queue(QueueName=f"{name}-effects")["QueueUrl"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", HANDLER.format(queue=queue))
    made = aws("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": code.getvalue()},
        Timeout=7,
    )
    return Counter(name, made["FunctionArn"], queue, aws)


@dataclass(frozen=True)
class Execution:
    """An execution of a state machine with one task: the counter."""

    aws: Clients
    arn: str

    def end(self) -> dict[str, Any]:
        deadline = time.monotonic() + RUN_SECONDS
        while (execution := self.aws("stepfunctions").describe_execution(executionArn=self.arn))["status"] == "RUNNING":
            assert time.monotonic() < deadline, "the execution does not end"
            time.sleep(0.05)
        return dict(execution)

    def errors(self) -> list[str]:
        """Return the error of each failed attempt, from the history of the execution."""
        events = self.aws("stepfunctions").get_execution_history(executionArn=self.arn)["events"]
        return [
            detail["error"]
            for e in events
            for key, detail in e.items()
            if key.endswith("FailedEventDetails") and "error" in detail
        ]


@pytest.fixture
def start(aws: Clients, role: str, counter: Counter) -> Callable[..., Execution]:
    def run(*retried: str) -> Execution:
        task: dict[str, Any] = {"Type": "Task", "Resource": counter.arn, "End": True}
        if retried:
            task["Retry"] = [{"ErrorEquals": list(retried), "IntervalSeconds": 1, "MaxAttempts": 2}]
        states = aws("stepfunctions")
        machine = states.create_state_machine(
            name=counter.name,
            definition=json.dumps({"StartAt": "Task", "States": {"Task": task}}),
            roleArn=role,
        )["stateMachineArn"]
        given = json.dumps({"step": "freeze", "run": {"kind": "cutover"}})
        return Execution(aws, states.start_execution(stateMachineArn=machine, input=given)["executionArn"])

    return run
