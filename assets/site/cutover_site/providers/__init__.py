"""What the providers' agents leave on a disk. An image has no traces of any provider, whichever launched the replica."""

from __future__ import annotations

from cutover_site.providers import cloudendure, mgn
from cutover_site.providers.traces import Traces

PROVIDERS = (cloudendure.TRACES, mgn.TRACES)
AGENT_FOLDERS = tuple(folder for traces in PROVIDERS for folder in traces.emptied)
AGENT_FILES = tuple(pattern for traces in PROVIDERS for pattern in traces.removed)

__all__ = ["AGENT_FILES", "AGENT_FOLDERS", "PROVIDERS", "Traces"]
