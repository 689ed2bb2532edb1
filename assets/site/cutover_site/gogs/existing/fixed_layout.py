"""Check what this release of the product fixes: paths, user, unit, schema and ports of Gogs on every machine of a site.

A site with others must be changed to these before it is migrated with this release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from applications.profile import Profile

from cutover_site.existing.findings import Finding, stop
from cutover_site.existing.host import Host
from cutover_site.existing.listeners import Listener, select_port
from cutover_site.gogs.existing.inventory import BUILT_IN, Inventory
from cutover_site.gogs.layout import GogsLayout

CHECK = "fixed-layout"
PROXY = "haproxy"
PROXY_FILE = "etc/haproxy/haproxy.cfg"
OWN_WORDS = "/etc/haproxy/cutover/"
"""part of each haproxy.cfg that the playbook wrote"""
_FRONTEND = re.compile(r"^(?:frontend|listen)\s", re.MULTILINE)
ACTION = "move it there while Gogs is stopped, and set app.ini and the hooks (gogs admin resync-hooks) to it"


def check_fixed_layout(
    host: Host, inventory: Inventory, profile: Profile, listeners: Sequence[Listener]
) -> Iterator[Finding]:
    """Yield a finding for everything that is elsewhere than this release has it."""
    yield from _check_proxy_file(host)
    yield from _check_paths(inventory, GogsLayout(chosen=profile))
    yield from _check_names(inventory, profile)
    yield from _check_ports(inventory, profile, listeners)


def _check_proxy_file(host: Host) -> Iterator[Finding]:
    """Yield a finding when HAProxy serves something else on this machine: the playbook replaces its settings."""
    text = host.read(PROXY_FILE)
    if _FRONTEND.search(text) and OWN_WORDS not in text:
        yield stop(
            CHECK,
            f"/{PROXY_FILE} has frontends of this machine; this release replaces the file",
            "move this proxy to another machine, or to another program than HAProxy",
        )


def _check_paths(inventory: Inventory, layout: GogsLayout) -> Iterator[Finding]:
    data = layout.data
    places = {
        "repositories": layout.repositories,
        "attachments": data / "attachments",
        "avatars": data / "avatars",
        "repository avatars": data / "repo-avatars",
        "LFS objects": data / "lfs-objects",
        "SSH server's keys": data / "ssh",
    }
    for root in inventory.roots:
        # A folder of Gogs's own that was never used does not count. The disk of an absolute path may not be mounted now.
        counts = root.has_absolute_setting or _has_entries(root.path)
        if counts and root.path.resolve() != places[root.name].resolve():
            yield stop(CHECK, f"{root.name} are in {root.path}; this release keeps them in {places[root.name]}", ACTION)
    for name, found, fixed in (
        ("the program", inventory.binary, layout.binary),
        ("app.ini", inventory.app_ini, layout.app_ini),
        ("the home of its user", Path(inventory.place.home or "/"), layout.home),
    ):
        if found != fixed:
            yield stop(CHECK, f"{name} is {found}; this release has {fixed}", ACTION)


def _check_names(inventory: Inventory, profile: Profile) -> Iterator[Finding]:
    account, owner, place = inventory.place.account, profile.owner, inventory.place
    if account and (account.name, account.uid) != (owner.user, owner.uid):
        yield stop(
            CHECK,
            f"Gogs runs as {account.name} with the uid {account.uid}; this release has {owner.user} with {owner.uid}",
            "change user and group (usermod, groupmod) and the owner of every file of the site",
        )
    if place.unit and place.unit != profile.unit:
        yield stop(CHECK, f"the unit of Gogs is {place.unit}; this release has {profile.unit}", "rename the unit")
    if inventory.database.kind == "mysql" and inventory.database.schema != profile.database.primary:
        yield stop(
            CHECK,
            f"the schema of Gogs is {inventory.database.schema}; this release has {profile.database.primary}",
            "move the tables there (RENAME TABLE) and set [database] NAME",
        )


def _check_ports(inventory: Inventory, profile: Profile, listeners: Sequence[Listener]) -> Iterator[Finding]:
    """Yield findings about the ports at which this release puts its proxy."""
    for port in profile.public_ports:
        for one in select_port(listeners, port.number):
            is_gogs = one.pid == inventory.place.pid and one.pid
            if one.program != PROXY and not is_gogs:
                yield stop(
                    CHECK,
                    f"{one} has the port {port.number}, at which this release puts its proxy ({port.description})",
                    f"let it listen at another address, and hand {port.description} to the port {port.number} of this machine",
                )
    ssh = inventory.ssh
    number = profile.get_port("ssh").number
    if ssh.mode == BUILT_IN and ssh.port != number:
        yield stop(
            CHECK,
            f"users clone from port {ssh.port} ([server] SSH_PORT); this release serves SSH at {number}",
            f"set SSH_PORT = {number}, and tell users the new clone addresses",
        )


def _has_entries(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return False
