"""AWS DMS: full load, then every change, validated."""

from __future__ import annotations

import hashlib

from aws_cdk import aws_dms as dms
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct
from settings import Settings

from replication.dms_roles import DmsRoles
from replication.task_settings import build_table_mappings, build_task_settings

WITHOUT_FOREIGN_KEYS = "initstmt=SET FOREIGN_KEY_CHECKS=0"
"""What DMS executes first in each session at the target. MySQL truncates no table that a foreign key names, and DMS loads eight tables at a time,
children before their parents (https://repost.aws/knowledge-center/dms-foreign-key-constraint-error). The procedure compares tables that
cascades change completely."""


class DataReplication(Construct):
    """The replication instance, its endpoints and the task. CloudFormation leaves the task at `ready`; StartReplication starts it.

    `source_authority`: certificates (PEM) by which DMS checks a managed source. Identifiers of instance and task are also the ends of their ARNs. CloudWatch's dimension ReplicationInstanceIdentifier is the
    identifier, ReplicationTaskIdentifier the end of the task's ARN: so both follow from the task alone.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
        source: secretsmanager.ISecret,
        source_authority: str = "",
        target: secretsmanager.ISecret,
    ) -> None:
        super().__init__(scope, construct_id)
        self.identifier = f"cutover-{settings.site.name}"
        self.roles = DmsRoles(
            self, "Roles", create_account_roles=settings.replication.create_dms_roles, secrets=[source, target]
        )
        subnets = dms.CfnReplicationSubnetGroup(
            self,
            "Subnets",
            replication_subnet_group_description="Private subnets of the destination",
            subnet_ids=vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS).subnet_ids,
        )
        subnets.node.add_dependency(self.roles)
        instance = dms.CfnReplicationInstance(
            self,
            "Instance",
            replication_instance_identifier=self.identifier,
            resource_identifier=self.identifier,
            replication_instance_class=settings.replication.instance_class,
            allocated_storage=settings.replication.storage_gib,
            replication_subnet_group_identifier=subnets.ref,
            vpc_security_group_ids=[security_group.security_group_id],
            publicly_accessible=False,
            multi_az=False,
            auto_minor_version_upgrade=True,
        )
        self.task = dms.CfnReplicationTask(
            self,
            "Task",
            replication_task_identifier=self.identifier,
            resource_identifier=self.identifier,
            replication_instance_arn=instance.ref,
            source_endpoint_arn=self._create_endpoint("Source", source, source_authority).ref,
            target_endpoint_arn=self._create_endpoint("Target", target).ref,
            migration_type="full-load-and-cdc",
            table_mappings=build_table_mappings(settings.profile.database.schemas),
            replication_task_settings=build_task_settings(),
        )
        self.task_arn: str = self.task.ref

    def _create_endpoint(self, kind: str, secret: secretsmanager.ISecret, authority: str = "") -> dms.CfnEndpoint:
        """Return an endpoint with its credentials by reference. `authority`: certificates (PEM) by which DMS checks the server; then it uses TLS.

        Without them it uses no TLS: the connection is the private link between the two networks, and the password is never sent
        (challenge and response). DMS checks the authority and not the host name, because certificates of some services have none.
        """
        certificate = (
            dms.CfnCertificate(
                self,
                f"{kind}Authority",
                # Another certificate replaces this resource, and CloudFormation creates the new one first: it needs a name of its own.
                certificate_identifier=f"{self.identifier}-{kind.lower()}-{_digest(authority)}",
                certificate_pem=authority,
            )
            if authority
            else None
        )
        endpoint = dms.CfnEndpoint(
            self,
            kind,
            endpoint_type=kind.lower(),
            engine_name="mysql",
            ssl_mode="verify-ca" if certificate else "none",
            certificate_arn=certificate.ref if certificate else None,
            extra_connection_attributes=WITHOUT_FOREIGN_KEYS if kind == "Target" else None,
            my_sql_settings=dms.CfnEndpoint.MySqlSettingsProperty(
                secrets_manager_access_role_arn=self.roles.secrets_access.role_arn,
                secrets_manager_secret_id=secret.secret_arn,
                # Schemas keep their names; the default would put all tables into one.
                target_db_type="multiple-databases" if kind == "Target" else None,
            ),
        )
        endpoint.node.add_dependency(self.roles)
        return endpoint


def _digest(text: str) -> str:
    """Return eight hex digits of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]
