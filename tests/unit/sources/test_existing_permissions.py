"""The permissions on an existing source and of its servers: by id and by name, and no more than for the demo source."""

from __future__ import annotations

from aws_cdk import App
from cdk_nag import AwsSolutionsChecks

from tests.unit.sources.conftest import list_command_targets, list_permissions, list_values
from tests.unit.sources.existing import APPLICATION, COMPLETE_ARN, DATABASE, ROLE
from tests.unit.stacks.conftest import Templates

STACKS = ("ReplicationStack", "TestLaunchStack", "MigrationStack")
HYBRID = "arn:<partition>:ssm:<region>:<account>:managed-instance/"
SECRET = "arn:<partition>:secretsmanager:us-east-1:<account>:secret:forge/"
READ = ("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret")


def test_commands_are_allowed_only_to_the_servers_of_the_source(templates: Templates) -> None:
    assert list_command_targets(templates, "ReplicationStack") == {HYBRID + APPLICATION.id}
    assert list_command_targets(templates, "TestLaunchStack") == {HYBRID + APPLICATION.id, HYBRID + DATABASE.id}


def test_commands_by_tag_are_allowed_only_to_launched_machines(templates: Templates) -> None:
    tags = {
        tag
        for _, _, policy in templates.everywhere("AWS::IAM::Policy")
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        for tag in list_values(
            statement.get("Condition", {}).get("StringEquals", {}).get("ssm:resourceTag/cutover:role", [])
        )
    }
    assert tags == {"replica", "target"}


def test_the_named_role_gets_only_the_permissions_that_the_tool_needs(templates: Templates) -> None:
    record = "arn:<partition>:dynamodb:us-east-1:<account>:table/cutover-gogs-runs"
    parameters = "arn:<partition>:ssm:us-east-1:<account>:parameter/cutover/gogs/*"
    permissions = {(action, arn) for action, arn, _ in list_permissions(templates, "ReplicationStack", role=ROLE)}
    of_the_target = {(action, arn) for action, arn in permissions if "Ref" in arn}
    assert permissions - of_the_target == {
        *((action, f"{SECRET}{name}-??????") for name in ("database", "site") for action in READ),
        *((action, COMPLETE_ARN) for action in READ),
        ("secretsmanager:PutSecretValue", f"{SECRET}site-??????"),
        ("dynamodb:GetItem", record),
        ("dynamodb:UpdateItem", record),
        ("ssm:GetParameter", parameters),
        ("ssm:GetParameters", parameters),
    }
    # The application server loads the schema into the target: it reads the administrator's secret and the application's
    assert {action for action, _ in of_the_target} == set(READ)
    assert len({arn for _, arn in of_the_target}) == 2


def test_secrets_by_name_are_granted_by_name_and_six_characters(templates: Templates) -> None:
    """A policy with only the name would match no secret, because an ARN ends with six random characters."""
    named = {arn for stack in STACKS for _, arn, _ in list_permissions(templates, stack) if "secret:forge/" in arn}
    assert named == {f"{SECRET}database-??????", f"{SECRET}site-??????", COMPLETE_ARN}


def test_the_hosted_zone_is_granted_by_its_id(templates: Templates) -> None:
    zones = {arn for action, arn, _ in list_permissions(templates, "TestLaunchStack") if action.startswith("route53:")}
    assert zones == {"arn:<partition>:route53:::hostedzone/Z0123456789"}


def test_cdk_nag_reports_no_unacknowledged_violation(app: App, templates: Templates) -> None:
    assert templates
    violations = AwsSolutionsChecks(app).validate_scope(app).violations
    assert [f"{violation.rule_name}: {violation.description}" for violation in violations] == []
