"""With kind = "mgn" each function has the rights that it needs at AWS MGN and no others, and the source server may register its agent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from common.clients.mgn.roles import ROLES
from common.settings import ClientSettings
from settings import Settings

from tests.unit.providers.mgn_statements import (
    ANY,
    FIRST,
    INITIALIZER,
    PROCEDURE,
    REMOVERS,
    find_statements,
    list_statements,
    list_values,
)
from tests.unit.providers.tables import KEY, MGN, MGN_WITH_EVERY_KEY, write_configuration
from tests.unit.stacks.conftest import Templates, synthesize


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return synthesize(Settings.load(write_configuration(tmp_path_factory.mktemp("site"), MGN_WITH_EVERY_KEY)))


@pytest.mark.parametrize(
    ("action", "functions"),
    [
        ("mgn:DescribeSourceServers", {PROCEDURE, *REMOVERS, INITIALIZER}),
        ("mgn:DescribeJobs", {PROCEDURE, *REMOVERS}),
        ("ec2:DescribeInstances", {PROCEDURE, *REMOVERS, "TestLaunchStack.ReportsFunction"}),
        ("ec2:DescribeVolumes", {PROCEDURE}),
        ("mgn:DescribeJobLogItems", {PROCEDURE, *REMOVERS}),
        ("mgn:StartTest", {PROCEDURE}),
        ("mgn:StartCutover", {PROCEDURE}),
        ("mgn:FinalizeCutover", {PROCEDURE}),
        ("mgn:GetLaunchConfiguration", {PROCEDURE}),
        ("mgn:ListSourceServerActions", {PROCEDURE}),
        ("sts:DecodeAuthorizationMessage", {PROCEDURE}),
        ("mgn:UpdateLaunchConfiguration", {PROCEDURE}),
        ("ec2:DescribeLaunchTemplateVersions", {PROCEDURE}),
        ("ec2:CreateLaunchTemplateVersion", {PROCEDURE}),
        ("ec2:ModifyLaunchTemplate", {PROCEDURE}),
        ("mgn:ChangeServerLifeCycleState", {PROCEDURE, *REMOVERS}),
        ("mgn:TerminateTargetInstances", {PROCEDURE, *REMOVERS}),
        ("ec2:TerminateInstances", {PROCEDURE, *REMOVERS}),
        ("mgn:InitializeService", {FIRST, INITIALIZER}),
        ("iam:CreateServiceLinkedRole", {FIRST, INITIALIZER}),
        ("iam:CreateRole", {FIRST, INITIALIZER}),
        ("iam:AttachRolePolicy", {FIRST, INITIALIZER}),
        ("iam:GetRole", {PROCEDURE, FIRST, INITIALIZER}),
        ("iam:GetInstanceProfile", {PROCEDURE, FIRST, INITIALIZER}),
        ("iam:SimulatePrincipalPolicy", {PROCEDURE}),
        ("iam:ListAttachedRolePolicies", {PROCEDURE, FIRST, INITIALIZER}),
        ("mgn:CreateReplicationConfigurationTemplate", {FIRST, INITIALIZER}),
        ("mgn:CreateLaunchConfigurationTemplate", {FIRST, INITIALIZER}),
        ("mgn:UpdateReplicationConfigurationTemplate", {INITIALIZER}),
        ("mgn:StartReplication", {INITIALIZER}),
        ("mgn:UpdateReplicationConfiguration", {INITIALIZER}),
        ("kms:CreateGrant", {PROCEDURE}),
        ("mgn:RegisterAgentForMgn", set()),
    ],
)
def test_only_the_functions_that_need_a_right_have_it(templates: Templates, action: str, functions: set[str]) -> None:
    assert set(find_statements(templates, action)) == functions


def test_rights_on_any_resource_are_reads_and_the_initialization(templates: Templates) -> None:
    allowed = {
        "mgn:InitializeService",
        "mgn:CreateLaunchConfigurationTemplate",
        "mgn:CreateReplicationConfigurationTemplate",
    }
    found = {
        action
        for _, statement in list_statements(templates)
        for action in list_values(statement["Action"])
        if action.startswith(("mgn:", "kms:", "iam:")) and ANY in list_values(statement["Resource"])
    }
    assert {action for action in found - allowed if not action.startswith("mgn:Describe")} == set()
    assert allowed <= found


def test_changes_of_launch_templates_are_bound_to_those_of_mgn(templates: Templates) -> None:
    statement = find_statements(templates, "ec2:ModifyLaunchTemplate")[PROCEDURE]
    assert statement["Condition"] == {"Null": {"aws:ResourceTag/AWSApplicationMigrationServiceManaged": "false"}}


def test_only_replicas_can_be_terminated(templates: Templates) -> None:
    for name, statement in find_statements(templates, "ec2:TerminateInstances").items():
        assert list_values(statement["Action"]) == ["ec2:TerminateInstances"], name
        assert statement["Condition"]["StringEquals"] == {"aws:ResourceTag/cutover:role": "replica"}, name


def test_the_procedure_may_pass_only_the_replicas_role_and_only_to_ec2(templates: Templates) -> None:
    found = find_statements(templates, "iam:PassRole")
    assert set(found) == {PROCEDURE, FIRST, INITIALIZER}
    assert "MachinesReplica" in json.dumps(found[PROCEDURE]["Resource"])
    assert found[PROCEDURE]["Condition"] == {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    for initializer in (FIRST, INITIALIZER):
        assert "AWSApplicationMigration" in json.dumps(found[initializer]["Resource"])


def test_the_roles_of_mgn_are_created_by_name_with_the_policies_of_aws_alone(templates: Templates) -> None:
    names = {one.name for one in ROLES}
    for name, statement in find_statements(templates, "iam:CreateRole").items():
        found = {json.dumps(arn).rpartition("/")[2].strip('"]}') for arn in list_values(statement["Resource"])}
        assert found == names, name
    for name, statement in find_statements(templates, "iam:AttachRolePolicy").items():
        arns = statement["Condition"]["ArnEquals"]["iam:PolicyARN"]
        found = {json.dumps(arn).partition("policy/")[2].strip('"]}') for arn in arns}
        assert found == {policy for one in ROLES for policy in one.policies}, name


def test_the_source_server_starts_when_mgn_accepts_its_agent(templates: Templates) -> None:
    (initialization,) = templates.resources("SourceStack", "Custom::ProviderInitialization")
    gogs = templates["SourceStack"]["Resources"]["GogsServerInstance412A8975"]
    assert initialization in gogs["DependsOn"]


def test_the_first_initialization_needs_nothing_of_the_other_stacks(templates: Templates) -> None:
    assert "Fn::ImportValue" not in json.dumps(templates["SourceStack"])
    (variables,) = (
        one["Properties"]["Environment"]["Variables"]
        for key, one in templates.resources("SourceStack", "AWS::Lambda::Function").items()
        if key.startswith("GogsServerProviderInitializationFunction")
    )
    assert set(variables) == {"CUTOVER_PROVIDER", "CUTOVER_PROVIDER_SETTINGS", "CUTOVER_SOURCE_SERVER"}
    assert ClientSettings.from_environment(variables).provider.kind == "mgn"


def test_the_procedure_tests_its_own_rights_alone(templates: Templates) -> None:
    statement = find_statements(templates, "iam:SimulatePrincipalPolicy")[PROCEDURE]
    (role,) = (
        key
        for key in templates.resources("TestLaunchStack", "AWS::IAM::Role")
        if key.startswith("ProcedureFunctionRole")
    )
    assert statement["Resource"] == {"Fn::GetAtt": [role, "Arn"]}


def test_the_key_is_used_through_ec2_alone(templates: Templates) -> None:
    for action in ("kms:Decrypt", "kms:CreateGrant"):
        (statement,) = find_statements(templates, action).values()
        assert statement["Resource"] == KEY
        assert statement["Condition"], action


def list_managed_policies(templates: Templates) -> dict[str, list[str]]:
    """Return the names of MGN's managed policies on each role."""
    found: dict[str, list[str]] = {}
    for stack, key, role in templates.everywhere("AWS::IAM::Role"):
        names = [
            json.dumps(arn).rpartition("/")[2].strip('"]}') for arn in role["Properties"].get("ManagedPolicyArns", [])
        ]
        if ours := [name for name in names if "ApplicationMigration" in name]:
            found[f"{stack}.{key.partition('Role')[0]}"] = ours
    return found


