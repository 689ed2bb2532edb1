"""Define the security groups of the destination. None of them is open to the internet."""

from __future__ import annotations

from applications.profile import Profile
from aws_cdk import aws_ec2 as ec2
from constructs import Construct
from providers import Provider
from source_site import SourceSite

from destination.network import DestinationNetwork
from destination.source_rules import SourceRules

MYSQL = 3306
NFS = 2049


class Access(Construct):
    """Security groups of the destination, and the rules between it and the source."""

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
        self.replication = self._create_group("Replication", "DMS: opens connections, takes none")
        self.replica = self._create_group("Replica", "Launched replicas: open connections, take none")
        self.targets = self._create_group("Targets", "Servers of the site, from their balancers")
        self.admission = self._create_group(
            "Admission", "Balancers of the site; the procedure adds and removes its rules", outbound=False
        )
        """without ingress: the procedure allows the acceptance client, and everyone after the commit"""
        for port in profile.public_ports:
            self.admission.add_egress_rule(self.targets, ec2.Port.tcp(port.number), port.description)
            self.targets.add_ingress_rule(self.admission, ec2.Port.tcp(port.number), port.description)
        self.replication_servers = self._create_group("Blocks", "Replication servers of the provider")
        self.database = self._create_group("Database", "RDS MySQL", outbound=False)
        self.files = self._create_group("Files", "EFS", outbound=False)

        for group, who in (
            (self.replication, "DMS"),
            (self.replica, "Launched replica: scratch copy, comparison"),
            (self.targets, "The site"),
        ):
            self.database.add_ingress_rule(group, ec2.Port.tcp(MYSQL), who)
        for group, who in ((self.replica, "Launched replica: brings the files"), (self.targets, "The site")):
            self.files.add_ingress_rule(group, ec2.Port.tcp(NFS), who)

        rules = SourceRules(self, source=source, link=network.link)
        rules.allow_from_application("SchemaLoad", self.database, MYSQL, "Source: loads the schema")
        for blocks in provider.replication_ports:
            rules.allow_from_application(
                blocks.construct_id, self.replication_servers, blocks.number, blocks.description
            )
        rules.allow_to_database("Rows", self.replication, "DMS: full load and changes")
        rules.allow_to_database("Comparison", self.replica, "Launched replica: comparison")
        rules.allow_to_application("Delta", self.replica, "Launched replica: last file changes")

    def _create_group(self, construct_id: str, description: str, *, outbound: bool = True) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            self, construct_id, vpc=self._network.vpc, description=description, allow_all_outbound=outbound
        )
