"""What machines and functions need to know about replication: SSM parameter `/cutover/<site>/replication`."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from common.site_parameters import Parameter, Replication, build_parameter_path
from constructs import Construct
from site_data import SharedFiles, TargetDatabase
from source_site import SourceSite

from replication.data_replication import DataReplication


class ReplicationFacts(Construct):
    """Names and ARNs only. What it holds is an interface: common.site_parameters.Replication, docs/reference.md."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        site: str,
        source: SourceSite,
        database: TargetDatabase,
        files: SharedFiles,
        site_secret: secretsmanager.ISecret,
        runs_table: dynamodb.ITable,
        evidence: s3.IBucket,
        rows: DataReplication,
    ) -> None:
        super().__init__(scope, construct_id)
        managed = source.managed_database
        ssm.StringParameter(
            self,
            "Parameter",
            parameter_name=build_parameter_path(site, Parameter.REPLICATION),
            description="Cutover: what machines and functions need to know about replication",
            string_value=Stack.of(self).to_json_string(
                Replication(
                    database_endpoint=database.instance.db_instance_endpoint_address,
                    database_port=database.PORT,
                    database_admin_secret=database.admin.secret_arn,
                    database_app_secret=database.application.secret_arn,
                    source_database_secret=source.secrets.replication.secret_arn,
                    site_secret=source.secrets.site.secret_arn,
                    file_system_id=files.file_system.file_system_id,
                    evidence_bucket=evidence.bucket_name,
                    runs_table=runs_table.table_name,
                    replication_task_arn=rows.task_arn,
                    source_app_instance_id=source.application.node.id,
                    source_database_instance_id=source.database.node.id,
                    source_app_address=source.application.node.address,
                    source_app_ssh_port=source.application.port,
                    source_database_host=managed.host if managed else "",
                    source_database_port=managed.port if managed else 0,
                    target_site_secret=site_secret.secret_arn,
                    database_cores=database.cores,
                ).to_json()
            ),
        )
