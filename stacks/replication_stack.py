"""Rows and machine flow to AWS, days before the cutover; the source notices nothing."""

from __future__ import annotations

from aws_cdk import CfnOutput, Environment, Stack
from aws_cdk import aws_ssm as ssm
from constructs import Construct
from destination import Access, DestinationNetwork, MachineRoles
from replication import DataReplication, LagAlarms, RunStore, SharedFiles, TargetDatabase
from settings import Settings
from source_site import SourceSite


class ReplicationStack(Stack):
    """Everything that must be in step before a migration may start."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, source: SourceSite, env: Environment
    ) -> None:
        super().__init__(
            scope, construct_id, env=env, description="Cutover: destination network, database, files, replication"
        )
        self.network = DestinationNetwork(self, "Network", source=source)
        self.access = Access(self, "Access", network=self.network, source=source)
        vpc = self.network.vpc
        self.database = TargetDatabase(
            self, "Database", settings=settings, vpc=vpc, security_group=self.access.database
        )
        self.files = SharedFiles(self, "Files", settings=settings, vpc=vpc, security_group=self.access.files)
        self.store = RunStore(self, "Store", settings=settings)
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
        self.facts = ssm.StringParameter(
            self,
            "Facts",
            parameter_name=f"/cutover/{settings.site.name}/replication",
            description="What machines and functions need to know; names and ARNs only",
            string_value=self.to_json_string(
                {
                    "database_endpoint": self.database.instance.db_instance_endpoint_address,
                    "database_port": self.database.PORT,
                    "database_admin_secret": self.database.admin.secret_arn,
                    "database_app_secret": self.database.application.secret_arn,
                    "source_database_secret": source.secrets.replication.secret_arn,
                    "site_secret": source.secrets.site.secret_arn,
                    "file_system_id": self.files.file_system.file_system_id,
                    "evidence_bucket": self.store.evidence.bucket_name,
                    "runs_table": self.store.table.table_name,
                    "replication_task_arn": self.rows.task_arn,
                    "source_app_instance_id": source.app_instance_id,
                    "source_database_instance_id": source.database_instance_id,
                }
            ),
        )
        CfnOutput(self, "DatabaseEndpoint", value=self.database.instance.db_instance_endpoint_address)
        CfnOutput(self, "EvidenceBucket", value=self.store.evidence.bucket_name)
        CfnOutput(self, "ReplicationTask", value=self.rows.task_arn)
