"""Describe where an existing Gogs has its files and where it listens, as site.json has it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from applications.installation import Installation
from applications.profile import Profile

from cutover_site.errors import NotConfigured
from cutover_site.existing.fronts import find_key_files
from cutover_site.existing.host import Host
from cutover_site.existing.listeners import Listener, select_port
from cutover_site.gogs.existing.inventory import BUILT_IN, DISABLED, Inventory
from cutover_site.gogs.existing.settings_change import LOCAL

PLACES = {
    "repositories": "repositories",
    "attachments": "data/attachments",
    "avatars": "data/avatars",
    "repository avatars": "data/repo-avatars",
    "LFS objects": "data/lfs-objects",
    "SSH server's keys": "data/ssh",
}
"""the folder below the data root for each kind of data of the inventory"""
SESSIONS = "data/sessions"
EVERY_ADDRESS = ("", "0.0.0.0", "::", "[::]")
SSH, HTTPS = 22, 443
MAX_PORT = 65535


def choose_ports(profile: Profile, listeners: Sequence[Listener]) -> dict[str, int]:
    """Return a free port of this machine for each port of the application, from the one of the profile on.

    The ports of a target's proxy are not free, because the target has the same settings.
    """
    taken = {one.port for one in listeners} | {port.number for port in profile.ports} | {SSH, HTTPS}
    found: dict[str, int] = {}
    for port in profile.ports:
        found[port.name] = next(number for number in range(port.upstream, MAX_PORT) if number not in taken)
        taken.add(found[port.name])
    return found


def describe_installation(
    host: Host,
    inventory: Inventory,
    profile: Profile,
    listeners: Sequence[Listener],
    listens: Mapping[str, int],
) -> Installation:
    """Return where everything is, as site.json has it. Raises NotConfigured for an installation whose user is not known."""
    place = inventory.place
    if place.account is None:
        raise NotConfigured("the user that Gogs runs as does not exist on this machine")
    free = max(listens.values()) + 1
    ssh, http = inventory.ssh, inventory.http
    taken = {one.port for one in listeners} | {*listens.values()} | {port.number for port in profile.ports}
    while free in taken:
        free += 1
    return Installation(
        program=host.strip(place.program),
        settings=host.strip(place.app_ini),
        work_folder=host.strip(place.work_folder),
        custom_folder=host.strip(place.custom_folder),
        data_folder=host.strip(inventory.data_folder),
        log_folder=host.strip(inventory.log_folder),
        roots=list_roots(host, inventory),
        home=host.strip(Path(place.home or place.account.home)),
        user=place.account.name,
        uid=place.account.uid,
        group=host.find_group(place.account.gid) or place.account.name,
        gid=place.account.gid,
        unit=place.unit,
        schema=inventory.database.schema,
        listens=dict(listens),
        front={
            "http": format_bind(http.address, http.port, listeners),
            "ssh": format_bind(ssh.listen_address, ssh.listen_port, listeners)
            if ssh.mode == BUILT_IN
            else f"{LOCAL}:{free}",
        },
        public_ports={"ssh": ssh.port} if ssh.mode == BUILT_IN else {},
        other_fronts=_list_other_fronts(profile, inventory, listeners),
        secret_files=tuple(_list_secret_files(host, place.app_ini)),
    )


def format_bind(address: str, port: int, listeners: Sequence[Listener]) -> str:
    """Return where HAProxy must listen to be reached as Gogs was: an address of its setting `bind`, with its options.

    Go takes 0.0.0.0 for every address of the machine, those of IPv6 too (net.Listen); HAProxy takes it for those of IPv4.
    """
    if address in EVERY_ADDRESS and any(one.address == "::" for one in select_port(listeners, port)):
        return f":::{port} v4v6"
    return f"[{address}]:{port}" if ":" in address and not address.startswith("[") else f"{address}:{port}"


def list_roots(host: Host, inventory: Inventory) -> dict[str, str]:
    """Return each folder with data of the site, by its folder below the data root."""
    found = {
        PLACES[root.name]: host.strip(root.path)
        for root in inventory.roots
        if inventory.ssh.mode != DISABLED or PLACES[root.name] != "data/ssh"
    }
    return {**found, SESSIONS: host.strip(Path(inventory.session_folder))} if inventory.session_folder else found


def _list_other_fronts(profile: Profile, inventory: Inventory, listeners: Sequence[Listener]) -> tuple[str, ...]:
    """Return the units of other programs at the public ports: a target has a load balancer in their place."""
    numbers: Collection[int] = {port.number for port in profile.public_ports} | {HTTPS}
    return tuple(
        sorted(
            {
                one.unit
                for number in numbers
                for one in select_port(listeners, number)
                if one.unit and one.pid != inventory.place.pid and one.program != "haproxy"
            }
        )
    )


def _list_secret_files(host: Host, app_ini: Path) -> list[str]:
    real = app_ini.resolve()
    return [*find_key_files(host), *([host.strip(real)] if real != app_ini else [])]
