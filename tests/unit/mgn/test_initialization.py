"""Initialization: only when something is missing, and read back, because the call can fail half done."""

from __future__ import annotations

from dataclasses import replace

import pytest
from common.clients.mgn import Mgn
from common.clients.mgn.roles import SERVICE_LINKED_ROLE
from common.clients.provider import ReplicationSettings
from common.errors import RetryableProviderError, StepFailed

from tests.unit.mgn.conftest import Stage
from tests.unit.mgn.ec2 import SERVICE_ROLES
from tests.unit.mgn.wire import ACCOUNT, ApiError

AGENT = "AWSApplicationMigrationAgentRole"
CONVERSION = "AWSApplicationMigrationConversionServerRole"
DEFAULTS = ReplicationSettings(subnet_id="subnet-55555555", security_group_ids=(), use_private_ip=True)


def clear(stage: Stage) -> None:
    stage.mgn.initialized = False
    stage.iam.roles.clear()
    stage.iam.policies.clear()
    stage.iam.profiles.clear()


def test_a_new_account_is_initialized_with_the_roles_that_the_service_expects(stage: Stage, client: Mgn) -> None:
    clear(stage)

    assert client.initialize(DEFAULTS)["initialized"] == "now"
    assert stage.mgn.count("InitializeService") == 1
    assert stage.iam.roles == {SERVICE_LINKED_ROLE, *SERVICE_ROLES}
    assert stage.iam.policies == {name: [*one.policies] for name, one in SERVICE_ROLES.items()}
    assert {path for path, _ in stage.iam.trusts.values()} == {"/service-role/"}
    assert stage.iam.profiles[CONVERSION] == [CONVERSION]


def test_only_mgn_can_assume_the_role_of_the_agents_and_only_for_a_source_server(stage: Stage, client: Mgn) -> None:
    clear(stage)
    client.initialize(DEFAULTS)

    _, trust = stage.iam.trusts[AGENT]
    (statement,) = trust["Statement"]
    assert statement["Principal"] == {"Service": "mgn.amazonaws.com"}
    assert statement["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity"]
    assert statement["Condition"] == {
        "StringLike": {"sts:SourceIdentity": "s-*", "aws:SourceAccount": ACCOUNT},
    }
    assert stage.iam.trusts[CONVERSION][1]["Statement"][0]["Principal"] == {"Service": "ec2.amazonaws.com"}


def test_an_account_without_templates_gets_both_that_the_first_agent_needs(stage: Stage, client: Mgn) -> None:
    client.initialize(DEFAULTS)

    (replication,), (launch,) = stage.mgn.templates, stage.mgn.launch_templates
    assert replication["stagingAreaSubnetId"] == "subnet-55555555"
    assert replication["associateDefaultSecurityGroup"] is True
    assert launch["launchConfigurationTemplateID"]


def test_templates_that_exist_are_left_as_they_are(stage: Stage, client: Mgn) -> None:
    client.initialize(DEFAULTS)

    client.initialize(replace(DEFAULTS, subnet_id="subnet-66666666"))

    assert [one["stagingAreaSubnetId"] for one in stage.mgn.templates] == ["subnet-55555555"]
    assert len(stage.mgn.launch_templates) == 1
    assert stage.mgn.count("UpdateReplicationConfigurationTemplate") == 0


def test_an_initialized_account_is_left_as_it_is(stage: Stage, client: Mgn) -> None:
    roles = {*stage.iam.roles}
    stage.iam.roles.discard("AWSApplicationMigrationMGHRole")  # not needed

    assert client.initialize(DEFAULTS)["initialized"] == "before"
    assert stage.mgn.count("InitializeService") == 0
    assert stage.iam.roles < roles


def test_a_role_without_its_policy_is_repaired(stage: Stage, client: Mgn) -> None:
    stage.iam.policies[AGENT] = []

    assert client.initialize(DEFAULTS)["initialized"] == "now"
    assert stage.iam.policies[AGENT] == ["service-role/AWSApplicationMigrationAgentPolicy_v2"]


def test_an_instance_profile_that_the_service_left_empty_gets_its_role(stage: Stage, client: Mgn) -> None:
    stage.iam.profiles[CONVERSION] = []
    stage.mgn.on_initialize = lambda: None

    assert client.initialize(DEFAULTS)["initialized"] == "now"
    assert stage.iam.profiles[CONVERSION] == [CONVERSION]


def test_a_role_that_the_service_does_not_see_at_once_is_waited_for(stage: Stage, client: Mgn) -> None:
    clear(stage)
    unseen = [ApiError("ValidationException", "Failed to create SLR or instance profiles", reason="other")] * 2
    stage.mgn.faults["InitializeService"] = [*unseen]

    assert client.initialize(DEFAULTS)["initialized"] == "now"


def test_a_missing_role_is_repaired(stage: Stage, client: Mgn) -> None:
    stage.iam.roles.discard(CONVERSION)

    assert client.initialize(DEFAULTS)["initialized"] == "now"


