"""Define ServersStack: the servers of the site and their load balancers. It stays when the migration is gone."""

from __future__ import annotations

from aws_cdk import CfnOutput, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from common.site_parameters import SERVERS_IMAGE, RunTarget, TcpPort
from constructs import Construct
from settings import Settings
from target_site import Balancers, Servers, ServersImage
from watch import SiteDashboard

from stacks.data_stack import DataStack


class ServersStack(Stack):
    """The servers and balancers of the site. It depends on DataStack alone.

    Its first deploy creates an empty group, because no image exists yet. TestLaunchStack updates this stack when its replica
    has passed: the servers then start from the replica's image, on the scratch copy, until the procedure activates the live data.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, data: DataStack, env: Environment
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            env=env,
            description="Cutover: servers and load balancers of the site; permanent",
            termination_protection=settings.target.protected,
        )
        image = ServersImage(self, site=settings.site.name, image_id=settings.target.image_id)
        self.servers = Servers(
            self,
            "Servers",
            name=data.group_name,
            vpc=data.network.vpc,
            security_group=self._import_immutable("Targets", data.access.targets),
            instance_profile=data.machines.target_profile,
            image=image,
            settings=settings.target,
        )
        self.balancers = Balancers(
            self,
            "Balancers",
            profile=settings.profile,
            site=settings.site,
            vpc=data.network.vpc,
            admission=self._import_immutable("Admission", data.access.admission),
            servers=self.servers.group,
            certificate_arn=settings.site.certificate_arn,
        )
        SiteDashboard(self, "Watch", site=settings.site.name, balancers=self.balancers)
        CfnOutput(
            self, SERVERS_IMAGE, value=image.current, description="Image of the servers; none: there are none yet"
        )
        CfnOutput(self, "SiteUrl", value=settings.site.url, description="The site, where its users look for it")

    def _import_immutable(self, construct_id: str, group: ec2.ISecurityGroup) -> ec2.ISecurityGroup:
        """Return the group without write access. DataStack owns all rules: attaching servers to a balancer must not add any."""
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

    def describe_billed(self, settings: Settings) -> str:
        """Return what AWS bills by the hour while the servers are there. Auto Scaling may have started more of them."""
        network = len(self.balancers.tcp)
        balancers = f"1 ALB{f' and {network} NLB' if network else ''}"
        return f"The {settings.target.minimum} servers ({settings.target.instance_type}) and {balancers} of {self.stack_name}"
