"""Define the destination's network. It knows nothing of the source."""

from __future__ import annotations

from aws_cdk import aws_ec2 as ec2
from compliance import acknowledge
from constructs import Construct
from settings.sources.values import DESTINATION_CIDR

CIDR = DESTINATION_CIDR
ZONES = 2


class DestinationNetwork(Construct):
    """VPC 10.0.0.0/16 over two zones.

    Subnets: public for load balancers, private (out through NAT) for machines and DMS, isolated for the database and the files.
    `nat_gateways`: with one, both zones use it.
    """

    def __init__(self, scope: Construct, construct_id: str, *, nat_gateways: int) -> None:
        super().__init__(scope, construct_id)
        addresses = [
            ec2.CfnEIP(self, f"WayOutAddress{number if number > 1 else ''}", domain="vpc")
            for number in range(1, nat_gateways + 1)
        ]
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(CIDR),
            max_azs=ZONES,
            nat_gateways=nat_gateways,
            nat_gateway_provider=ec2.NatProvider.gateway(
                eip_allocation_ids=[address.attr_allocation_id for address in addresses]
            ),
            restrict_default_security_group=False,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="Public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24, map_public_ip_on_launch=False
                ),
                ec2.SubnetConfiguration(name="Private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=24),
                ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
            ],
        )
        acknowledge(
            self.vpc,
            "AwsSolutions-VPC7",
            "Flow logs belong to the account's landing zone, which decides where and how long they are kept.",
        )