def test_everything_that_is_still_missing_is_named(stage: Stage, client: Mgn) -> None:
    clear(stage)

    def half_done() -> None:
        stage.iam.roles.discard(AGENT)
        stage.iam.roles.discard(SERVICE_LINKED_ROLE)
        stage.iam.policies[CONVERSION] = []

    stage.mgn.on_initialize = half_done

    with pytest.raises(StepFailed) as caught:
        client.initialize(DEFAULTS)
    assert caught.value.reason == (
        f"AWS MGN in region eu-west-1 is initialized only in part: still missing: role {SERVICE_LINKED_ROLE}, "
        f"policy service-role/AWSApplicationMigrationConversionServerPolicy on role {CONVERSION}, role {AGENT}"
    )
    assert "MGN console" in caught.value.next_action


def test_a_missing_instance_profile_is_made(stage: Stage, client: Mgn) -> None:
    del stage.iam.profiles[CONVERSION]
    stage.mgn.on_initialize = lambda: None

    assert client.initialize(DEFAULTS)["initialized"] == "now"
    assert stage.iam.profiles[CONVERSION] == [CONVERSION]


def test_a_service_that_needs_some_seconds_is_waited_for(stage: Stage, client: Mgn) -> None:
    clear(stage)
    uninitialized = ApiError("UninitializedAccountException", "Account not initialized")

    def make_roles() -> None:
        stage.iam.initialize()
        if stage.mgn.count("InitializeService") == 1:
            stage.mgn.faults["DescribeReplicationConfigurationTemplates"] = [uninitialized, uninitialized]

    stage.mgn.on_initialize = make_roles

    assert client.initialize(DEFAULTS)["initialized"] == "now"


def test_a_service_that_stays_uninitialized_is_not_waited_for_without_end(stage: Stage, client: Mgn) -> None:
    stage.mgn.faults["DescribeReplicationConfigurationTemplates"] = [
        ApiError("UninitializedAccountException", "Account not initialized") for _ in range(99)
    ]
    began = stage.clock.now()

    with pytest.raises(StepFailed, match="still answers that it is not initialized"):
        client.initialize(DEFAULTS)
    assert stage.clock.now() - began < 60


def test_roles_that_may_not_be_read_are_an_error_and_not_passed(stage: Stage, client: Mgn) -> None:
    stage.iam.refused.add("GetRole")

    with pytest.raises(StepFailed, match="iam:GetRole: AccessDenied") as caught:
        client.initialize(DEFAULTS)
    assert caught.value.next_action == "allow iam:GetRole to the function's role"


def test_the_reason_of_a_refused_initialization_is_passed_on(stage: Stage, client: Mgn) -> None:
    clear(stage)
    stage.mgn.faults["InitializeService"] = [
        ApiError("ValidationException", "Failed to create SLR or instance profiles", reason="other") for _ in range(99)
    ]

    with pytest.raises(StepFailed, match="Failed to create SLR or instance profiles"):
        client.initialize(DEFAULTS)


def test_a_busy_service_is_retryable_and_no_sign_of_a_missing_initialization(stage: Stage, client: Mgn) -> None:
    stage.mgn.faults["DescribeReplicationConfigurationTemplates"] = [
        ApiError("InternalServerException", "busy", 500) for _ in range(9)
    ]
    with pytest.raises(RetryableProviderError):
        client.initialize(DEFAULTS)
    assert stage.mgn.count("InitializeService") == 0


def test_an_initialization_without_a_response_in_time_counts_when_everything_exists(stage: Stage, client: Mgn) -> None:
    clear(stage)

    def act_without_a_response() -> None:
        stage.iam.initialize()
        stage.mgn.initialized = True
        raise ApiError("InternalServerException", "timed out", 500)

    stage.mgn.on_initialize = act_without_a_response

    assert client.initialize(DEFAULTS)["initialized"] == "now"


def test_an_initialization_that_failed_is_reported_with_its_error_and_what_is_missing(
    stage: Stage, client: Mgn
) -> None:
    stage.iam.roles.discard(SERVICE_LINKED_ROLE)
    stage.mgn.faults["InitializeService"] = [ApiError("InternalServerException", "oops", 500) for _ in range(99)]

    with pytest.raises(StepFailed, match=f"still missing: role {SERVICE_LINKED_ROLE} .mgn:InitializeService: .*oops"):
        client.initialize(DEFAULTS)


def test_a_right_that_is_missing_for_the_initialization_is_named_with_what_to_allow(stage: Stage, client: Mgn) -> None:
    clear(stage)
    stage.mgn.faults["InitializeService"] = [ApiError("AccessDeniedException", "no", 403) for _ in range(99)]

    with pytest.raises(StepFailed, match="mgn:InitializeService: AccessDeniedException") as caught:
        client.initialize(DEFAULTS)
    assert caught.value.next_action.startswith("allow mgn:InitializeService to the function's role")


def test_roles_that_may_not_be_made_are_an_error_at_once(stage: Stage, client: Mgn) -> None:
    clear(stage)
    stage.iam.refused.add("CreateRole")

    with pytest.raises(StepFailed, match="iam:CreateRole: AccessDenied"):
        client.initialize(DEFAULTS)
    assert stage.mgn.count("InitializeService") == 0
