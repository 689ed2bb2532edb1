"""Check how users reach an existing Gogs: its HTTP address, its SSH server, and the proxies in front of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from applications.installation import URL_PATH

from cutover_site.existing.findings import Finding, stop, warn
from cutover_site.existing.fronts import Front, find_fronts
from cutover_site.existing.host import Host
from cutover_site.existing.listeners import Listener, select_port
from cutover_site.gogs.existing.inventory import BUILT_IN, OPENSSH, Http, Inventory

PUBLIC_PORTS = (22, 80, 443)
SSHD_PORT = 22
"""the port at which the replica reads the delta from sshd"""
STANDARD_PORTS = {"http": 80, "https": 443}


def describe_ways(host: Host, inventory: Inventory, listeners: Sequence[Listener]) -> dict[str, Any]:
    """Return who listens at the public ports and at the port of Gogs, and which proxies hand requests to it."""
    ports = sorted({*PUBLIC_PORTS, inventory.http.port, inventory.ssh.port, inventory.ssh.listen_port} - {0})
    return {
        "listeners": {str(port): [str(one) for one in select_port(listeners, port)] for port in ports},
        "fronts": [str(front) for front in list_fronts(host, inventory)],
    }


def list_fronts(host: Host, inventory: Inventory) -> list[Front]:
    """Return the proxies of this machine in front of Gogs."""
    http = inventory.http
    names = (http.address,) if http.address not in ("", "0.0.0.0", "::") else ()
    return find_fronts(host, port=http.port, socket=http.socket, names=names)


def check_ways(inventory: Inventory, listeners: Sequence[Listener]) -> Iterator[Finding]:
    """Yield the findings."""
    yield from _check_http(inventory)
    yield from _check_ssh(inventory, listeners)


def _check_http(inventory: Inventory) -> Iterator[Finding]:
    http = inventory.http
    if http.protocol != "http":
        yield stop(
            "http",
            f"[server] PROTOCOL is {http.protocol}; a migration needs a Gogs that speaks http to a proxy on its own machine",
            "set PROTOCOL = http with HTTP_ADDR = 127.0.0.1, and let a proxy have the certificate or the public socket",
        )
    yield from _check_path(http)
    yield from _check_address(http)


def _check_path(http: Http) -> Iterator[Finding]:
    if http.sub_path and URL_PATH.fullmatch(http.sub_path):
        yield warn(
            "url",
            f"users reach the site below the path {http.sub_path} ({http.url}), and after the migration the whole name {http.host} leads to the target",
            f'write path = "{http.sub_path}" into the table [site] of migration.toml, and give everything else at this name another one',
        )
    elif http.sub_path:
        yield stop(
            "url",
            f"users reach the site below the path {http.sub_path} ({http.url}), which has other characters than letters, digits and . _ ~ -",
            "give the site another path or a host name of its own, keep redirects at the old path, and set EXTERNAL_URL",
        )


def _check_address(http: Http) -> Iterator[Finding]:
    parts = urlsplit(http.url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in STANDARD_PORTS or not http.host:
        yield stop(
            "url",
            f"[server] EXTERNAL_URL is {http.url}, which is no address of a site",
            "set it to the address that users use",
        )
    elif port not in (None, STANDARD_PORTS[parts.scheme]):
        yield stop(
            "url",
            f"users reach the site at the port {port} ({http.url}); the target serves the ports 80 and 443",
            "serve the site at a standard port, and set EXTERNAL_URL",
        )
    if http.host in ("localhost", "127.0.0.1", "::1"):
        yield stop(
            "url",
            f"the name in EXTERNAL_URL is {http.host}, which is no public name",
            "set EXTERNAL_URL to the public address",
        )


def _check_ssh(inventory: Inventory, listeners: Sequence[Listener]) -> Iterator[Finding]:
    ssh = inventory.ssh
    if ssh.mode == OPENSSH:
        yield stop(
            "ssh",
            f"Git over SSH goes through OpenSSH ({ssh.authorized_keys}), whose sessions a freeze cannot hold",
            "set START_SSH_SERVER = true with an SSH_LISTEN_PORT of its own and restart Gogs: the keys are in the database, clone addresses can stay"
            " (SSH_DOMAIN, SSH_PORT) when a proxy or NAT leads there; with SSH not in use, set DISABLE_SSH = true",
        )
    at_22 = select_port(listeners, SSHD_PORT)
    if ssh.mode == BUILT_IN and any(one.pid == inventory.place.pid and one.pid for one in at_22):
        yield stop(
            "ssh",
            "Gogs's own SSH server has the port 22, at which the replica reads files from sshd",
            "let sshd listen at port 22 of a private address, and Gogs at another port",
        )
    elif not at_22:
        yield warn(
            "ssh",
            "nobody listens at port 22, at which the replica reads files from sshd",
            "nothing: the playbook installs sshd",
        )
