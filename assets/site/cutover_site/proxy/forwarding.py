"""Where the proxy sends everything once the site has moved: a small configuration file of its own beside haproxy.cfg."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cutover_site.errors import Refused

ADDRESS = re.compile(r"^(?P<host>[A-Za-z0-9.-]+):(?P<port>\d{1,5})$")
NAME = re.compile(r"[A-Za-z0-9.-]+")
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
"""those that the system trusts"""


@dataclass(frozen=True)
class Address:
    host: str
    port: int
    tls: str = ""
    """the name that is asked for by TLS, which the certificate must be for; without it the connection is plain"""

    @classmethod
    def parse(cls, text: str, *, tls: str = "") -> Address:
        """HOST:PORT. Raises Refused: these texts go into a configuration file."""
        found = ADDRESS.match(text)
        if not found or not 0 < int(found["port"]) < 65536:
            raise Refused(f"{text!r} is not HOST:PORT")
        if tls and not NAME.fullmatch(tls):
            raise Refused(f"{tls!r} is no host name")
        return cls(found["host"], int(found["port"]), tls)


def configuration(http: Address | None, others: Mapping[str, Address | None], *, authorities: str = AUTHORITIES) -> str:
    """Return a backend for HTTP and for each other port, by name. The target's names are asked again and again: a load balancer changes its addresses.

    `authorities`: file of the certificates that a target with TLS may have its own from.
    """
    return "\n".join(
        [
            "resolvers system",
            "    parse-resolv-conf",
            "    hold valid 5s",
            "",
            "backend forward_http",
            "    mode http",
            *_server(http, authorities),
            *(line for name, address in others.items() for line in _tcp(name, address, authorities)),
            "",
        ]
    )


def _tcp(name: str, address: Address | None, authorities: str) -> list[str]:
    return [
        "",
        f"backend forward_{name}",
        "    mode tcp",
        "    timeout server 1h",
        *_server(address, authorities),
    ]


def _server(address: Address | None, authorities: str) -> list[str]:
    if address is None:
        return []
    # The name that is asked for is the one that HAProxy compares the certificate with.
    tls = f" ssl sni str({address.tls}) verify required ca-file {authorities}" if address.tls else ""
    return [
        f"    server target {address.host}:{address.port} resolvers system resolve-prefer ipv4 init-addr last,libc,none{tls}"
    ]
