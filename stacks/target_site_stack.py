"""Define the target site: a stack nested in MigrationStack, so that CloudFormation creates all of it or nothing."""

from __future__ import annotations

from aws_cdk import NestedStack, Stack
from aws_cdk import aws_ec2 as ec2
from common.site_parameters import RunTarget, TcpPort
from constructs import Construct
from settings import Settings
from target_site import Balancers, Servers

from stacks.replication_stack import ReplicationStack


class TargetSiteStack(NestedStack):
    """The target site, from the image of the test launch. It serves the scratch copy until the procedure activates the live data."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        replication: ReplicationStack,
        image_id: str,
        group_name: str,
    ) -> None:
        super().__init__(scope, construct_id, description="Cutover: the target site")
        vpc, access = replication.network.vpc, replication.access
        self.servers = Servers(
            self,
            "Servers",
            name=group_name,
            vpc=vpc,
            security_group=self._import_immutable("Targets", access.targets),
            instance_profile=replication.roles.target_profile,
            image=ec2.MachineImage.generic_linux({Stack.of(self).region: image_id}),
            settings=settings.target,
        )
        self.balancers = Balancers(
            self,
            "Balancers",
            profile=settings.profile,
            vpc=vpc,
            admission=self._import_immutable("Admission", access.admission),
            servers=self.servers.group,
            certificate_arn=settings.site.certificate_arn,
        )

    def _import_immutable(self, construct_id: str, group: ec2.ISecurityGroup) -> ec2.ISecurityGroup:
        """Return the group without write access. ReplicationStack owns all rules: attaching servers to a balancer must not add any."""
        return ec2.SecurityGroup.from_security_group_id(self, construct_id, group.security_group_id, mutable=False)

    def build_run_target(self) -> RunTarget:
        """Return the facts that exist only after this site does: the procedure gets them when its run starts."""
        http = self.balancers.http
        return RunTarget(
            load_balancer_dns=http.load_balancer_dns_name,
            load_balancer_zone_id=http.load_balancer_canonical_hosted_zone_id,
            tcp=tuple(
                TcpPort(
                    name=name,
                    load_balancer_dns=balancer.load_balancer_dns_name,
                    load_balancer_zone_id=balancer.load_balancer_canonical_hosted_zone_id,
                )
                for name, balancer in self.balancers.tcp.items()
            ),
            auto_scaling_group=self.servers.group.auto_scaling_group_name,
        )
