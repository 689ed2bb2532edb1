"""Connect the destination's network with the source's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from aws_cdk import CfnResource
from aws_cdk import aws_ec2 as ec2
from constructs import Construct
from source_site import PeeredVpc, Reachability, RoutedNetwork

from destination.network import CIDR


class SourceLink(Construct):
    """Routes between the private and isolated subnets and the source.

    `resource`: what must exist before traffic can pass. The migration alone needs the link, so that the stack of the
    replication owns it and its deletion ends it.
    """

    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.Vpc, reachability: Reachability) -> None:
        super().__init__(scope, construct_id)
        self._vpc = vpc
        match reachability:
            case PeeredVpc():
                self.resource: CfnResource = self._create_peering(reachability)
            case RoutedNetwork():
                self.resource = self._attach(reachability)
            case _:
                assert_never(reachability)

    def _create_peering(self, source: PeeredVpc) -> CfnResource:
        peering = ec2.CfnVPCPeeringConnection(self, "Peering", vpc_id=self._vpc.vpc_id, peer_vpc_id=source.vpc_id)
        hop = {"vpc_peering_connection_id": peering.ref}
        self._add_routes(source.cidrs, hop)
        for table in source.route_tables:
            self._add_route(f"FromSource{table.name}", table.id, CIDR, hop)
        return peering

    def _attach(self, source: RoutedNetwork) -> CfnResource:
        """Attach the VPC to the gateway and route the source's networks to it.

        The routes back to the destination are in the gateway's route table, which its owner manages.
        """
        attachment: CfnResource
        if source.is_transit:
            attachment = ec2.CfnTransitGatewayVpcAttachment(
                self,
                "Attachment",
                transit_gateway_id=source.gateway_id,
                vpc_id=self._vpc.vpc_id,
                subnet_ids=[subnet.subnet_id for subnet in self._vpc.private_subnets],
            )
            hop = {"transit_gateway_id": source.gateway_id}
        else:
            attachment = ec2.CfnVPCGatewayAttachment(
                self, "Attachment", vpc_id=self._vpc.vpc_id, vpn_gateway_id=source.gateway_id
            )
            hop = {"gateway_id": source.gateway_id}
        for route in self._add_routes(source.cidrs, hop):
            route.add_resource_dependency(attachment)
        return attachment

    def _add_routes(self, cidrs: Sequence[str], hop: Mapping[str, str]) -> list[ec2.CfnRoute]:
        """Add a route for each subnet and network.

        The routes of the first network have no number: their logical ids are older than the support of several networks.
        """
        return [
            self._add_route(f"ToSource{number or ''}From{subnet.node.id}", subnet.route_table.route_table_id, cidr, hop)
            for number, cidr in enumerate(cidrs)
            for subnet in (*self._vpc.private_subnets, *self._vpc.isolated_subnets)
        ]

    def _add_route(self, construct_id: str, route_table_id: str, cidr: str, hop: Mapping[str, str]) -> ec2.CfnRoute:
        return ec2.CfnRoute(
            self,
            construct_id,
            route_table_id=route_table_id,
            destination_cidr_block=cidr,
            **hop,
        )
