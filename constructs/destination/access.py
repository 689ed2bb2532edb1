"""The security groups of the destination. None of them is open to the internet."""

from __future__ import annotations

from applications.profile import Profile
from aws_cdk import aws_ec2 as ec2
from constructs import Construct
from providers import Provider
from source_site import SourceSite, ports

from destination.network import DestinationNetwork

NFS = 2049


class Access(Construct):
    """Security groups of the destination, and the rules that let it reach the source over the peering connection."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        profile: Profile,
        network: DestinationNetwork,
        source: SourceSite,
        provider: Provider,
    ) -> None:
        super().__init__(scope, construct_id)
        self._network = network
        self.replication = self._group("Replication", "DMS: opens connections, takes none")
        self.replica = self._group("Replica", "Launched replicas: open connections, take none")
        self.targets = self._group("Targets", "Servers of the site, from their balancers")
        self.admission = self._group(
            "Admission", "Balancers of the site; the procedure adds and removes its rules", outbound=False
        )
        """Without ingress: the procedure allows the acceptance client, and everyone after the commit."""
        for port in profile.public_ports:
            self.admission.add_egress_rule(self.targets, ec2.Port.tcp(port.number), port.description)
            self.targets.add_ingress_rule(self.admission, ec2.Port.tcp(port.number), port.description)
        self.replication_servers = self._group("Blocks", "Replication servers of the provider")
        self.database = self._group("Database", "RDS MySQL", outbound=False)
        self.files = self._group("Files", "EFS", outbound=False)

        for group, who in (
            (self.replication, "DMS"),
            (self.replica, "Launched replica: scratch copy, comparison"),
            (self.targets, "The site"),
        ):
            self.database.add_ingress_rule(group, ec2.Port.tcp(ports.MYSQL), who)
        for group, who in ((self.replica, "Launched replica: brings the files"), (self.targets, "The site")):
            self.files.add_ingress_rule(group, ec2.Port.tcp(NFS), who)

        self._over_peering(
            "SchemaLoad", self.database, source.app_security_group, ports.MYSQL, "Source: loads the schema"
        )
        for blocks in provider.replication_ports:
            self._over_peering(
                blocks.construct_id,
                self.replication_servers,
                source.app_security_group,
                blocks.number,
                blocks.description,
            )
        self._over_peering(
            "Rows", source.database_security_group, self.replication, ports.MYSQL, "DMS: full load and changes"
        )
        self._over_peering(
            "Comparison", source.database_security_group, self.replica, ports.MYSQL, "Launched replica: comparison"
        )
        self._over_peering(
            "Delta", source.app_security_group, self.replica, ports.DELTA_SSH, "Launched replica: last file changes"
        )

    def _group(self, construct_id: str, description: str, *, outbound: bool = True) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            self, construct_id, vpc=self._network.vpc, description=description, allow_all_outbound=outbound
        )

    def _over_peering(
        self, construct_id: str, into: ec2.ISecurityGroup, origin: ec2.ISecurityGroup, port: int, description: str
    ) -> None:
        """Add an ingress rule in this stack, also to a group of the source. EC2 knows the other VPC's group only after the peering."""
        rule = ec2.CfnSecurityGroupIngress(
            self,
            construct_id,
            group_id=into.security_group_id,
            source_security_group_id=origin.security_group_id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=description,
        )
        rule.add_resource_dependency(self._network.peering)
