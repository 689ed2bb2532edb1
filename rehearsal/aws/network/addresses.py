"""Addresses are given once: private ones out of a subnet, public ones out of the rehearsal's own internet."""

from __future__ import annotations

import ipaddress
import threading

from rehearsal.aws.network import exceptions

PUBLIC = ipaddress.ip_network("203.0.113.0/24")
"""TEST-NET-3 (RFC 5737): exists nowhere, so nothing outside can be meant by one of these."""
_RESERVED = 4
"""AWS keeps the first four addresses of a subnet, and the last."""


class Addresses:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: set[str] = set()
        self._next_public = 0

    def reserve(self, cidr: str, wanted: str | None = None) -> str:
        """Reserve a free address of the subnet, or the wanted one. Raises ApiError as EC2 does."""
        network = ipaddress.ip_network(cidr)
        first, last = int(network.network_address) + _RESERVED, int(network.broadcast_address) - 1
        with self._lock:
            if wanted is not None:
                if not first <= int(ipaddress.ip_address(wanted)) <= last:
                    raise exceptions.address_outside_of_subnet(wanted)
                if wanted in self._taken:
                    raise exceptions.address_in_use(wanted)
                self._taken.add(wanted)
                return wanted
            for number in range(first, last + 1):
                address = str(ipaddress.ip_address(number))
                if address not in self._taken:
                    self._taken.add(address)
                    return address
        raise exceptions.no_free_address(cidr)

    def reserve_public(self) -> str:
        """Reserve a public address. One that was released is used again as late as possible."""
        hosts = PUBLIC.num_addresses - 2
        with self._lock:
            for step in range(hosts):
                number = (self._next_public + step) % hosts
                address = str(PUBLIC[number + 1])
                if address not in self._taken:
                    self._taken.add(address)
                    self._next_public = number + 1
                    return address
        raise exceptions.no_free_public_address()

    def release(self, *addresses: str | None) -> None:
        """Free these addresses. Does nothing for an address that is free."""
        with self._lock:
            self._taken -= set(filter(None, addresses))
