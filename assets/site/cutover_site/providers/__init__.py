"""What the agents of the providers leave on a disk. An image is free of the traces of every one of them, whichever launched the replica."""

from __future__ import annotations

from cutover_site.providers import cloudendure
from cutover_site.providers.traces import Traces

PROVIDERS = (cloudendure.TRACES,)
AGENT_FOLDERS = tuple(folder for traces in PROVIDERS for folder in traces.emptied)
AGENT_FILES = tuple(pattern for traces in PROVIDERS for pattern in traces.removed)

__all__ = ["AGENT_FILES", "AGENT_FOLDERS", "PROVIDERS", "Traces"]
