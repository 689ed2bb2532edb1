"""Initialization: only when something is missing, and read back, because the call can fail half done."""

from __future__ import annotations

import pytest
from common.clients.mgn import Mgn
from common.errors import RetryableProviderError, StepFailed

from tests.unit.mgn.conftest import Stage
from tests.unit.mgn.wire import ApiError

CONVERSION = "AWSApplicationMigrationConversionServerRole"


def clear(stage: Stage) -> None:
    stage.mgn.initialized = False
    stage.iam.roles.clear()
    stage.iam.profiles.clear()


def test_a_new_account_is_initialized(stage: Stage, client: Mgn) -> None:
    clear(stage)

    assert client.initialize()["initialized"] == "now"
    assert stage.mgn.count("InitializeService") == 1


def test_an_initialized_account_is_left_as_it_is(stage: Stage, client: Mgn) -> None:
    assert client.initialize()["initialized"] == "before"
    assert stage.mgn.count("InitializeService") == 0


def test_a_missing_role_is_repaired(stage: Stage, client: Mgn) -> None:
    stage.iam.roles.discard(CONVERSION)

    assert client.initialize()["initialized"] == "now"


def test_everything_that_is_still_missing_is_named(stage: Stage, client: Mgn) -> None:
    clear(stage)

    def half_done() -> None:
        stage.iam.add_all()
        stage.iam.roles.discard("AWSApplicationMigrationAgentRole")
        stage.iam.profiles[CONVERSION] = []

    stage.mgn.on_initialize = half_done

    with pytest.raises(StepFailed) as caught:
        client.initialize()
    assert caught.value.reason == (
        "AWS MGN in region eu-west-1 is initialized only in part: still missing: role AWSApplicationMigrationAgentRole, "
        f"role {CONVERSION} in the instance profile of this name"
    )
    assert "MGN console" in caught.value.next_action


def test_a_missing_instance_profile_is_named(stage: Stage, client: Mgn) -> None:
    del stage.iam.profiles[CONVERSION]
    stage.mgn.on_initialize = lambda: None

    with pytest.raises(StepFailed, match=f"still missing: instance profile {CONVERSION}"):
        client.initialize()


def test_a_service_that_needs_some_seconds_is_waited_for(stage: Stage, client: Mgn) -> None:
    clear(stage)
    uninitialized = ApiError("UninitializedAccountException", "Account not initialized")

    def make_roles() -> None:
        stage.iam.add_all()
        stage.mgn.faults["DescribeReplicationConfigurationTemplates"] = [uninitialized, uninitialized]

    stage.mgn.on_initialize = make_roles

    assert client.initialize()["initialized"] == "now"


def test_a_service_that_stays_uninitialized_is_not_waited_for_without_end(stage: Stage, client: Mgn) -> None:
    stage.mgn.faults["DescribeReplicationConfigurationTemplates"] = [
        ApiError("UninitializedAccountException", "Account not initialized") for _ in range(99)
    ]
    began = stage.clock.now()

    with pytest.raises(StepFailed, match="still answers that it is not initialized"):
        client.initialize()
    assert stage.clock.now() - began < 60


def test_roles_that_may_not_be_read_are_an_error_and_not_passed(stage: Stage, client: Mgn) -> None:
    stage.iam.refused.add("GetRole")

    with pytest.raises(StepFailed, match="iam:GetRole: AccessDenied") as caught:
        client.initialize()
    assert caught.value.next_action == "allow iam:GetRole to the function's role"


def test_the_reason_of_a_refused_initialization_is_passed_on(stage: Stage, client: Mgn) -> None:
    clear(stage)
    stage.mgn.faults["InitializeService"] = [
        ApiError("ValidationException", "Failed to create SLR or instance profiles", reason="other")
    ]

    with pytest.raises(StepFailed, match="Failed to create SLR or instance profiles"):
        client.initialize()


def test_a_busy_service_is_retryable_and_no_sign_of_a_missing_initialization(stage: Stage, client: Mgn) -> None:
    stage.mgn.faults["DescribeReplicationConfigurationTemplates"] = [
        ApiError("InternalServerException", "busy", 500) for _ in range(9)
    ]
    with pytest.raises(RetryableProviderError):
        client.initialize()
    assert stage.mgn.count("InitializeService") == 0


def test_an_initialization_without_a_response_in_time_counts_when_everything_exists(stage: Stage, client: Mgn) -> None:
    clear(stage)

    def act_without_a_response() -> None:
        stage.iam.add_all()
        raise ApiError("InternalServerException", "timed out", 500)

    stage.mgn.on_initialize = act_without_a_response

    assert client.initialize()["initialized"] == "now"


def test_an_initialization_that_failed_is_reported_with_its_error_and_what_is_missing(
    stage: Stage, client: Mgn
) -> None:
    stage.iam.roles.discard(CONVERSION)
    stage.mgn.faults["InitializeService"] = [ApiError("InternalServerException", "oops", 500) for _ in range(9)]

    with pytest.raises(StepFailed, match=f"still missing: role {CONVERSION} .mgn:InitializeService: .*oops"):
        client.initialize()
