"""Define the permissions of each machine of the migration: SSM manages it, and it reads its parameters. No keys, no logins."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from common.site_parameters import Parameter, build_parameter_resource, build_runs_table_name
from compliance import acknowledge
from constructs import Construct, IConstruct


def create_machine_role(scope: Construct, construct_id: str, *, site: str, description: str) -> iam.Role:
    """Create a role for EC2: Session Manager, Run Command, read access to the parameters below /cutover/<site>/ and to the run record."""
    role = iam.Role(
        scope,
        construct_id,
        assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
        description=description,
        managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSSMManagedInstanceCore")],
    )
    for statement in build_tool_statements(role, site):
        role.add_to_policy(statement)
    acknowledge(
        role,
        "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonSSMManagedInstanceCore]",
        "AWS keeps this policy in step with the SSM agent; it is the only way in to these machines.",
    )
    return role


def build_tool_statements(holder: IConstruct, site: str) -> list[iam.PolicyStatement]:
    """Return what the tool needs on every machine: to read the site's parameters and the run record.

    `holder` is the role or policy that gets these statements; its finding of cdk-nag is acknowledged.
    """
    stack, below = Stack.of(holder), build_parameter_resource(site, Parameter.ALL)
    acknowledge(
        holder,
        f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:{stack.region}:<AWS::AccountId>:parameter/{below}]",
        "The parameters of this site, which hold names and ARNs only; some exist only later.",
    )
    return [
        iam.PolicyStatement(
            actions=["ssm:GetParameter", "ssm:GetParameters"],
            resources=[stack.format_arn(service="ssm", resource="parameter", resource_name=below)],
        ),
        iam.PolicyStatement(actions=["dynamodb:GetItem"], resources=[build_runs_table_arn(stack, site)]),
    ]


def build_runs_table_arn(stack: Stack, site: str) -> str:
    """Return the ARN of the run record's table, made from its name.

    The source's servers exist before ReplicationStack creates the table.
    """
    return stack.format_arn(service="dynamodb", resource="table", resource_name=build_runs_table_name(site))


def grant_read_secrets(
    scope: Construct, construct_id: str, role: iam.IRole, secrets: Sequence[secretsmanager.ISecret]
) -> iam.Policy:
    """Let the role read the secrets. Return the policy.

    The policy is in `scope`'s stack, whichever stack the role is in.
    """
    policy = iam.Policy(scope, construct_id, roles=[role])
    for secret in secrets:
        secret.grant_read(policy)
    return policy
