"""The target addresses that the source's proxy forwards to: a small configuration file of its own beside haproxy.cfg."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from applications.installation import URL_PATH

from cutover_site.errors import Refused

ADDRESS = re.compile(r"^(?P<host>[A-Za-z0-9.-]+):(?P<port>\d{1,5})$")
NAME = re.compile(r"[A-Za-z0-9.-]+")
CONCURRENT_REQUESTS = 256
QUEUE_SECONDS = 120
"""requests that the target gets at a time, and how long others wait: what was held during the freeze is sent all at once"""
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
"""the certificate authorities that the system trusts"""


@dataclass(frozen=True)
class Address:
    """Where one port of the target is."""

    host: str
    port: int
    tls: str = ""
    """host name for TLS (SNI), which the certificate must match; empty for a connection without TLS"""
    path: str = field(default="", repr=False)
    """the path below which the target serves the site, without a slash at its end. The proxy in front of this one has removed it"""

    @classmethod
    def parse(cls, text: str, *, tls: str = "", path: str = "") -> Address:
        """Return the address in HOST:PORT. Raises Refused for other text, because it goes into a configuration file."""
        found = ADDRESS.match(text)
        if not found or not 0 < int(found["port"]) < 65536:
            raise Refused(f"{text!r} is not HOST:PORT")
        if tls and not NAME.fullmatch(tls):
            raise Refused(f"{tls!r} is no host name")
        if path and not URL_PATH.fullmatch(path):
            raise Refused(f"{path!r} is no path of a site")
        return cls(found["host"], int(found["port"]), tls, path)


def render_configuration(
    http: Address | None, others: Mapping[str, Address | None], *, authorities: str = AUTHORITIES
) -> str:
    """Return one backend for HTTP and one for each other port. HAProxy resolves names continuously, because a load balancer changes its addresses.

    `others`: addresses by the port's name. `authorities`: file with the certificate authorities for a target with TLS.
    """
    return "\n".join(
        [
            "resolvers system",
            "    parse-resolv-conf",
            "    hold valid 5s",
            "",
            "backend forward_http",
            "    mode http",
            f"    timeout queue {QUEUE_SECONDS}s",
            *([f"    http-request set-path {http.path}%[path]"] if http and http.path else []),
            *_render_server(http, authorities, maxconn=CONCURRENT_REQUESTS),
            *(line for name, address in others.items() for line in _render_tcp(name, address, authorities)),
            "",
        ]
    )


def name_server(address: Address) -> str:
    """Return the name of the server in HAProxy. It differs for each address, so a running worker shows which one it knows."""
    return "target-" + hashlib.sha256(repr(address).encode()).hexdigest()[:12]


def _render_tcp(name: str, address: Address | None, authorities: str) -> list[str]:
    return [
        "",
        f"backend forward_{name}",
        "    mode tcp",
        "    timeout server 1h",
        *_render_server(address, authorities),
    ]


def _render_server(address: Address | None, authorities: str, maxconn: int = 0) -> list[str]:
    if address is None:
        return []
    # HAProxy compares the certificate with the name that it sends as SNI.
    tls = f" ssl sni str({address.tls}) verify required ca-file {authorities}" if address.tls else ""
    limit = f" maxconn {maxconn}" if maxconn else ""
    return [
        f"    server {name_server(address)} {address.host}:{address.port}"
        f" resolvers system resolve-prefer ipv4 init-addr last,libc,none{limit}{tls}"
    ]
