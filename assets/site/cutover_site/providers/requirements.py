"""What a provider's agent requires of the server that it replicates, as far as it can be seen before the agent is installed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class ForeignAgent(NamedTuple):
    """An agent that excludes this provider's. `path`: what it leaves on the disk, relative to its root; `module`: its kernel module.

    `own_record`: what the playbook's own installation leaves; where it is, `path` is of this provider's agent.
    """

    name: str
    action: str
    path: str = ""
    module: str = ""
    own_record: str = ""


class Requirements(NamedTuple):
    """`systems`: versions by the ID of os-release. `uncertain`: those about which the provider's pages disagree.

    `kernels_refused`: beginnings and ends of kernel releases. `free_bytes`: by folder.
    """

    name: str
    systems: Mapping[str, tuple[str, ...]]
    uncertain: Mapping[str, tuple[str, ...]]
    processors: tuple[str, ...]
    kernels_refused: tuple[tuple[str, ...], tuple[str, ...]]
    needs_headers: bool
    free_bytes: Mapping[str, int]
    foreign_agents: tuple[ForeignAgent, ...]
