"""Addresses and ports of the target site."""

from urllib.parse import urlsplit

from common.run import Target

DEFAULT_PORTS = {"http": 80, "https": 443}


def http_port(target: Target) -> int:
    url = urlsplit(target.site_url)
    return url.port or DEFAULT_PORTS.get(url.scheme, 80)


def tls_name(target: Target) -> str:
    """The host that the target's certificate is for; empty when it speaks plain HTTP."""
    url = urlsplit(target.site_url)
    return url.hostname or "" if url.scheme == "https" else ""


def admission_ports(target: Target) -> list[int]:
    """What the load balancers listen on: the site's HTTP or HTTPS port (with HTTPS also 80, which redirects), and SSH."""
    http = http_port(target)
    return sorted({http, *([80] if http == 443 else []), target.ssh_port})
