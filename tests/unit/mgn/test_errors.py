"""Errors of the API in words, and retries as the service requests them."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from common.clients.mgn import Mgn
from common.clients.mgn.service import Service
from common.clients.mgn.settings import MgnSettings
from common.clients.provider_retries import MAX_ATTEMPTS, MAX_PAUSE_SECONDS
from common.errors import ConfigurationError, RetryableProviderError, StepFailed

from tests.unit.mgn.conftest import OWN, Stage
from tests.unit.mgn.wire import REGION, ApiError, Raw

DESCRIBE = "DescribeSourceServers"


def fail(stage: Stage, *errors: Exception) -> None:
    stage.mgn.faults[DESCRIBE] = list(errors)


def test_an_account_that_is_not_initialized_is_named_with_region_and_command(stage: Stage, client: Mgn) -> None:
    stage.mgn.initialized = False

    with pytest.raises(StepFailed, match="MGN is not initialized in region eu-west-1") as caught:
        client.find_source_server("gogs")
    assert "aws mgn initialize-service --region eu-west-1" in caught.value.next_action
    assert stage.mgn.count(DESCRIBE) == 1


def test_retry_after_is_respected(stage: Stage, client: Mgn) -> None:
    fail(stage, ApiError("ThrottlingException", "slow down", 429, retry_after="5"))
    began = stage.clock.now()

    assert client.find_source_server("gogs")
    assert 5 <= stage.clock.now() - began < 6


def test_a_wait_that_is_too_long_for_a_function_is_left_to_the_state_machine(stage: Stage, client: Mgn) -> None:
    fail(stage, *(ApiError("ThrottlingException", "slow down", 429, retry_after="600") for _ in range(9)))
    began = stage.clock.now()

    with pytest.raises(RetryableProviderError, match=rf"slow down \({MAX_ATTEMPTS} tries at most\)") as caught:
        client.find_source_server("gogs")
    assert type(caught.value) is RetryableProviderError, "Step Functions matches the name"
    assert stage.clock.now() - began <= MAX_PAUSE_SECONDS * MAX_ATTEMPTS


@pytest.mark.parametrize("status", [500, 503])
def test_a_failure_of_the_service_is_retried(stage: Stage, client: Mgn, status: int) -> None:
    fail(stage, ApiError("InternalServerException", "oops", status))

    assert client.find_source_server("gogs")
    assert stage.mgn.count(DESCRIBE) == 2


def test_a_service_that_cannot_be_reached_is_retryable(
    stage: Stage, client: Mgn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_operation: str, _parameters: object) -> dict[str, object]:
        raise EndpointConnectionError(endpoint_url="https://mgn")

    monkeypatch.setattr(stage.mgn, "do", refuse)
    with pytest.raises(RetryableProviderError, match="mgn:DescribeSourceServers"):
        client.find_source_server("gogs")


@pytest.mark.parametrize(("status", "sent"), [(500, 1), (429, MAX_ATTEMPTS)])
def test_a_start_is_sent_again_only_when_the_service_did_not_act(stage: Stage, status: int, sent: int) -> None:
    """botocore's own retries are off: it would send a start again whose response was lost."""
    requests: list[str] = []

    def respond(request: AWSPreparedRequest, **_: object) -> Any:
        requests.append(str(request.url))
        code = "ThrottlingException" if status == 429 else "InternalServerException"
        headers: Any = {"x-amzn-ErrorType": code, "content-type": "application/json"}
        raw: Any = Raw(b'{"message": "busy"}')
        return AWSResponse(str(request.url), status, headers, raw)

    keys: dict[str, Any] = {"region_name": REGION, "aws_access_key_id": "test", "aws_secret_access_key": "test"}
    for mode in ("standard", "legacy", "adaptive"):
        requests.clear()
        config = Config(retries={"mode": mode, "total_max_attempts": 3})
        boto = boto3.session.Session().client("mgn", config=config, **keys)
        boto.meta.events.register("before-send", respond)
        with pytest.raises(RetryableProviderError):
            Service(boto, stage.clock).call("start_test", repeatable=False, sourceServerIDs=[stage.server_id])
        assert len(requests) == sent, mode


def test_a_denied_call_names_the_action_and_the_policy(stage: Stage, client: Mgn) -> None:
    fail(stage, ApiError("AccessDeniedException", "not authorized", 403))

    with pytest.raises(StepFailed) as caught:
        client.find_source_server("gogs")
    assert caught.value.next_action == (
        "allow mgn:DescribeSourceServers to the function's role; a launch also needs the policy AWSApplicationMigrationEC2Access"
    )


def test_an_invalid_request_names_its_fields(stage: Stage, client: Mgn) -> None:
    fields = [{"name": "filters", "message": "too many"}]
    fail(stage, ApiError("ValidationException", "invalid", 400, reason="fieldValidationFailed", fieldList=fields))

    with pytest.raises(StepFailed, match="invalid; filters: too many"):
        client.find_source_server("gogs")


def test_a_quota_without_a_known_code_is_reported_as_it_came(stage: Stage, client: Mgn) -> None:
    fail(stage, ApiError("ServiceQuotaExceededException", "limit", 402, quotaCode="L-NEW"))

    with pytest.raises(StepFailed, match="quota L-NEW is reached: a quota that the service does not name"):
        client.find_source_server("gogs")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"boot_mode": "BIOS"}, "boot_mode"),
        ({"bandwidth_throttling_mbps": "5"}, "bandwidth_throttling_mbps"),
        ({"bandwidth_throttling_mbps": -1}, "bandwidth_throttling_mbps"),
        ({"bandwidth_throttling_mbps": True}, "bandwidth_throttling_mbps"),
        ({"replication_server_instance_type": ""}, "replication_server_instance_type"),
        ({"console_url": "https://x"}, "console_url"),
    ],
)
def test_wrong_settings_are_rejected_by_key(change: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigurationError, match=f"for MGN: {named}"):
        MgnSettings.parse({**OWN, **change})


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(ConfigurationError, match="for MGN: boot_mode"):
        MgnSettings.parse({key: value for key, value in OWN.items() if key != "boot_mode"})
