"""With kind = "mgn" each function has the rights that it needs at AWS MGN and no others, and the source server may register its agent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from common.clients.mgn.roles import ROLES
from common.settings import ClientSettings
from settings import Settings

from tests.unit.providers.tables import CLOUDENDURE, KEY, MGN, MGN_WITH_EVERY_KEY, write_configuration
from tests.unit.stacks.conftest import Templates, synthesize

PROCEDURE = "TestLaunchStack.ProcedureFunction"
REMOVERS = {
    "TestLaunchStack.ExpiryFunction",
    *(
        f"{stack}.CustomResources{function}"
        for stack in ("TestLaunchStack", "MigrationStack")
        for function in ("OnEvent", "IsComplete")
    ),
}
INITIALIZER = "ReplicationStack.CustomResourcesOnEvent"
FIRST = "SourceStack.GogsServerProviderInitializationFunction"
ANY = "*"


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return synthesize(Settings.load(write_configuration(tmp_path_factory.mktemp("site"), MGN_WITH_EVERY_KEY)))


def list_values(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def list_statements(templates: Templates) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each statement of a policy, with the stack and the name of the role."""
    for stack, key, policy in templates.everywhere("AWS::IAM::Policy"):
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            yield f"{stack}.{key.partition('Role')[0]}", statement


def list_rules_of_events(templates: Templates) -> list[tuple[str, dict[str, Any]]]:
    """Return the rules that wait for events, by their logical ids. A schedule waits for none."""
    return [
        (key, rule["Properties"])
        for _, key, rule in templates.everywhere("AWS::Events::Rule")
        if "EventPattern" in rule["Properties"]
    ]


def find_statements(templates: Templates, action: str) -> dict[str, dict[str, Any]]:
    """Return the statements that allow an action, by the name of the role. A role has at most one."""
    found = [(name, one) for name, one in list_statements(templates) if action in list_values(one["Action"])]
    assert len({name for name, _ in found}) == len(found)
    return dict(found)


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


def read_wait_seconds(templates: Templates) -> dict[str, int]:
    """Return the seconds between two invocations of a step, by the name of the step's state."""
    found: dict[str, int] = {}
    for _, _, machine in templates.everywhere("AWS::StepFunctions::StateMachine"):
        parts = machine["Properties"]["DefinitionString"]["Fn::Join"][1]
        states = json.loads("".join(part if isinstance(part, str) else "arn" for part in parts))["States"]
        found |= {name: state["Seconds"] for name, state in states.items() if state["Type"] == "Wait"}
    return found


def test_the_events_of_mgn_reach_a_queue_that_only_the_procedure_reads(templates: Templates) -> None:
    ((queue, _),) = (
        item
        for item in templates.resources("TestLaunchStack", "AWS::SQS::Queue").items()
        if item[0].startswith("ProviderEvents")
    )
    ((_, rule),) = list_rules_of_events(templates)
    assert rule["EventPattern"]["source"] == ["aws.mgn"]
    assert "MGN Source Server Launch Result" in rule["EventPattern"]["detail-type"]
    assert [target["Arn"] for target in rule["Targets"]] == [{"Fn::GetAtt": [queue, "Arn"]}]

    readers = [
        name
        for name, one in find_statements(templates, "sqs:ReceiveMessage").items()
        if {"Fn::GetAtt": [queue, "Arn"]} in list_values(one["Resource"])
    ]
    functions = {
        key.partition("0")[0]
        for _, key, one in templates.everywhere("AWS::Lambda::Function")
        if "CUTOVER_PROVIDER_EVENTS_QUEUE_URL" in one["Properties"].get("Environment", {}).get("Variables", {})
    }
    assert readers == [PROCEDURE]
    assert len(functions) == 1
    assert functions.pop().startswith("ProcedureFunction")


def test_only_the_rule_may_send_to_the_queue_and_only_encrypted(templates: Templates) -> None:
    (policy,) = (
        one["Properties"]["PolicyDocument"]["Statement"]
        for key, one in templates.resources("TestLaunchStack", "AWS::SQS::QueuePolicy").items()
        if key.startswith("ProviderEvents")
    )
    ((rule, _),) = list_rules_of_events(templates)
    (admitted,) = [one for one in policy if one["Effect"] == "Allow"]
    assert admitted["Principal"] == {"Service": "events.amazonaws.com"}
    assert admitted["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": [rule, "Arn"]}}}
    (refused,) = [one for one in policy if one["Effect"] == "Deny"]
    assert refused["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_step_that_waits_for_an_event_is_invoked_again_almost_at_once(templates: Templates) -> None:
    seconds = read_wait_seconds(templates)
    assert seconds["Await job: wait"] == seconds["Rollback replica: wait"] == 1
    assert seconds["Preflight: wait"] == 5


def test_a_provider_without_events_has_no_queue_for_them(tmp_path: Path) -> None:
    templates = synthesize(Settings.load(write_configuration(tmp_path, CLOUDENDURE)))

    assert list_rules_of_events(templates) == []
    assert "PROVIDER_EVENTS" not in json.dumps(templates.by_name)
    assert "ProviderInitialization" not in json.dumps(templates.by_name)
    assert read_wait_seconds(templates)["Await job: wait"] == 5
