"""Define ReplicationStack: it replicates rows and disk to AWS, days before the cutover, while the source serves."""

from __future__ import annotations

from aws_cdk import CfnOutput, Environment, Stack
from compliance import acknowledge_provider
from constructs import Construct
from destination import Access, DestinationNetwork, MachineRoles
from providers import create_provider
from replication import DataReplication, LagAlarms, ReplicationFacts, RunStore, SharedFiles, TargetDatabase
from settings import Settings
from source_site import SourceSite
from state_machines import (
    CustomResources,
    PrepareTargetDatabase,
    ProviderSettings,
    StartReplication,
    build_procedure_environment,
)


class ReplicationStack(Stack):
    """Network, database, files and both replications: everything that a migration needs before it may start."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, source: SourceSite, env: Environment
    ) -> None:
        super().__init__(
            scope, construct_id, env=env, description="Cutover: destination network, database, files, replication"
        )
        self.network = DestinationNetwork(self, "Network", source=source, nat_gateways=settings.target.nat_gateways)
        self.access = Access(
            self,
            "Access",
            profile=settings.profile,
            network=self.network,
            source=source,
            provider=create_provider(settings.provider),
        )
        vpc = self.network.vpc
        self.store = RunStore(self, "Store", settings=settings)
        self.database = TargetDatabase(
            self, "Database", settings=settings, vpc=vpc, security_group=self.access.database
        )
        self.files = SharedFiles(self, "Files", settings=settings, vpc=vpc, security_group=self.access.files)
        self.roles = MachineRoles(
            self,
            "Machines",
            site=settings.site.name,
            source=source,
            admin=self.database.admin,
            application=self.database.application,
        )
        self.rows = DataReplication(
            self,
            "Rows",
            settings=settings,
            vpc=vpc,
            security_group=self.access.replication,
            source=source.secrets.replication,
            target=self.database.admin,
        )
        self.lag = LagAlarms(
            self,
            "Lag",
            identifier=self.rows.identifier,
            threshold_seconds=settings.replication.lag_alarm_seconds,
        )
        self.facts = ReplicationFacts(
            self,
            "Facts",
            site=settings.site.name,
            source=source,
            database=self.database,
            files=self.files,
            store=self.store,
            rows=self.rows,
        )
        self._start_replication(settings, source)
        CfnOutput(self, "DatabaseEndpoint", value=self.database.instance.db_instance_endpoint_address)
        CfnOutput(self, "EvidenceBucket", value=self.store.evidence.bucket_name)
        CfnOutput(self, "ReplicationTask", value=self.rows.task_arn)

    def _start_replication(self, settings: Settings, source: SourceSite) -> None:
        """Create the schema, start the DMS task and write the provider's settings, in this order.

        CloudFormation cannot do these by itself, so custom resources do.
        """
        custom_resources = CustomResources(
            self,
            "CustomResources",
            settings=settings,
            source=source,
            environment=build_procedure_environment(
                self, settings=settings, runs_table=self.store.table, evidence=self.store.evidence
            ),
            runs_table=self.store.table,
            evidence=self.store.evidence,
            replication_task_arn=self.rows.task_arn,
        )
        acknowledge_provider(custom_resources.node.find_child("Provider"))
        prepared = PrepareTargetDatabase(
            self,
            "PrepareTargetDatabase",
            custom_resources=custom_resources,
            source_app_instance_id=source.application.node.id,
        )
        prepared.node.add_dependency(self.network, self.access, self.database, self.roles, self.facts)
        started = StartReplication(
            self, "StartReplication", custom_resources=custom_resources, replication_task_arn=self.rows.task_arn
        )
        started.node.add_dependency(prepared, self.rows)
        ProviderSettings(
            self,
            "ProviderSettings",
            custom_resources=custom_resources,
            subnet_id=self.network.vpc.private_subnets[0].subnet_id,
            security_group_ids=[self.access.replication_servers.security_group_id],
            use_private_ip=True,
        )
