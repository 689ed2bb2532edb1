"""What the function of Custom::ProviderSettings needs to initialize AWS MGN in an account and region, and to set replication settings.

The roles have fixed names and are one per account: https://docs.aws.amazon.com/mgn/latest/ug/mgn-initialize-api.html.
"""

from __future__ import annotations

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from compliance import acknowledge

from providers.mgn.launches import NO_IDS, SERVICE, allow, build_mgn_arn

SERVICE_LINKED_ROLE = "AWSServiceRoleForApplicationMigrationService"
PROFILE_ROLES = (
    "AWSApplicationMigrationReplicationServerRole",
    "AWSApplicationMigrationConversionServerRole",
    "AWSApplicationMigrationLaunchInstanceWithSsmRole",
    "AWSApplicationMigrationLaunchInstanceWithDrsRole",
)
"""roles of instances; the instance profile of each has its name"""
SERVICE_ROLES = ("AWSApplicationMigrationAgentRole", "AWSApplicationMigrationMGHRole")
"""roles of MGN itself"""


def grant_initialization(function: lambda_.Function) -> None:
    """Grant InitializeService with what it does as its caller, and reads of the roles and profiles that it should have made."""
    allow(function, ["mgn:InitializeService"], "*")
    linked = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role/aws-service-role/{SERVICE}/{SERVICE_LINKED_ROLE}"
    function.add_to_role_policy(
        iam.PolicyStatement(
            actions=["iam:CreateServiceLinkedRole"],
            resources=[linked],
            conditions={"StringEquals": {"iam:AWSServiceName": SERVICE}},
        )
    )
    roles = [_build_role_arn(name) for name in (*PROFILE_ROLES, *SERVICE_ROLES)]
    allow(function, ["iam:GetRole"], linked, *roles)
    profiles = [
        f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:instance-profile/{path}{name}"
        for name in PROFILE_ROLES
        for path in ("", "service-role/")
    ]
    allow(function, ["iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:GetInstanceProfile"], *profiles)
    # AddRoleToInstanceProfile passes the role; only EC2 can assume these roles, so that the statement needs no condition.
    allow(function, ["iam:PassRole"], *(_build_role_arn(name) for name in PROFILE_ROLES))


def grant_replication_settings(function: lambda_.Function) -> None:
    """Grant the replication template, for servers that are added later, and the replication settings of each server."""
    lists = ["mgn:DescribeReplicationConfigurationTemplates", "mgn:DescribeSourceServers"]
    allow(function, ["mgn:CreateReplicationConfigurationTemplate", *lists], "*")
    allow(
        function,
        ["mgn:UpdateReplicationConfigurationTemplate"],
        build_mgn_arn(function, "replication-configuration-template"),
    )
    allow(
        function,
        ["mgn:GetReplicationConfiguration", "mgn:UpdateReplicationConfiguration"],
        build_mgn_arn(function, "source-server"),
    )
    acknowledge(function, "AwsSolutions-IAM5", NO_IDS)


def _build_role_arn(name: str) -> str:
    return f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role/service-role/{name}"
