"""The settings of the console's client: CUTOVER_PROVIDER_SETTINGS, written by constructs/providers/cloudendure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from common.errors import ConfigurationError


@dataclass(frozen=True, kw_only=True)
class ConsoleSettings:
    """Where the console is, and which secret opens it."""

    console_url: str
    project: str
    """name or id of the project in the console"""
    credentials_secret: str
    """name or ARN; JSON: `username` and `password`, or `userApiToken`"""

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> ConsoleSettings:
        """Return the typed settings. ConfigurationError names the keys that are missing or unknown."""
        names = {one.name for one in fields(cls)}
        problems = sorted((names ^ set(given)) | {name for name in names & set(given) if not given[name]})
        if problems:
            raise ConfigurationError(
                f"CUTOVER_PROVIDER_SETTINGS: missing, empty or unknown for CloudEndure: {', '.join(problems)}",
                next_action="deploy the stack again: the construct sets it",
            )
        return cls(**{name: str(given[name]) for name in names})
