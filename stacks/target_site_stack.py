"""The target site, nested in MigrationStack: made from the image of the test launch, all at once or not at all."""

from __future__ import annotations

from aws_cdk import NestedStack, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct
from settings import Settings
from target_site import Balancers, Servers

from stacks.replication_stack import ReplicationStack


class TargetSiteStack(NestedStack):
    """Runs against the scratch copy until the procedure makes it live."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, replication: ReplicationStack, image_id: str
    ) -> None:
        super().__init__(scope, construct_id, description="Cutover: the target site")
        # Not mutable: its rules for the balancers belong to this stack.
        targets = ec2.SecurityGroup.from_security_group_id(
            self, "Targets", replication.access.targets.security_group_id, mutable=False
        )
        self.servers = Servers(
            self,
            "Servers",
            vpc=replication.network.vpc,
            security_group=targets,
            instance_profile=replication.roles.target_profile,
            image=ec2.MachineImage.generic_linux({Stack.of(self).region: image_id}),
            settings=settings.target,
        )
        self.balancers = Balancers(
            self,
            "Balancers",
            vpc=replication.network.vpc,
            targets=targets,
            servers=self.servers.group,
            certificate_arn=settings.site.certificate_arn,
        )

    def facts(self) -> dict[str, str]:
        """What the procedure needs to know about this site."""
        http, ssh = self.balancers.http, self.balancers.ssh
        return {
            "load_balancer_dns": http.load_balancer_dns_name,
            "load_balancer_zone_id": http.load_balancer_canonical_hosted_zone_id,
            "ssh_load_balancer_dns": ssh.load_balancer_dns_name,
            "ssh_load_balancer_zone_id": ssh.load_balancer_canonical_hosted_zone_id,
            "admission_security_group_id": self.balancers.admission.security_group_id,
            "auto_scaling_group": self.servers.group.auto_scaling_group_name,
        }
