"""The source's application server: the machine that is migrated."""

from __future__ import annotations

from aws_cdk import Aws, CfnWaitCondition, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from compliance import acknowledge
from constructs import Construct
from providers import AgentInstallation, create_provider
from provisioning import Provisioning
from settings import Settings

from source_site import ports
from source_site.database_server import DatabaseServer
from source_site.machine_role import machine_role, may_read, may_register_discovery_agent, runs_table_arn
from source_site.network import APPLICATION_ADDRESS, DATABASE_ADDRESS, SourceNetwork
from source_site.secrets import SourceSecrets
from source_site.server import PROVISIONING_TIMEOUT, server


class ApplicationServer(Construct):
    """Starts when the database is ready; complete (`provisioned`) when the application's playbook has succeeded on it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        network: SourceNetwork,
        secrets: SourceSecrets,
        database: DatabaseServer,
    ) -> None:
        super().__init__(scope, construct_id)
        site, profile = settings.site, settings.profile
        self.role = machine_role(self, "Role", site=site.name, description=f"The source's {profile.title} server")
        if settings.source.discovery_agent:
            may_register_discovery_agent(self.role)
        agent = create_provider(settings.provider).describe_agent(self)
        provisioning = Provisioning(
            self,
            "Provisioning",
            site=site.name,
            machine="source-app",
            playbook=profile.playbook,
            role=self.role,
            variables={
                "site_name": site.name,
                "site_url": site.source_url,
                **{f"{port.name}_dns_name": site.port_name(port) for port in profile.tcp},
                "aws_region": Aws.REGION,
                f"{profile.name}_archive_url": str(settings.release.archive_url),
                f"{profile.name}_archive_sha256": settings.release.archive_sha256,
                "database_host": DATABASE_ADDRESS,
                "database_port": ports.MYSQL,
                "application_secret": secrets.application.secret_arn,
                "site_secret": secrets.site.secret_arn,
                "replication_agent_role": agent.role,
                **agent.variables,
                "discovery_agent_url": settings.source.discovery_agent_url,
                "demo_content": settings.source.demo_content and bool(profile.demo),
            },
        )
        self.instance: ec2.Instance = server(
            self,
            role_tag="source-app",
            vpc=network.vpc,
            security_group=network.application,
            address=APPLICATION_ADDRESS,
            instance_type=settings.source.app_instance_type,
            volume_gib=settings.source.app_volume_gib,
            role=self.role,
            provisioning=provisioning,
        )
        address = ec2.CfnEIP(self, "Address", domain="vpc", instance_id=self.instance.instance_id)
        address.node.add_dependency(network.vpc.internet_connectivity_established)
        self.public_address: str = address.attr_public_ip
        self.instance.node.add_dependency(
            database.provisioned,
            may_read(self, "ReadSecrets", self.role, secrets.all),
            self._own_rights(settings, secrets, agent),
        )
        self.provisioned: CfnWaitCondition = provisioning.done(self.instance, timeout=PROVISIONING_TIMEOUT)

    def _own_rights(self, settings: Settings, secrets: SourceSecrets, agent: AgentInstallation) -> iam.Policy:
        """What the provider's agent needs, the site secret completed on the machine, the dead man's switch in the run record."""
        stack = Stack.of(self)
        policy = iam.Policy(
            self,
            "OwnRights",
            roles=[self.role],
            statements=[
                *agent.statements,
                iam.PolicyStatement(actions=["secretsmanager:PutSecretValue"], resources=[secrets.site.secret_arn]),
                iam.PolicyStatement(
                    actions=["dynamodb:UpdateItem"], resources=[runs_table_arn(stack, settings.site.name)]
                ),
            ],
        )
        for rule, reason in agent.acknowledgements.items():
            acknowledge(policy, rule, reason)
        return policy
