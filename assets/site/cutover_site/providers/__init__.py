"""What the providers' agents leave on a disk and what they require. An image has no traces of any provider, whichever launched the replica."""

from __future__ import annotations

from collections.abc import Mapping

from cutover_site.providers import cloudendure, mgn
from cutover_site.providers.requirements import Requirements
from cutover_site.providers.traces import Traces

PROVIDERS = (cloudendure.TRACES, mgn.TRACES)
AGENT_FOLDERS = tuple(folder for traces in PROVIDERS for folder in traces.emptied)
AGENT_FILES = tuple(pattern for traces in PROVIDERS for pattern in traces.removed)
REQUIREMENTS: Mapping[str, Requirements] = {"cloudendure": cloudendure.REQUIREMENTS, "mgn": mgn.REQUIREMENTS}
"""by `kind` of the table [provider] of migration.toml"""
DEFAULT_PROVIDER = "cloudendure"

__all__ = ["AGENT_FILES", "AGENT_FOLDERS", "DEFAULT_PROVIDER", "PROVIDERS", "REQUIREMENTS", "Requirements", "Traces"]
