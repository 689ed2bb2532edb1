"""Find out which target the running workers of HAProxy know: only a worker that knows it can send to it without a reload."""

from __future__ import annotations

from collections.abc import Mapping

from cutover_site.proxy.forwarding import Address, name_server
from cutover_site.proxy.runtime import Runtime

SERVER_NAME_COLUMN = 3
"""of a line of `show servers state`, after backend's id, backend's name and server's id"""


def is_known_target(runtime: Runtime, addresses: Mapping[str, Address]) -> bool:
    """Return whether every worker that takes connections knows these addresses, by the port's name. Raises ProxyError.

    It is false too when no worker takes connections, as after a failed reload.
    """
    current = runtime.list_workers().current
    states = {name: runtime.query(f"show servers state forward_{name}") for name in addresses}
    return bool(current) and all(
        _has_server(states[name].get(pid, ""), name_server(address))
        for name, address in addresses.items()
        for pid in current
    )


def _has_server(state: str, server: str) -> bool:
    lines = (line.split() for line in state.splitlines() if not line.startswith("#"))
    return any(len(words) > SERVER_NAME_COLUMN and words[SERVER_NAME_COLUMN] == server for words in lines)
