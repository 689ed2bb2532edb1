"""Define the source's application server: the server that is migrated."""

from __future__ import annotations

from aws_cdk import Aws, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct
from machines import build_runs_table_arn, create_machine_role, grant_read_secrets
from providers import AgentInstallation, Provider, add_provider_initialization, create_provider
from provisioning import Provisioning
from settings import Settings
from settings.sources import DemoSource
from source_site import SourceSecrets

from demo_source import ports
from demo_source.discovery_agent import grant_register_discovery_agent
from demo_source.network import APPLICATION_ADDRESS, DATABASE_ADDRESS, DemoNetwork
from demo_source.server import PROVISIONING_TIMEOUT, create_server


class ApplicationServer(Construct):
    """An instance that is installed beside the database server: its playbook waits for the database where it needs it."""

    ROLE_TAG = "source-app"

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
        site, profile = settings.site, settings.profile
        self.role = create_machine_role(
            self, "Role", site=site.name, description=f"The source's {profile.title} server"
        )
        if demo.discovery_agent:
            grant_register_discovery_agent(self.role)
        provider = create_provider(settings.provider)
        provisioning = Provisioning(
            self,
            "Provisioning",
            site=site.name,
            machine=self.ROLE_TAG,
            playbook=profile.playbook,
            role=self.role,
            variables=self._build_variables(settings, demo, secrets, provider.describe_agent()),
        )
        self.instance: ec2.Instance = create_server(
            self,
            role_tag=self.ROLE_TAG,
            vpc=network.vpc,
            security_group=network.application,
            address=APPLICATION_ADDRESS,
            instance_type=demo.app_instance_type,
            volume_gib=demo.app_volume_gib,
            role=self.role,
            provisioning=provisioning,
        )
        prepared = add_provider_initialization(
            self, "ProviderInitialization", provider=provider, subnet_id=network.vpc.public_subnets[0].subnet_id
        )
        if prepared:  # the playbook registers the agent
            self.instance.node.add_dependency(prepared)
        address = ec2.CfnEIP(self, "Address", domain="vpc", instance_id=self.instance.instance_id)
        address.node.add_dependency(network.vpc.internet_connectivity_established)
        self.public_address: str = address.attr_public_ip
        self.instance.node.add_dependency(
            grant_read_secrets(self, "ReadSecrets", self.role, secrets.all),
            self._create_own_rights(settings, secrets, provider),
        )
        provisioning.add_wait_condition(self.instance, timeout=PROVISIONING_TIMEOUT)

    @staticmethod
    def _build_variables(
        settings: Settings, demo: DemoSource, secrets: SourceSecrets, agent: AgentInstallation
    ) -> dict[str, str | int]:
        """Return the variables of the playbook."""
        site, profile = settings.site, settings.profile
        return {
            "site_name": site.name,
            "site_url": site.source_url,
            **{f"{port.name}_dns_name": site.get_port_name(port) for port in profile.tcp},
            "aws_region": Aws.REGION,
            f"{profile.name}_archive_url": str(demo.release.archive_url),
            f"{profile.name}_archive_sha256": demo.release.archive_sha256,
            "database_host": DATABASE_ADDRESS,
            "database_port": ports.MYSQL,
            "application_secret": secrets.application.secret_arn,
            "site_secret": secrets.site.secret_arn,
            "replication_agent_role": agent.role,
            **agent.variables,
            "discovery_agent_url": demo.discovery_agent_url,
            "demo_content": demo.demo_content and bool(profile.demo),
        }

    def _create_own_rights(self, settings: Settings, secrets: SourceSecrets, provider: Provider) -> iam.Policy:
        """Return the policy for what this server alone does.

        It runs the provider's agent, completes the site secret, reports held writes and ends a freeze in the run record (dead man's switch).
        """
        stack = Stack.of(self)
        policy = iam.Policy(
            self,
            "OwnRights",
            roles=[self.role],
            statements=[
                iam.PolicyStatement(actions=["secretsmanager:PutSecretValue"], resources=[secrets.site.secret_arn]),
                iam.PolicyStatement(
                    actions=["dynamodb:UpdateItem"], resources=[build_runs_table_arn(stack, settings.site.name)]
                ),
            ],
        )
        provider.grant_agent_installation(self.role, policy=policy)
        return policy
