"""Check the places of an existing Gogs: the few that cannot be kept. Every other path, user, unit, schema and port stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path, PurePosixPath

from applications.installation import PATH, SCHEMA
from applications.profile import Profile

from cutover_site.existing.findings import Finding, stop, warn
from cutover_site.existing.host import Host
from cutover_site.gogs.existing.installation_facts import list_roots
from cutover_site.gogs.existing.inventory import BUILT_IN, MYSQL, Inventory

CHECK = "layout"
PROXY_FILE = "etc/haproxy/haproxy.cfg"
OWN_WORDS = "/etc/haproxy/cutover/"
"""part of each haproxy.cfg that the product wrote"""
_FRONTEND = re.compile(r"^(?:frontend|listen)\s", re.MULTILINE)
MOVE = "move it there while Gogs is stopped, and set app.ini to it"


def check_layout(host: Host, inventory: Inventory, profile: Profile) -> Iterator[Finding]:
    """Yield a finding for each place that cannot be kept."""
    yield from _check_proxy_file(host)
    yield from _check_forms(host, inventory)
    yield from _check_home(host, inventory)
    yield from _check_roots(host, inventory, profile)
    yield from _check_ssh_port(inventory, profile)


def _check_proxy_file(host: Host) -> Iterator[Finding]:
    """Yield a finding when HAProxy serves something else on this machine: the proxy that holds writes has these settings."""
    text = host.read(PROXY_FILE)
    if _FRONTEND.search(text) and OWN_WORDS not in text:
        yield stop(
            CHECK,
            f"/{PROXY_FILE} has frontends of this machine; the proxy that holds writes needs this file",
            "move these frontends to another machine, or to another program than HAProxy",
        )


def _check_forms(host: Host, inventory: Inventory) -> Iterator[Finding]:
    for name, path in _list_places(host, inventory):
        if not PATH.fullmatch(path):
            yield stop(
                CHECK,
                f"the path of {name} has a character that units and patterns read in another way: {path!r}",
                "give it another name: no quote, asterisk, question mark, bracket, backslash, dollar or percent sign",
            )
    schema = inventory.database.schema
    if inventory.database.kind == MYSQL and not SCHEMA.fullmatch(schema):
        yield stop(
            CHECK,
            f"the schema of Gogs is {schema!r}, which has other characters than letters, digits, _, $ and -",
            "move the tables to a schema with another name (RENAME TABLE) and set [database] NAME",
        )


def _check_home(host: Host, inventory: Inventory) -> Iterator[Finding]:
    home = host.strip(Path(inventory.place.home or "/"))
    for name, path in _list_places(host, inventory):
        if home == path or _is_below(home, path):
            yield stop(
                CHECK,
                f"the home of Gogs's user ({home}) is not apart from {name} ({path}); each is carried over in its own way",
                "give the user a home of its own (usermod --home --move-home), and HOME in the unit",
            )


def _check_roots(host: Host, inventory: Inventory, profile: Profile) -> Iterator[Finding]:
    roots, shared = list_roots(host, inventory), f"/{profile.files.root}"
    others = [(name, path) for name, path in _list_places(host, inventory) if path not in roots.values()]
    for name, path in sorted(roots.items()):
        for other, place in others:
            if path == place or _is_below(place, path):
                yield stop(
                    CHECK,
                    f"{name} of the site are in {path}, where {other} is too ({place})",
                    f"give them a folder of their own: {MOVE}",
                )
        place = f"{shared}/{name}"
        if path != place and (_is_below(path, shared) or _is_below(shared, path) or path == shared):
            yield stop(
                CHECK,
                f"{name} of the site are in {path}, which overlaps {shared}, where the tool sees the data of each site",
                f"name {place}, or a folder outside of {shared}: {MOVE}",
            )
        elif path != place and _has_entries(host.find(place)):
            yield stop(
                CHECK,
                f"{place} is not empty, and the tool sees {name} of the site there ({path})",
                f"move away what is in {place}",
            )
    for (name, path), (other, place) in permutations(sorted(roots.items()), 2):
        if _is_below(place, path) or (path == place and name < other):
            yield stop(CHECK, f"{name} of the site are in {path}, where {other} are too ({place})", f"give each a folder of its own: {MOVE}")  # fmt: skip


def _check_ssh_port(inventory: Inventory, profile: Profile) -> Iterator[Finding]:
    """Yield a warning when users clone from another port than that of the profile: migration.toml must name it."""
    ssh, number = inventory.ssh, profile.get_port("ssh").number
    if ssh.mode == BUILT_IN and ssh.port != number:
        yield warn(
            CHECK,
            f"users clone from port {ssh.port} ([server] SSH_PORT), not from {number}",
            f"write ssh_port = {ssh.port} into the table [site] of migration.toml: the target serves SSH there too",
        )


def _list_places(host: Host, inventory: Inventory) -> list[tuple[str, str]]:
    """Return name and path of everything but the home."""
    place = inventory.place
    own = {
        "the program": place.program,
        "the work directory": place.work_folder,
        "the custom directory": place.custom_folder,
        "app.ini": place.app_ini,
        "[server] APP_DATA_PATH": inventory.data_folder,
        "the logs": inventory.log_folder,
    }
    return [*((name, host.strip(path)) for name, path in own.items()), *list_roots(host, inventory).items()]


def _is_below(path: str, folder: str) -> bool:
    return PurePosixPath(folder) in PurePosixPath(path).parents


def _has_entries(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return False
