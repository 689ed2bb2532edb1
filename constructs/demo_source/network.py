"""Define the network of the demo source: one subnet, fixed addresses, ingress to the site's own ports only."""

from __future__ import annotations

from applications.profile import Profile
from aws_cdk import aws_ec2 as ec2
from compliance import acknowledge
from constructs import Construct

from demo_source import ports

CIDR = "10.10.0.0/16"
DATABASE_ADDRESS = "10.10.0.10"
APPLICATION_ADDRESS = "10.10.0.20"


class DemoNetwork(Construct):
    """VPC 10.10.0.0/16. The servers have public addresses to fetch packages; only the site's ports are open to them."""

    def __init__(self, scope: Construct, construct_id: str, *, profile: Profile) -> None:
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
        offered = " and ".join(port.description for port in profile.public_ports)
        self.application = ec2.SecurityGroup(self, profile.title, vpc=self.vpc, description=f"The site: {offered}")
        for port in profile.public_ports:
            what = f"{port.description}, {port.remark}" if port.remark else port.description
            self.application.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(port.number), what)
        acknowledge(self.application, "AwsSolutions-EC23", "A public web site: its ports are the service itself.")
        self.database = ec2.SecurityGroup(
            self, "Database", vpc=self.vpc, description=f"MySQL, from the {profile.title} server"
        )
        self.database.add_ingress_rule(self.application, ec2.Port.tcp(ports.MYSQL), profile.title)
