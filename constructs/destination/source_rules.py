"""Define the security group rules between the destination and the source, for each kind of reachability."""

from __future__ import annotations

from typing import assert_never

from aws_cdk import CfnResource
from aws_cdk import aws_ec2 as ec2
from constructs import Construct
from source_site import PeeredVpc, RoutedNetwork, SourceSite


class SourceRules:
    """Rules that belong to the destination, in `scope`. Each rule opens one port."""

    def __init__(self, scope: Construct, *, source: SourceSite, link: CfnResource) -> None:
        self._scope, self._source, self._link = scope, source, link

    def allow_from_application(self, construct_id: str, into: ec2.ISecurityGroup, port: int, description: str) -> None:
        """Let the source's application server open connections to members of `into`."""
        match self._source.reachability:
            case PeeredVpc(application_group=group):
                self._add_rule(construct_id, into, port, description, group=group)
            case RoutedNetwork():
                self._add_rule(construct_id, into, port, description, address=self._source.application.node.address)
            case unknown:
                assert_never(unknown)

    def allow_to_application(self, construct_id: str, origin: ec2.ISecurityGroup, description: str) -> None:
        """Let members of `origin` open connections to the application server's port."""
        if isinstance(self._source.reachability, PeeredVpc):
            group = self._source.reachability.application_group
            self._add_rule(construct_id, group, self._source.application.port, description, group=origin)

    def allow_to_database(self, construct_id: str, origin: ec2.ISecurityGroup, description: str) -> None:
        """Let members of `origin` open connections to the source's database.

        Behind a gateway, this method and `allow_to_application` add nothing: the owner of the source manages its firewall.
        """
        if isinstance(self._source.reachability, PeeredVpc):
            group = self._source.reachability.database_group
            self._add_rule(construct_id, group, self._source.database.port, description, group=origin)

    def _add_rule(
        self,
        construct_id: str,
        into: ec2.ISecurityGroup,
        port: int,
        description: str,
        *,
        group: ec2.ISecurityGroup | None = None,
        address: str = "",
    ) -> None:
        """Add an ingress rule to `into`, which may be the source's group.

        EC2 accepts a group of the other VPC only after the peering connection exists.
        """
        rule = ec2.CfnSecurityGroupIngress(
            self._scope,
            construct_id,
            group_id=into.security_group_id,
            source_security_group_id=group.security_group_id if group else None,
            cidr_ip=f"{address}/32" if address else None,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=description,
        )
        rule.add_resource_dependency(self._link)
