"""Parse what defines a task: its table mappings and its settings."""

from __future__ import annotations

import json
from typing import Any

from rehearsal.aws.exceptions import NotEmulated
from rehearsal.dms import task_settings
from rehearsal.dms.exceptions import invalid_parameter
from rehearsal.dms.mappings import BadMappings, Mappings
from rehearsal.dms.mappings import Unsupported as UnsupportedMappings


def parse_definition(mappings: str, settings: str | None) -> tuple[Mappings, task_settings.Settings]:
    """Parse mappings and settings. Raises ApiError as CreateReplicationTask does."""
    try:
        return Mappings.parse(mappings), task_settings.complete(settings)
    except (BadMappings, task_settings.BadSettings) as error:
        raise invalid_parameter(str(error)) from error
    except (UnsupportedMappings, task_settings.Unsupported) as error:
        raise NotEmulated(str(error)) from error


def merge_settings(settings: task_settings.Settings, changes: str) -> dict[str, Any]:
    """Return the settings with these changes, given as JSON."""
    try:
        given = json.loads(changes)
        return {**settings, **{group: {**settings.get(group, {}), **values} for group, values in given.items()}}
    except (ValueError, TypeError, AttributeError):
        raise invalid_parameter("Invalid task settings JSON") from None
