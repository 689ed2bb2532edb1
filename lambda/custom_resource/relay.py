"""AWS Lambda entry point that CDK's Provider framework calls instead of is_complete. It invokes is_complete and repeats the call after a crash.

The framework takes every crash of the function that it calls as a failure of the resource. One crash at the wrong moment would make
CloudFormation remove the target of a committed site. So a crash is not passed on: is_complete is invoked again, and after the commit as long as
the framework polls.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import boto3
from botocore.config import Config
from common.clients.aws import translate_aws_errors
from common.clients.runs import Runs
from common.errors import CutoverError, RetryableServiceError, StepFailed

from custom_resource.resources.run import RunFailed
from custom_resource.runs import truncate

TRIES = 3
RESPONSE_SECONDS = 95
"""is_complete has 90"""
NOT_YET = {"IsComplete": False}


class Functions(Protocol):
    """The part of Lambda's client that is needed here."""

    def invoke(self, *, FunctionName: str, Payload: str) -> Mapping[str, Any]: ...  # noqa: N803 (boto3's names)


@dataclass(frozen=True, kw_only=True)
class Relay:
    """Invokes is_complete."""

    functions: Functions
    name: str
    """of the function that is invoked"""
    is_committed: Callable[[str], bool]
    """whether the run of this id has committed; raises CutoverError when that is not known"""

    def ask(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return the response of is_complete. RunFailed: its own failure, or TRIES crashes of a run that has not committed.

        A call that Lambda throttles, or that does not reach it, shows nothing about the run: the framework calls again after a pause.
        """
        crash = ""
        for _ in range(TRIES):
            try:
                with translate_aws_errors("lambda:InvokeFunction"):
                    response = self.functions.invoke(FunctionName=self.name, Payload=json.dumps(event))
                    found = json.loads(response["Payload"].read() or b"{}")
            except RetryableServiceError:
                return NOT_YET
            except (StepFailed, ValueError) as error:
                crash = str(error)
                continue
            if "FunctionError" not in response:
                return dict(found)
            crash = str(found.get("errorMessage") or response["FunctionError"])
            if found.get("errorType") == RunFailed.__name__:
                raise RunFailed(crash)
        if self._is_failure_forbidden(event):
            return NOT_YET
        raise RunFailed(
            truncate(
                f"Failure: the function that checks the run crashed {TRIES} times: {crash}. Next: read its log, deploy again"
            )
        )

    def _is_failure_forbidden(self, event: Mapping[str, Any]) -> bool:
        if event["RequestType"] == "Delete":
            return False
        try:
            return self.is_committed(str(event.get("PhysicalResourceId") or ""))
        except CutoverError:
            return True


@cache
def _create_relay() -> Relay:
    unretried = Config(
        connect_timeout=3, read_timeout=RESPONSE_SECONDS, retries={"mode": "standard", "total_max_attempts": 1}
    )
    brief = Config(connect_timeout=3, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 2})
    runs = Runs(boto3.client("dynamodb", config=brief), os.environ["CUTOVER_RUNS_TABLE"], os.environ["CUTOVER_SITE"])

    def is_committed(run_id: str) -> bool:
        record = runs.read()
        return record.committed and record.run_id == run_id

    return Relay(
        functions=boto3.client("lambda", config=unretried),
        name=os.environ["CUTOVER_IS_COMPLETE"],
        is_committed=is_committed,
    )


def ask(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Return the response of is_complete to this event."""
    return _create_relay().ask(event)
