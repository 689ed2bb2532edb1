"""Define the IAM roles of launched replicas and of the targets."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from compliance import acknowledge
from constructs import Construct
from machines import create_machine_role, grant_read_secrets
from source_site import SourceSite

from destination.source_rights import SourceRights


class MachineRoles(Construct):
    """`replica` and `target`, each with an instance profile. A machine reads its secrets with the role at each start, into memory."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        site: str,
        source: SourceSite,
        admin: secretsmanager.ISecret,
        application: secretsmanager.ISecret,
    ) -> None:
        super().__init__(scope, construct_id)
        self.replica = self._create_role("Replica", site, "Launched replicas: reconfigure, compare, report")
        self.target = self._create_role("Target", site, "The site's servers")
        secrets = source.secrets
        grant_read_secrets(self, "ReplicaReads", self.replica, [secrets.site, secrets.replication, application])
        grant_read_secrets(self, "TargetReads", self.target, [secrets.site, application])
        source_rights = SourceRights(self, "Source", site=site, source=source)
        self.schema_loader = grant_read_secrets(
            self, "SourceReads", source_rights.application_role, [admin, application]
        )
        """the source loads the schema into the target, so its role may read the administrator's secret"""
        self.replica_profile = iam.InstanceProfile(self, "ReplicaProfile", role=self.replica)
        self.target_profile = iam.InstanceProfile(self, "TargetProfile", role=self.target)

    def _create_role(self, construct_id: str, site: str, description: str) -> iam.Role:
        role = create_machine_role(self, construct_id, site=site, description=description)
        role.add_to_policy(
            iam.PolicyStatement(actions=["ec2:DescribeTags", "autoscaling:DescribeAutoScalingGroups"], resources=["*"])
        )
        acknowledge(
            role, "AwsSolutions-IAM5[Resource::*]", "Describe calls of EC2 know no narrower resource; read only."
        )
        return role
