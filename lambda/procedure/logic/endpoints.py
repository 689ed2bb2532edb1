"""Compute addresses and ports of the target site."""

from urllib.parse import urlsplit

from common.record_sets import is_same_name
from common.site_parameters import Target, TcpPort

DEFAULT_PORTS = {"http": 80, "https": 443}


def get_http_port(target: Target) -> int:
    """Return the port of the site's URL."""
    url = urlsplit(target.site_url)
    return url.port or DEFAULT_PORTS.get(url.scheme, 80)


def get_tls_name(target: Target) -> str:
    """Return the host name of the target's certificate, empty for plain HTTP."""
    url = urlsplit(target.site_url)
    return url.hostname or "" if url.scheme == "https" else ""


def list_forward_options(target: Target) -> dict[str, str]:
    """Return the options of the tool that name the addresses to which the source forwards."""
    options = {
        "http": f"{target.load_balancer_dns}:{get_http_port(target)}",
        **{port.name: port.address for port in target.tcp},
    }
    return {**options, "tls": name} if (name := get_tls_name(target)) else options


def list_public_ports(target: Target) -> list[int]:
    """Return the ports of the load balancers' listeners: the site's HTTP or HTTPS port (with HTTPS also 80, which redirects), and its other ports."""
    http = get_http_port(target)
    return sorted({http, *([80] if http == 443 else []), *(port.number for port in target.tcp)})


def list_public_names(target: Target) -> list[tuple[str, str, str]]:
    """Return each name with the load balancer to which it must lead: (name, load balancer's DNS name, its hosted zone).

    HTTP comes first, and another entry for the same name is left out: one name has one load balancer, and HTTP is what users have most.
    """
    names = [(target.site_dns_name, target.load_balancer_dns, target.load_balancer_zone_id)]
    for port in target.tcp:
        if port.dns_name and not any(is_same_name(port.dns_name, name) for name, _, _ in names):
            names.append((port.dns_name, port.load_balancer_dns, port.load_balancer_zone_id))
    return names


def list_ports_without_name(target: Target) -> list[TcpPort]:
    """Return the ports whose name is already another port's."""
    led = {(name, balancer) for name, balancer, _ in list_public_names(target)}
    return [port for port in target.tcp if port.dns_name and (port.dns_name, port.load_balancer_dns) not in led]
