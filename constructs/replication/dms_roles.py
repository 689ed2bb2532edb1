"""Roles of DMS. Two have names that DMS itself looks up, one of each in an account."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from compliance import acknowledge
from constructs import Construct

ACCOUNT_ROLES = {
    "dms-vpc-role": "AmazonDMSVPCManagementRole",
    "dms-cloudwatch-logs-role": "AmazonDMSCloudWatchLogsRole",
}


class DmsRoles(Construct):
    """`secrets_access` reads the endpoints' secrets. `create_account_roles`: false where the account has them."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        create_account_roles: bool,
        secrets: Sequence[secretsmanager.ISecret],
    ) -> None:
        super().__init__(scope, construct_id)
        if create_account_roles:
            for name, policy in ACCOUNT_ROLES.items():
                self._create_account_role(name, policy)
        self.secrets_access = iam.Role(
            self,
            "SecretsAccess",
            # The regional principal: DMS refuses an endpoint's secret with the global one.
            assumed_by=iam.ServicePrincipal(f"dms.{Stack.of(self).region}.amazonaws.com"),
            description="DMS reads the credentials of its endpoints",
        )
        for secret in secrets:
            secret.grant_read(self.secrets_access)

    def _create_account_role(self, name: str, policy: str) -> None:
        role = iam.Role(
            self,
            name,
            role_name=name,
            assumed_by=iam.ServicePrincipal("dms.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(f"service-role/{policy}")],
        )
        acknowledge(
            role,
            f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/{policy}]",
            "DMS demands a role of this name with this policy of AWS's own.",
        )
