"""AWS MGN: a service of AWS, an agent on the source server, replication servers in the destination's subnet."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from compliance import acknowledge
from settings.providers.mgn import MgnSettings

from providers.interface import AgentInstallation, ReplicationPort
from providers.mgn import initialization, launches

BLOCKS = ReplicationPort(construct_id="Agent", number=1500, description="Source: sends its blocks")
"""The port is fixed, and no proxy can be between (https://docs.aws.amazon.com/mgn/latest/ug/Network-Requirements.html)."""
EVENTS = (
    "MGN Source Server Launch Result",
    "MGN Source Server Lifecycle State Change",
    "MGN Source Server Data Replication Stalled Change",
)
"""All that have a schema (https://docs.aws.amazon.com/mgn/latest/ug/eventbridge-events.html). Terminations and finalizations send none."""
AGENT_INSTALLATION = "AWSApplicationMigrationAgentInstallationPolicy"


class Mgn:
    """Implements providers.Provider. It needs no secret: the functions and the agent's installer use their roles."""

    def __init__(self, settings: MgnSettings) -> None:
        self._settings = settings
        self.kind: str = settings.kind
        self.source_server_name: str = settings.source_server_name
        self.replication_ports = (BLOCKS,)
        self.needs_initialization = True
        self.event_pattern = events.EventPattern(source=["aws.mgn"], detail_type=list(EVENTS))

    @property
    def function_settings(self) -> Mapping[str, object]:
        """Keys of the settings in common.clients.mgn."""
        return {
            "replication_server_instance_type": self._settings.replication_server_instance_type,
            "ebs_encryption_key_arn": self._settings.ebs_encryption_key_arn or "",
            "bandwidth_throttling_mbps": self._settings.bandwidth_throttling_mbps,
            "boot_mode": self._settings.boot_mode,
        }

    def grant_launch(self, function: lambda_.Function, *, replica_profile: iam.InstanceProfile) -> None:
        """Allow the function to launch, remove and finalize replicas, and to pass the profile's role to them."""
        launches.grant_launch(function, replica_profile=replica_profile)
        launches.grant_rights_check(function, replica_profile=replica_profile)
        launches.grant_removal(function)
        launches.grant_ec2_access(function)
        if key := self._settings.ebs_encryption_key_arn:
            launches.grant_key(function, key)

    def grant_removal(self, function: lambda_.Function) -> None:
        """Allow the function to find source servers and to remove their replicas."""
        launches.grant_removal(function)
        launches.grant_ec2_access(function)

    def grant_initialization(self, function: lambda_.Function) -> None:
        """Allow the function to initialize MGN in its account and region, with the roles and templates that MGN demands."""
        initialization.grant_initialization(function)

    def grant_replication_settings(self, function: lambda_.Function) -> None:
        """Allow the function to initialize MGN too, to set replication settings, and to start a replication."""
        initialization.grant_initialization(function)
        initialization.grant_replication_settings(function)

    def describe_agent(self) -> AgentInstallation:
        """Return the role `mgn_agent`, which registers the server with the credentials of its own role."""
        return AgentInstallation(role="mgn_agent", variables={"source_server_name": self._settings.source_server_name})

    def grant_agent_installation(self, role: iam.Role, *, policy: iam.Policy) -> None:  # noqa: ARG002 (the interface's)
        """Allow the server to register an agent. The agent itself lives on a certificate, not on this role."""
        role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name(AGENT_INSTALLATION))
        acknowledge(
            role,
            f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{AGENT_INSTALLATION}]",
            "AWS keeps this policy in step with its agent's installer, and it allows nothing but the registration of an agent.",
        )
