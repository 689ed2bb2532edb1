"""Where the proxy sends everything once the site has moved: a small configuration file of its own beside haproxy.cfg."""

import re
from dataclasses import dataclass

from cutover_site.errors import Refused

ADDRESS = re.compile(r"^(?P<host>[A-Za-z0-9.-]+):(?P<port>\d{1,5})$")


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Address":
        """HOST:PORT. Raises Refused: this text goes into a configuration file."""
        found = ADDRESS.match(text)
        if not found or not 0 < int(found["port"]) < 65536:
            raise Refused(f"{text!r} is not HOST:PORT")
        return cls(found["host"], int(found["port"]))


def configuration(http: Address | None, ssh: Address | None) -> str:
    """The two backends. The target's names are asked again and again: a load balancer changes its addresses."""
    return "\n".join(
        [
            "resolvers system",
            "    parse-resolv-conf",
            "    hold valid 5s",
            "",
            "backend forward_http",
            "    mode http",
            *_server(http),
            "",
            "backend forward_ssh",
            "    mode tcp",
            "    timeout server 1h",
            *_server(ssh),
            "",
        ]
    )


def _server(address: Address | None) -> list[str]:
    if address is None:
        return []
    return [
        f"    server target {address.host}:{address.port} resolvers system resolve-prefer ipv4 init-addr last,libc,none"
    ]
