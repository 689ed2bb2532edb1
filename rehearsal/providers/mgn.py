"""AWS MGN: a service of the account itself. It needs no secret, and an initialization before the first agent."""

from __future__ import annotations

from collections.abc import Mapping

from rehearsal.component import Component
from rehearsal.providers.interface import AwsClients, ReadSecret
from rehearsal.settings import REGION, Settings


class Mgn:
    """Implements RehearsedProvider."""

    title = "AWS MGN"

    def format_table(self, settings: Settings, source_server_name: str) -> str:
        """Return the table [provider] of migration.toml: the other keys are optional."""
        del settings
        return f"""\
[provider]
kind = "mgn"
source_server_name = "{source_server_name}"
"""

    def set_up(self, settings: Settings, aws: AwsClients) -> None:
        """Do what "Get started" does in the console of MGN: initialize the service, and make a replication template.

        The template has a subnet of the default VPC, as the console proposes it. ReplicationStack names another one.
        """
        del settings
        mgn = aws.make_client("mgn")
        mgn.initialize_service()
        if mgn.describe_replication_configuration_templates()["items"]:
            return
        subnets = aws.make_client("ec2").describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])[
            "Subnets"
        ]
        mgn.create_replication_configuration_template(
            stagingAreaSubnetId=min(one["SubnetId"] for one in subnets),
            associateDefaultSecurityGroup=True,
            replicationServersSecurityGroupsIDs=[],
            replicationServerInstanceType="t3.small",
            useDedicatedReplicationServer=False,
            defaultLargeStagingDiskType="GP3",
            ebsEncryption="DEFAULT",
            bandwidthThrottling=0,
            dataPlaneRouting="PUBLIC_IP",
            createPublicIP=True,
            stagingAreaTags={},
        )

    def describe(self, settings: Settings) -> list[str]:
        """Return how to look at the source servers: there is no console."""
        del settings
        return [f"AWS MGN, initialized: aws mgn describe-source-servers --filters '{{}}' --region {REGION}"]

    def list_components(self, settings: Settings) -> tuple[Component, ...]:
        """Return nothing: MGN is a service of the local AWS."""
        del settings
        return ()

    def read_secrets(self, settings: Settings) -> Mapping[str, ReadSecret]:
        """Return nothing: the installer has the credentials of the machine's role, and the agent's key ends with the agent."""
        del settings
        return {}
