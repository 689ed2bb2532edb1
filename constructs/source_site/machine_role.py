"""What each machine of the migration may do: be managed by SSM, read its parameters. No keys, no logins."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from common.site_parameters import Parameter, parameter_resource, runs_table_name
from compliance import acknowledge
from constructs import Construct


def machine_role(scope: Construct, construct_id: str, *, site: str, description: str) -> iam.Role:
    """A role for EC2: Session Manager and Run Command, parameters below /cutover/<site>/, the run record's table read."""
    role = iam.Role(
        scope,
        construct_id,
        assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
        description=description,
        managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSSMManagedInstanceCore")],
    )
    stack, below = Stack.of(scope), parameter_resource(site, Parameter.ALL)
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["ssm:GetParameter", "ssm:GetParameters"],
            resources=[stack.format_arn(service="ssm", resource="parameter", resource_name=below)],
        )
    )
    role.add_to_policy(iam.PolicyStatement(actions=["dynamodb:GetItem"], resources=[runs_table_arn(stack, site)]))
    acknowledge(
        role,
        "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonSSMManagedInstanceCore]",
        "AWS keeps this policy in step with the SSM agent; it is the only way in to these machines.",
    )
    acknowledge(
        role,
        f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:{stack.region}:<AWS::AccountId>:parameter/{below}]",
        "The parameters of this site, which hold names and ARNs only; some exist only later.",
    )
    return role


def may_register_discovery_agent(role: iam.Role) -> None:
    """Application Discovery Service knows no resource for this."""
    role.add_to_policy(iam.PolicyStatement(actions=["arsenal:RegisterOnPremisesAgent"], resources=["*"]))
    acknowledge(
        role,
        "AwsSolutions-IAM5[Resource::*]",
        "Application Discovery Service knows no narrower resource for its agents.",
    )


def runs_table_arn(stack: Stack, site: str) -> str:
    """By name: the source's machines exist before ReplicationStack makes the table."""
    return stack.format_arn(service="dynamodb", resource="table", resource_name=runs_table_name(site))


def may_read(
    scope: Construct, construct_id: str, role: iam.IRole, secrets: Sequence[secretsmanager.ISecret]
) -> iam.Policy:
    """A policy in `scope`'s stack, whichever stack the role is in."""
    return iam.Policy(
        scope,
        construct_id,
        roles=[role],
        statements=[
            iam.PolicyStatement(
                actions=["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
                resources=[secret.secret_arn for secret in secrets],
            )
        ],
    )
