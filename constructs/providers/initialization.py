"""The preparation of the provider before the first agent. It belongs to the stack that installs an agent, and does not wait for the other stacks."""

from __future__ import annotations

import json

from aws_cdk import CustomResource, Duration, RemovalPolicy, Stack
from aws_cdk import aws_logs as logs
from aws_cdk import custom_resources as cr
from compliance import acknowledge_provider
from constructs import Construct
from functions import PythonFunction

from providers.interface import Provider

TIMEOUT = Duration.minutes(5)
"""new roles take some seconds until the provider sees them"""


class ProviderInitialization(Construct):
    """Depend on it to install an agent. Its deletion changes nothing at the provider.

    `subnet_id`: a subnet of the source, for a provider that demands one before it accepts an agent. No replication server uses it, because
    replication begins with the settings of ReplicationStack.
    """

    def __init__(self, scope: Construct, construct_id: str, *, provider: Provider, subnet_id: str) -> None:
        super().__init__(scope, construct_id)
        function = PythonFunction(
            self,
            "Function",
            package="custom_resource",
            handler="handler.on_event",
            description="Cutover: prepares the provider for the first agent",
            environment=build_provider_environment(provider),
            timeout=TIMEOUT,
        )
        provider.grant_initialization(function)
        framework = cr.Provider(
            self,
            "Framework",
            on_event_handler=function,
            log_group=logs.LogGroup(
                self, "FrameworkLog", retention=logs.RetentionDays.THREE_MONTHS, removal_policy=RemovalPolicy.DESTROY
            ),
        )
        acknowledge_provider(framework)
        self.resource = CustomResource(
            self,
            "Run",
            resource_type="Custom::ProviderInitialization",
            service_token=framework.service_token,
            properties={
                "Configuration": Stack.of(self).to_json_string(
                    {"subnet_id": subnet_id, "security_group_ids": [], "use_private_ip": True}
                )
            },
        )


def add_provider_initialization(
    scope: Construct, construct_id: str, *, provider: Provider, subnet_id: str
) -> ProviderInitialization | None:
    """Add the preparation if the provider needs one. Return None for one that does not."""
    if not provider.needs_initialization:
        return None
    return ProviderInitialization(scope, construct_id, provider=provider, subnet_id=subnet_id)


def build_provider_environment(provider: Provider) -> dict[str, str]:
    """Return the environment variables of the provider's client. They hold names of secrets, never a secret."""
    return {
        "CUTOVER_PROVIDER": provider.kind,
        "CUTOVER_PROVIDER_SETTINGS": json.dumps(dict(provider.function_settings), sort_keys=True),
        "CUTOVER_SOURCE_SERVER": provider.source_server_name,
    }
