"""InitializeService, the roles that it makes, templates."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from rehearsal.aws.clients import Clients
from rehearsal.aws.faults import client as faults
from rehearsal.aws.mgn.roles import create_service_roles
from rehearsal.settings import Settings
from tests.unit.aws.mgn.source_servers import TEMPLATE, Register

PROFILES = {
    "AWSApplicationMigrationReplicationServerRole",
    "AWSApplicationMigrationConversionServerRole",
    "AWSApplicationMigrationLaunchInstanceWithSsmRole",
    "AWSApplicationMigrationLaunchInstanceWithDrsRole",
}


def test_everything_is_refused_before_initialization(refusals_before_initialization: dict[str, ClientError]) -> None:
    assert refusals_before_initialization
    for error in refusals_before_initialization.values():
        assert type(error).__name__ == "UninitializedAccountException"
        assert error.response["Error"]["Message"] == "Account not initialized"
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_the_error_code_is_in_the_header_and_not_in_the_member_code(
    refusals_before_initialization: dict[str, ClientError],
) -> None:
    response: Any = refusals_before_initialization["DescribeJobs"].response
    assert response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-errortype"] == "UninitializedAccountException"
    assert response["code"] == "UNINITIALIZED_ACCOUNT"


def test_the_roles_and_profiles_can_be_read_afterwards(mgn: Any, aws: Clients) -> None:
    mgn.initialize_service()  # a second time: nothing changes
    iam = aws("iam")
    for name in PROFILES:
        profile = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
        assert [role["RoleName"] for role in profile["Roles"]] == [name]
        assert profile["Path"] == "/service-role/"
    service_linked = iam.get_role(RoleName="AWSServiceRoleForApplicationMigrationService")["Role"]
    assert service_linked["Path"] == "/aws-service-role/mgn.amazonaws.com/"
    agent = iam.get_role(RoleName="AWSApplicationMigrationAgentRole")["Role"]["AssumeRolePolicyDocument"]
    assert agent["Statement"][0]["Principal"] == {"Service": "mgn.amazonaws.com"}


def test_a_replication_template_is_updated_in_part_and_checked(mgn: Any, subnet: str) -> None:
    (template,) = mgn.describe_replication_configuration_templates()["items"]
    assert template["replicationConfigurationTemplateID"].startswith("rct-")
    identifier = {"replicationConfigurationTemplateID": template["replicationConfigurationTemplateID"]}
    changed = mgn.update_replication_configuration_template(**identifier, bandwidthThrottling=50)
    assert (changed["bandwidthThrottling"], changed["stagingAreaSubnetId"]) == (50, subnet)
    with pytest.raises(mgn.exceptions.ValidationException) as caught:
        mgn.update_replication_configuration_template(**identifier, stagingAreaSubnetId="subnet-0123456789abcdef0")
    assert caught.value.response["fieldList"][0]["name"] == "stagingAreaSubnetId"
    mgn.update_replication_configuration_template(**identifier, bandwidthThrottling=0)


def test_a_server_keeps_its_configuration_when_the_template_changes(mgn: Any, register: Register) -> None:
    server = register()
    (template,) = mgn.describe_replication_configuration_templates()["items"]
    identifier = {"replicationConfigurationTemplateID": template["replicationConfigurationTemplateID"]}
    mgn.update_replication_configuration_template(**identifier, bandwidthThrottling=77)
    assert mgn.get_replication_configuration(sourceServerID=server.id)["bandwidthThrottling"] == 0
    mgn.update_replication_configuration(
        sourceServerID=server.id, bandwidthThrottling=10, useDedicatedReplicationServer=True
    )
    configuration = mgn.get_replication_configuration(sourceServerID=server.id)
    assert (configuration["bandwidthThrottling"], configuration["useDedicatedReplicationServer"]) == (10, True)
    assert configuration["stagingAreaTags"] == TEMPLATE["stagingAreaTags"]
    assert configuration["replicatedDisks"][0]["isBootDisk"] is True
    mgn.update_replication_configuration_template(**identifier, bandwidthThrottling=0)


def test_a_launch_template_of_the_account_sets_what_new_servers_begin_with(mgn: Any, register: Register) -> None:
    (template,) = mgn.describe_launch_configuration_templates()["items"]
    identifier = {"launchConfigurationTemplateID": template["launchConfigurationTemplateID"]}
    mgn.update_launch_configuration_template(**identifier, targetInstanceTypeRightSizingMethod="NONE", copyTags=True)
    server = register()
    configuration = mgn.get_launch_configuration(sourceServerID=server.id)
    assert (configuration["targetInstanceTypeRightSizingMethod"], configuration["copyTags"]) == ("NONE", True)
    back = mgn.update_launch_configuration_template(
        **identifier, targetInstanceTypeRightSizingMethod="BASIC", copyTags=False
    )
    assert mgn.describe_launch_configuration_templates()["items"] == [
        {key: value for key, value in back.items() if key != "ResponseMetadata"}
    ]


def test_an_initialization_that_fails_half_done_is_completed_by_the_next(
    settings: Settings, mgn: Any, aws: Clients
) -> None:
    name, iam = "AWSApplicationMigrationConversionServerRole", aws("iam")

    def roles() -> list[str]:
        profile = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
        return [role["RoleName"] for role in profile["Roles"]]

    iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=name)
    faults.inject_fault(settings, "mgn-initialize-fails")
    with pytest.raises(mgn.exceptions.ValidationException, match="Failed to create SLR or instance profiles"):
        mgn.initialize_service()
    assert roles() == []
    mgn.initialize_service()
    assert roles() == [name]


def test_roles_that_nobody_has_created_fail_the_initialization(mgn: Any, aws: Clients) -> None:
    name, iam = "AWSApplicationMigrationLaunchInstanceWithDrsRole", aws("iam")
    iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=name)
    for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    iam.delete_role(RoleName=name)
    with pytest.raises(mgn.exceptions.ValidationException, match="Failed to create SLR or instance profiles"):
        mgn.initialize_service()
    create_service_roles(iam)
    mgn.initialize_service()
    profile = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    assert [role["RoleName"] for role in profile["Roles"]] == [name]


def test_no_agent_can_register_without_both_templates(
    mgn: Any, early_registrations: dict[str, requests.Response]
) -> None:
    assert mgn
    assert {name: one.headers.get("x-amzn-errortype") for name, one in early_registrations.items()} == {
        "no template": "UninitializedAccountException",
        "no launch template": "UninitializedAccountException",
    }
