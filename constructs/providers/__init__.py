"""What a provider adds to the stacks: an interface, a package for each provider, and the registry that chooses.

The provider is the service that replicates the source server.
"""

from providers.events import ProviderEvents, add_provider_events
from providers.initialization import ProviderInitialization, add_provider_initialization, build_provider_environment
from providers.interface import AgentInstallation, Provider, ReplicationPort
from providers.registry import create_provider

__all__ = [
    "AgentInstallation",
    "Provider",
    "ProviderEvents",
    "ProviderInitialization",
    "ReplicationPort",
    "add_provider_events",
    "add_provider_initialization",
    "build_provider_environment",
    "create_provider",
]