def test_callers_that_launch_or_remove_have_the_policy_that_aws_keeps_for_them(templates: Templates) -> None:
    assert list_managed_policies(templates) == {
        **{name: ["AWSApplicationMigrationEC2Access"] for name in (PROCEDURE, *REMOVERS)},
        "SourceStack.GogsServer": ["AWSApplicationMigrationAgentInstallationPolicy"],
    }


def test_replication_servers_accept_the_agents_blocks_from_the_source_server_alone(templates: Templates) -> None:
    rules = [
        rule["Properties"]
        for rule in templates.resources("ReplicationStack", "AWS::EC2::SecurityGroupIngress").values()
        if "AccessBlocks" in json.dumps(rule["Properties"]["GroupId"])
    ]
    assert [(rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) for rule in rules] == [("tcp", 1500, 1500)]
    assert "SourceSecurityGroupId" in rules[0]


def read_variables(templates: Templates) -> set[tuple[str, str, str]]:
    functions = [
        one["Properties"].get("Environment", {}) for _, _, one in templates.everywhere("AWS::Lambda::Function")
    ]
    return {
        (one["CUTOVER_PROVIDER"], one["CUTOVER_SOURCE_SERVER"], one["CUTOVER_PROVIDER_SETTINGS"])
        for one in (function.get("Variables", {}) for function in functions)
        if "CUTOVER_PROVIDER" in one
    }


def test_the_functions_receive_every_setting(templates: Templates) -> None:
    ((kind, server, settings),) = read_variables(templates)
    assert (kind, server) == ("mgn", "gogs")
    assert json.loads(settings) == {
        "replication_server_instance_type": "m5.large",
        "ebs_encryption_key_arn": KEY,
        "bandwidth_throttling_mbps": 100,
        "boot_mode": "UEFI",
    }


def test_the_default_key_of_the_account_is_an_empty_setting_without_rights(tmp_path: Path) -> None:
    templates = synthesize(Settings.load(write_configuration(tmp_path, MGN)))

    ((_, _, settings),) = read_variables(templates)
    assert json.loads(settings)["ebs_encryption_key_arn"] == ""
    assert "kms:CreateGrant" not in json.dumps([one for _, one in list_statements(templates)])


def test_nothing_of_the_other_provider_is_left(templates: Templates) -> None:
    plans = json.dumps([one["Properties"]["Value"] for _, _, one in templates.everywhere("AWS::SSM::Parameter")])
    assert '\\"replication_agent_role\\": \\"mgn_agent\\"' in plans.replace("\\\\", "\\")

    whole = json.dumps({name: templates[name] for name in templates.by_name}).lower()
    assert [word for word in ("cloudendure", "cutover/console", "agent-token") if word in whole] == []
