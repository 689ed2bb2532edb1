"""Commands on machines: how they are written, and what counts as a result."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from common.clients.machines import Machines, build_command_line, interpret, parse_duration
from common.errors import RetryableCommandError, RetryableServiceError, StepFailed


@pytest.fixture
def ssm() -> Any:
    return boto3.client("ssm", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


def test_options_are_quoted() -> None:
    line = build_command_line(
        "allow-delta", {"key": "ssh-ed25519 AAAA; rm -rf /", "refs": True, "none": "", "no": False, "n": 5}
    )

    assert line == "/opt/cutover/bin/cutover-site allow-delta --key 'ssh-ed25519 AAAA; rm -rf /' --refs --n 5"


@pytest.mark.parametrize(
    ("status", "output", "ok", "reason"),
    [
        ("Success", 'log\n{"ok": true, "n": 1}\n', True, ""),
        ("Failed", '{"ok": false, "reason": "disk full", "next": "grow it"}', False, "disk full"),
        ("Failed", '{"ok": true}', False, "reported ok, but ended as Failed"),
        ("Success", "hello", False, "without a result"),
        ("Success", "", False, "no output"),
        ("Success", '{"tables": {}}', False, "without a result"),
        ("TimedOut", "", False, "ended as TimedOut"),
        ("Success", "x" * 24000, False, "more than Systems Manager returns"),
    ],
)
def test_only_an_explicit_success_is_a_success(status: str, output: str, ok: bool, reason: str) -> None:
    result = interpret("check", status, output, "")

    assert result.ok is ok
    assert reason in str(result.facts.get("reason", ""))


def test_a_disconnected_machine_is_a_retryable_error(ssm: Any) -> None:
    with Stubber(ssm) as stub:
        stub.add_client_error("send_command", "InvalidInstanceId")
        with pytest.raises(RetryableCommandError, match="not connected"):
            Machines(ssm).send("i-1", "check", {}, seconds=60)


@pytest.mark.parametrize("status", ["Pending", "InProgress", "Delayed"])
def test_a_running_command_has_no_result_yet(ssm: Any, status: str) -> None:
    with Stubber(ssm) as stub:
        stub.add_response("get_command_invocation", {"Status": status, "StatusDetails": status})
        assert Machines(ssm).poll("12345678-1234-1234-1234-123456789012", "i-1", "check") is None


def test_a_command_that_ssm_does_not_know_yet_is_running(ssm: Any) -> None:
    with Stubber(ssm) as stub:
        stub.add_client_error("get_command_invocation", "InvocationDoesNotExist")
        assert Machines(ssm).poll("12345678-1234-1234-1234-123456789012", "i-1", "check") is None


def test_an_undelivered_command_is_sent_again(ssm: Any) -> None:
    with Stubber(ssm) as stub:
        stub.add_response("get_command_invocation", {"Status": "Failed", "StatusDetails": "Undeliverable"})
        with pytest.raises(RetryableCommandError, match="did not reach"):
            Machines(ssm).poll("12345678-1234-1234-1234-123456789012", "i-1", "check")


@pytest.mark.parametrize(("code", "status", "kind"), [("ThrottlingException", 400, RetryableServiceError), ("InternalServerError", 500, RetryableServiceError), ("AccessDeniedException", 400, StepFailed)])  # fmt: skip
def test_api_errors_are_classified(ssm: Any, code: str, status: int, kind: type[Exception]) -> None:
    with Stubber(ssm) as stub:
        stub.add_client_error("send_command", code, http_status_code=status)
        with pytest.raises(kind, match="ssm:SendCommand"):
            Machines(ssm).send("i-1", "check", {}, seconds=60)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT0.004S", 0.004), ("PT1M2.5S", 62.5), ("PT1H", 3600.0), ("", None), ("PT", None), ("soon", None)],
)
def test_the_time_on_the_machine_is_read(text: str, seconds: float | None) -> None:
    assert parse_duration(text) == seconds
