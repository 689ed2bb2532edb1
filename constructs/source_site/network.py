"""The premises: one subnet, fixed addresses, nothing reachable but the site's own ports."""

from __future__ import annotations

from aws_cdk import aws_ec2 as ec2
from compliance import acknowledge
from constructs import Construct

from source_site import ports

CIDR = "10.10.0.0/16"
DATABASE_ADDRESS = "10.10.0.10"
GOGS_ADDRESS = "10.10.0.20"


class SourceNetwork(Construct):
    """VPC 10.10.0.0/16. The machines have public addresses to fetch packages; only the site's ports answer there."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(CIDR),
            max_azs=1,
            nat_gateways=0,
            restrict_default_security_group=False,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="Public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24, map_public_ip_on_launch=True
                )
            ],
        )
        acknowledge(
            self.vpc,
            "AwsSolutions-VPC7",
            "A mock of somebody's premises, up for a demonstration; the destination's traffic is what is watched.",
        )
        self.gogs = ec2.SecurityGroup(self, "Gogs", vpc=self.vpc, description="The site: HTTP and Git over SSH")
        for port, what in ((ports.HTTP, "HTTP"), (ports.GIT_SSH, "Git over SSH, no login shell behind it")):
            self.gogs.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(port), what)
        acknowledge(self.gogs, "AwsSolutions-EC23", "A public web site: these two ports are the service itself.")
        self.database = ec2.SecurityGroup(self, "Database", vpc=self.vpc, description="MySQL, from the Gogs server")
        self.database.add_ingress_rule(self.gogs, ec2.Port.tcp(ports.MYSQL), "Gogs")
