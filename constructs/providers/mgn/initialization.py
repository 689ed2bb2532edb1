"""What a function needs to initialize AWS MGN in an account and region, and to set replication settings.

The roles have fixed names and are one set per account: https://docs.aws.amazon.com/mgn/latest/ug/mgn-initialize-api.html.
"""

from __future__ import annotations

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from compliance import acknowledge

from providers.mgn.launches import NO_IDS, SERVICE, allow, build_mgn_arn

SERVICE_LINKED_ROLE = "AWSServiceRoleForApplicationMigrationService"
PREFIX = "AWSApplicationMigration"
"""of the names of all other roles and instance profiles"""
PROFILE_ROLES = (
    "AWSApplicationMigrationReplicationServerRole",
    "AWSApplicationMigrationConversionServerRole",
    "AWSApplicationMigrationLaunchInstanceWithSsmRole",
    "AWSApplicationMigrationLaunchInstanceWithDrsRole",
)
"""roles of instances; the instance profile of each has its name"""
SERVICE_ROLES = ("AWSApplicationMigrationAgentRole", "AWSApplicationMigrationMGHRole")
"""roles of MGN itself"""
POLICIES = (
    "AmazonSSMManagedInstanceCore",
    "service-role/AWSApplicationMigrationAgentPolicy_v2",
    "service-role/AWSApplicationMigrationConversionServerPolicy",
    "service-role/AWSApplicationMigrationMGHAccess",
    "service-role/AWSApplicationMigrationReplicationServerPolicy",
    "service-role/AWSElasticDisasterRecoveryEc2InstancePolicy",
)
"""AWS's policies for these roles"""


def grant_initialization(function: lambda_.Function) -> None:
    """Grant the roles and instance profiles of MGN, InitializeService with what it does as its caller, and both templates."""
    _grant_roles(function)
    allow(function, ["mgn:InitializeService"], "*")
    lists = ["mgn:DescribeLaunchConfigurationTemplates", "mgn:DescribeReplicationConfigurationTemplates"]
    creates = ["mgn:CreateLaunchConfigurationTemplate", "mgn:CreateReplicationConfigurationTemplate"]
    allow(function, [*creates, *lists], "*")
    # The launch template of MGN contains one of EC2, which MGN creates as its caller.
    function.add_to_role_policy(
        iam.PolicyStatement(
            actions=["ec2:CreateLaunchTemplate", "ec2:CreateTags"],
            resources=["*"],
            conditions={"ForAnyValue:StringEquals": {"aws:CalledVia": SERVICE}},
        )
    )
    acknowledge(function, "AwsSolutions-IAM5", NO_IDS)


def _grant_roles(function: lambda_.Function) -> None:
    """Grant the creation of these roles by their names, with these policies of AWS and no other."""
    linked = _build_arn(f"role/aws-service-role/{SERVICE}/{SERVICE_LINKED_ROLE}")
    function.add_to_role_policy(
        iam.PolicyStatement(
            actions=["iam:CreateServiceLinkedRole"],
            resources=[linked],
            conditions={"StringEquals": {"iam:AWSServiceName": SERVICE}},
        )
    )
    roles = [_build_role_arn(name) for name in (*PROFILE_ROLES, *SERVICE_ROLES)]
    allow(function, ["iam:GetRole"], linked, *_list_arns("role"), _build_arn(f"role/{SERVICE_LINKED_ROLE}"))
    allow(function, ["iam:CreateRole", "iam:ListAttachedRolePolicies"], *roles)
    function.add_to_role_policy(
        iam.PolicyStatement(
            actions=["iam:AttachRolePolicy"],
            resources=roles,
            conditions={
                "ArnEquals": {"iam:PolicyARN": [f"arn:{Aws.PARTITION}:iam::aws:policy/{name}" for name in POLICIES]}
            },
        )
    )
    profiles = ["iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:GetInstanceProfile"]
    allow(function, profiles, *_list_arns("instance-profile"))
    # AddRoleToInstanceProfile passes the role; only EC2 can assume these roles, so that the statement needs no condition.
    allow(function, ["iam:PassRole"], *(_build_role_arn(name) for name in PROFILE_ROLES))


def grant_replication_settings(function: lambda_.Function) -> None:
    """Grant the replication template, for servers that are added later, and the replication of each server: its settings and its start."""
    allow(function, ["mgn:DescribeSourceServers"], "*")
    allow(
        function,
        ["mgn:UpdateReplicationConfigurationTemplate"],
        build_mgn_arn(function, "replication-configuration-template"),
    )
    allow(
        function,
        ["mgn:GetReplicationConfiguration", "mgn:StartReplication", "mgn:UpdateReplicationConfiguration"],
        build_mgn_arn(function, "source-server"),
    )
    acknowledge(function, "AwsSolutions-IAM5", NO_IDS)


def _build_role_arn(name: str) -> str:
    return _build_arn(f"role/service-role/{name}")


def _list_arns(kind: str) -> list[str]:
    """Return the ARNs of MGN's roles or profiles. IAM knows no path of one that does not exist, and a read must say that and not be denied."""
    return [_build_arn(f"{kind}/{path}{PREFIX}*") for path in ("", "service-role/")]


def _build_arn(resource: str) -> str:
    return f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:{resource}"
