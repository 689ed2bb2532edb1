"""Decide which hosts are in a local network."""

from __future__ import annotations

import ipaddress
import socket


def is_internal(host: str) -> bool:
    """Return whether any address of the host is private, loopback or link-local. A host that does not resolve is not internal."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    addresses = [ipaddress.ip_address(address.partition("%")[0]) for address in found]
    return any(address.is_private or address.is_loopback or address.is_link_local for address in addresses)
