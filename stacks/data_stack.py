"""Define DataStack: network, database, files and secrets of the site. It stays when the migration is gone."""

from __future__ import annotations

from aws_cdk import CfnOutput, Environment, Stack
from constructs import Construct
from destination import DestinationNetwork, SiteAccess, TargetRole
from settings import Settings
from site_data import RunRecord, SharedFiles, SiteFacts, SiteSecret, TargetDatabase
from source_site import PublicNames


class DataStack(Stack):
    """What holds the site's data, and what its servers read. It uses nothing of the source and nothing of the migration."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, servers_stack: str, env: Environment
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            env=env,
            description="Cutover: network, database, files and secrets of the site; permanent",
            termination_protection=settings.target.protected,
        )
        self.group_name = f"cutover-{settings.site.name}"
        self.network = DestinationNetwork(self, "Network", nat_gateways=settings.target.nat_gateways)
        vpc = self.network.vpc
        self.access = SiteAccess(self, "Access", profile=settings.profile, vpc=vpc)
        self.runs_table = RunRecord(self, "Store", settings=settings).table
        self.database = TargetDatabase(
            self, "Database", settings=settings, vpc=vpc, security_group=self.access.database
        )
        self.files = SharedFiles(self, "Files", settings=settings, vpc=vpc, security_group=self.access.files)
        self.site_secret = SiteSecret(self, "SiteSecret", settings=settings).secret
        self.machines = TargetRole(
            self,
            "Machines",
            site=settings.site.name,
            secrets=[self.site_secret, self.database.application],
            servers_stack=servers_stack,
        )
        self.facts = SiteFacts(
            self,
            "Facts",
            site=settings.site,
            tcp=PublicNames.from_settings(settings.site, settings.profile, hosted_zone_id="").tcp,
            database=self.database,
            files=self.files,
            secret=self.site_secret,
            runs_table=self.runs_table,
            group_name=self.group_name,
        )
        CfnOutput(self, "DatabaseEndpoint", value=self.database.instance.db_instance_endpoint_address)
        CfnOutput(self, "FileSystem", value=self.files.file_system.file_system_id)
