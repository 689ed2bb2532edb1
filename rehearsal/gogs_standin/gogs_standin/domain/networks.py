"""Which hosts are not the internet."""

from __future__ import annotations

import ipaddress
import socket


def internal(host: str) -> bool:
    """Whether any address of the host is of a private, loopback or link-local network. One that does not resolve is not."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    addresses = [ipaddress.ip_address(address.partition("%")[0]) for address in found]
    return any(address.is_private or address.is_loopback or address.is_link_local for address in addresses)
