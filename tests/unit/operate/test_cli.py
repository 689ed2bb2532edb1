"""The exit codes of the command line. A mistake of the user is one sentence, never a stack trace. tests/unit/golden has the output."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


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
def test_wrong_usage_exits_with_status_2(arguments: tuple[str, ...]) -> None:
    done = operate(*arguments)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["status", "dry-run", "rollback"])
def test_an_unreachable_aws_is_reported_in_one_sentence(command: str) -> None:
    done = operate(command, AWS_ENDPOINT_URL="http://127.0.0.1:1")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: dynamodb:GetItem: Could not connect")
    assert done.stderr.count("\n") == 1
    assert "check the network" in done.stderr


def test_a_missing_profile_is_reported_in_one_sentence() -> None:
    done = operate("status", AWS_PROFILE="nobody", AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null")

    assert done.returncode == 1
    assert done.stderr == "error: The config profile (nobody) could not be found\n"
