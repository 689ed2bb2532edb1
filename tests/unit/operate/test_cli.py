"""What an operator reads, and which exit code a script sees. A mistake is one sentence, never a stack trace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from common.clients.aws import aws_errors
from common.clients.run_record import Record
from common.errors import CutoverError

from operate.formatting import format_error, format_serving_side, format_status

ROOT = Path(__file__).parents[3]
NOW = 1_800_000_000.0
FROZEN = Record(run_id="r", kind="cutover", phase="drain", started=NOW, lock_expires=NOW + 900, lease_expires=NOW + 600)


def operate(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    keys = {"AWS_ACCESS_KEY_ID": "t", "AWS_SECRET_ACCESS_KEY": "t", "AWS_EC2_METADATA_DISABLED": "true"}
    command = [sys.executable, "-m", "operate", *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**given, **keys, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("undo",),
        ("rollback", "--seconds", "0"),
        ("dry-run", "--kind", "all"),
        ("--config", "nowhere.toml", "status"),
    ],
)
def test_wrong_usage_is_2(arguments: tuple[str, ...]) -> None:
    done = operate(*arguments)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["status", "dry-run", "rollback"])
def test_an_aws_that_does_not_answer_is_one_sentence(command: str) -> None:
    done = operate(command, AWS_ENDPOINT_URL="http://127.0.0.1:1")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: dynamodb:GetItem: Could not connect")
    assert done.stderr.count("\n") == 1
    assert "check the network" in done.stderr


def test_a_profile_that_does_not_exist_is_one_sentence() -> None:
    done = operate("status", AWS_PROFILE="nobody", AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null")

    assert done.returncode == 1
    assert done.stderr == "error: The config profile (nobody) could not be found\n"


def failed(error: Exception) -> CutoverError:
    with pytest.raises(CutoverError) as raised, aws_errors("dynamodb:GetItem"):
        raise error
    return raised.value


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ClientError({"Error": {"Code": "ExpiredTokenException", "Message": "old"}}, "GetItem"), "sign in again"),
        (ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetItem"), "lack this permission"),
        (NoCredentialsError(), "AWS_PROFILE"),
        (EndpointConnectionError(endpoint_url="http://x"), "aws.region"),
    ],
)
def test_errors_of_aws_are_formatted_for_an_operator(error: Exception, words: str) -> None:
    assert words in format_error(failed(error))


@pytest.mark.parametrize(
    ("record", "who"),
    [
        (Record(), "the source"),
        (FROZEN, "writes by nobody"),
        (Record(run_id="r", decision="thaw", lease_expires=NOW + 1), "the source"),
        (Record(run_id="r", lease_expires=NOW - 61), "has opened by itself"),
        (Record(run_id="r", decision="commit", lease_expires=NOW + 600), "the target"),
    ],
)
def test_who_serves(record: Record, who: str) -> None:
    assert who in format_serving_side(record, NOW)


def test_the_status_names_run_phase_decision_lease_and_execution() -> None:
    text = "\n".join(format_status("gogs", FROZEN, "RUNNING", NOW))

    for part in ("r (cutover)", "phase      drain", "none yet", "lease      until 2027-01-15", "RUNNING"):
        assert part in text
