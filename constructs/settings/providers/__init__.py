"""The table [provider]: a base that every provider's settings share, a module for each provider, and the registry that chooses."""

from settings.providers.base import ProviderModel
from settings.providers.registry import ProviderSettings

__all__ = ["ProviderModel", "ProviderSettings"]
