"""Define the security groups and rules that a migration needs in the destination. They end with the stack of the replication."""

from __future__ import annotations

from aws_cdk import CfnResource
from aws_cdk import aws_ec2 as ec2
from constructs import Construct
from providers import Provider
from source_site import SourceSite

from destination.access import MYSQL, NFS, SiteAccess
from destination.source_rules import SourceRules


class MigrationAccess(Construct):
    """Security groups of DMS, of replicas and of the provider's replication servers, and the rules between them, the site and the source.

    Its rules on the groups of the site are resources of their own here: the stack of the site knows no group of the migration.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        link: CfnResource,
        site: SiteAccess,
        source: SourceSite,
        provider: Provider,
    ) -> None:
        super().__init__(scope, construct_id)
        self._vpc = vpc
        self.replication = self._create_group("Replication", "DMS: opens connections, takes none")
        self.replica = self._create_group("Replica", "Launched replicas: open connections, take none")
        self.replication_servers = self._create_group("Blocks", "Replication servers of the provider")
        self._allow("RowsIn", self.replication, site.database, MYSQL, "DMS")
        self._allow("ReplicaRows", self.replica, site.database, MYSQL, "Launched replica: scratch copy, comparison")
        self._allow("ReplicaFiles", self.replica, site.files, NFS, "Launched replica: brings the files")

        rules = SourceRules(self, source=source, link=link)
        rules.allow_from_application("SchemaLoad", site.database, MYSQL, "Source: loads the schema")
        for blocks in provider.replication_ports:
            rules.allow_from_application(
                blocks.construct_id, self.replication_servers, blocks.number, blocks.description
            )
        rules.allow_to_database("Rows", self.replication, "DMS: full load and changes")
        rules.allow_to_database("Comparison", self.replica, "Launched replica: comparison")
        rules.allow_to_application("Delta", self.replica, "Launched replica: last file changes")

    def _create_group(self, construct_id: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(self, construct_id, vpc=self._vpc, description=description)

    def _allow(
        self, construct_id: str, origin: ec2.ISecurityGroup, into: ec2.ISecurityGroup, port: int, description: str
    ) -> None:
        ec2.CfnSecurityGroupIngress(
            self,
            construct_id,
            group_id=into.security_group_id,
            source_security_group_id=origin.security_group_id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=description,
        )
