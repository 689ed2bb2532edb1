"""Define the source's MySQL server."""

from __future__ import annotations

from aws_cdk import Aws
from aws_cdk import aws_ec2 as ec2
from constructs import Construct
from machines import create_machine_role, grant_read_secrets
from provisioning import Provisioning
from settings import Settings
from settings.sources import DemoSource
from source_site import SourceSecrets

from demo_source.discovery_agent import grant_register_discovery_agent
from demo_source.network import DATABASE_ADDRESS, DemoNetwork
from demo_source.server import PROVISIONING_TIMEOUT, create_server


class DatabaseServer(Construct):
    """An instance with MySQL, which the playbook `database.yml` installs."""

    ROLE_TAG = "source-database"

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        demo: DemoSource,
        network: DemoNetwork,
        secrets: SourceSecrets,
    ) -> None:
        super().__init__(scope, construct_id)
        self.role = create_machine_role(
            self, "Role", site=settings.site.name, description="The source's database server"
        )
        if demo.discovery_agent:
            grant_register_discovery_agent(self.role)
        provisioning = Provisioning(
            self,
            "Provisioning",
            site=settings.site.name,
            machine=self.ROLE_TAG,
            playbook="database.yml",
            role=self.role,
            variables={
                "application_name": settings.application,
                "site_name": settings.site.name,
                "aws_region": Aws.REGION,
                "application_secret": secrets.application.secret_arn,
                "replication_secret": secrets.replication.secret_arn,
                "discovery_agent_url": demo.discovery_agent_url,
            },
        )
        self.instance: ec2.Instance = create_server(
            self,
            role_tag=self.ROLE_TAG,
            vpc=network.vpc,
            security_group=network.database,
            address=DATABASE_ADDRESS,
            instance_type=demo.database_instance_type,
            volume_gib=demo.database_volume_gib,
            role=self.role,
            provisioning=provisioning,
        )
        self.instance.node.add_dependency(
            grant_read_secrets(self, "ReadSecrets", self.role, [secrets.application, secrets.replication])
        )
        provisioning.add_wait_condition(self.instance, timeout=PROVISIONING_TIMEOUT)
