"""Define ReplicationStack: it replicates rows and disk to AWS, days before the cutover, while the source serves."""

from __future__ import annotations

from aws_cdk import CfnOutput, Environment, Stack
from compliance import acknowledge_provider
from constructs import Construct
from destination import MigrationAccess, MigrationRoles, SourceLink
from providers import create_provider
from replication import DataReplication, EvidenceStore, LagAlarms, ReplicationFacts
from settings import Settings
from source_site import SourceSite
from state_machines import (
    CustomResources,
    PrepareTargetDatabase,
    ProviderSettings,
    StartReplication,
    build_procedure_environment,
)
from watch import MessageTopic

from stacks.data_stack import DataStack


class ReplicationStack(Stack):
    """Both replications, the link to the source and the evidence. Nothing of the site that stays uses it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        source: SourceSite,
        data: DataStack,
        env: Environment,
    ) -> None:
        super().__init__(scope, construct_id, env=env, description="Cutover: replication of rows and disks; temporary")
        self.data, vpc = data, data.network.vpc
        self.link = SourceLink(self, "Network", vpc=vpc, reachability=source.reachability)
        self.access = MigrationAccess(
            self,
            "Access",
            vpc=vpc,
            link=self.link.resource,
            site=data.access,
            source=source,
            provider=create_provider(settings.provider),
        )
        self.evidence = EvidenceStore(self, "Store").evidence
        self.messages = MessageTopic(self, "Messages", site=settings.site.name, emails=settings.messages.email).topic
        self.roles = MigrationRoles(
            self,
            "Machines",
            site=settings.site.name,
            source=source,
            admin=data.database.admin,
            application=data.database.application,
            site_secret=data.site_secret,
        )
        self.rows = DataReplication(
            self,
            "Rows",
            settings=settings,
            vpc=vpc,
            security_group=self.access.replication,
            source=source.secrets.replication,
            source_authority=source.managed_database.certificate_authority if source.managed_database else "",
            target=data.database.admin,
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
            database=data.database,
            files=data.files,
            site_secret=data.site_secret,
            runs_table=data.runs_table,
            evidence=self.evidence,
            rows=self.rows,
        )
        self._start_replication(settings, source)
        CfnOutput(self, "EvidenceBucket", value=self.evidence.bucket_name)
        CfnOutput(self, "MessagesTopic", value=self.messages.topic_arn, description="Subscribe people to it")
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
                self, settings=settings, runs_table=self.data.runs_table, evidence=self.evidence
            ),
            runs_table=self.data.runs_table,
            evidence=self.evidence,
            replication_task_arn=self.rows.task_arn,
        )
        acknowledge_provider(custom_resources.node.find_child("Provider"))
        prepared = PrepareTargetDatabase(
            self,
            "PrepareTargetDatabase",
            custom_resources=custom_resources,
            source_app_instance_id=source.application.node.id,
            schema=settings.existing_schema,
        )
        prepared.node.add_dependency(self.link, self.access, self.roles, self.facts)
        started = StartReplication(
            self, "StartReplication", custom_resources=custom_resources, replication_task_arn=self.rows.task_arn
        )
        started.node.add_dependency(prepared, self.rows)
        ProviderSettings(
            self,
            "ProviderSettings",
            custom_resources=custom_resources,
            subnet_id=self.data.network.vpc.private_subnets[0].subnet_id,
            security_group_ids=[self.access.replication_servers.security_group_id],
            use_private_ip=True,
        )
