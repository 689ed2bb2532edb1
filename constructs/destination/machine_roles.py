"""Define the IAM roles of launched replicas and of the targets."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from compliance import acknowledge
from constructs import Construct
from machines import build_secret_arn, create_machine_role, grant_read_secrets
from source_site import SourceSite

from destination.source_rights import SourceRights


class TargetRole(Construct):
    """`target` and its instance profile. A server reads its secrets with the role at each start, into memory.

    `servers_stack`: the name of the stack of the servers, to which a server reports that it serves.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        site: str,
        secrets: list[secretsmanager.ISecret],
        servers_stack: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.target = _create_role(self, "Target", site, "The site's servers")
        grant_read_secrets(self, "TargetReads", self.target, secrets)
        signal = Stack.of(self).format_arn(
            service="cloudformation", resource="stack", resource_name=f"{servers_stack}/*"
        )
        self.target.add_to_policy(iam.PolicyStatement(actions=["cloudformation:SignalResource"], resources=[signal]))
        acknowledge(
            self.target,
            f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudformation:{Stack.of(self).region}:<AWS::AccountId>:stack/{servers_stack}/*]",
            "The id of the one stack that is named, which CloudFormation creates only after this role.",
        )
        self.target_profile = iam.InstanceProfile(self, "TargetProfile", role=self.target)


class MigrationRoles(Construct):
    """`replica` with its instance profile, and the rights of the source's servers at the target.

    `site_secret`: the secret of the site that stays. The replica copies the source's site secret into it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        site: str,
        source: SourceSite,
        admin: secretsmanager.ISecret,
        application: secretsmanager.ISecret,
        site_secret: secretsmanager.ISecret,
    ) -> None:
        super().__init__(scope, construct_id)
        self.replica = _create_role(self, "Replica", site, "Launched replicas: reconfigure, compare, report")
        secrets = source.secrets
        reads = [secrets.site, secrets.replication, application, site_secret]
        policy = grant_read_secrets(self, "ReplicaReads", self.replica, reads)
        policy.add_statements(
            iam.PolicyStatement(actions=["secretsmanager:PutSecretValue"], resources=[build_secret_arn(site_secret)])
        )
        source_rights = SourceRights(self, "Source", site=site, source=source)
        # The source loads the schema into the target, so its role may read the administrator's secret.
        grant_read_secrets(self, "SourceReads", source_rights.application_role, [admin, application])
        self.replica_profile = iam.InstanceProfile(self, "ReplicaProfile", role=self.replica)


def _create_role(scope: Construct, construct_id: str, site: str, description: str) -> iam.Role:
    role = create_machine_role(scope, construct_id, site=site, description=description)
    role.add_to_policy(
        iam.PolicyStatement(actions=["ec2:DescribeTags", "autoscaling:DescribeAutoScalingGroups"], resources=["*"])
    )
    acknowledge(role, "AwsSolutions-IAM5[Resource::*]", "Describe calls of EC2 know no narrower resource; read only.")
    return role
