"""The configuration: migration.toml as frozen, typed models."""

from settings.errors import SettingsError
from settings.load import Settings

__all__ = ["Settings", "SettingsError"]
