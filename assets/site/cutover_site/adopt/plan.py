"""Make the ordered list of changes of an adoption. It is a function of what was found: it reads nothing and changes nothing.

The order keeps the site up: everything is prepared while the application serves. It is stopped only for the time in which its settings are
replaced, its proxy takes over its address, and it starts again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from applications.installation import Installation
from applications.profile import Profile

from cutover_site.adopt.changes import Change, FileChange, FolderChange, MarkersChange, UnitChange
from cutover_site.adopt.proposal import Proposal
from cutover_site.config import Administrator
from cutover_site.errors import NotConfigured
from cutover_site.files import data_roots

PROXY_UNIT = "haproxy.service"
DATABASE_ROLE = "source-database"
PROXY_FOLDER = "/etc/haproxy/cutover"
SITE_FILE = "/etc/cutover/site.json"
CONFIGURED_FOR = "/var/lib/cutover/configured-for"
DROP_IN = "90-cutover.conf"
SOURCE_FRONT, TARGET_FRONT, DEFAULTS = "source.cfg", "target.cfg", "default"
FRONT_FILES = (SOURCE_FRONT, TARGET_FRONT, DEFAULTS, "hold.lua", "forward.cfg", "mode.map", "hold.map")
"""files that prepare_source.yml renders from the templates of the role reverse_proxy"""
WHY = {SOURCE_FRONT: "it holds writes while the site moves", TARGET_FRONT: "targets have other addresses"}
PROXY_WHY = "the proxy needs it"
VOLATILE = ("forward.cfg", "mode.map", "hold.map")
CONDITION = """\
# `cutover-site adopt` wrote this file, `cutover-site release-source` removes it.
[Service]
# A launched copy of this disk must never write to the source's database.
ExecCondition=+/opt/cutover/bin/cutover-site guard
"""


@dataclass(frozen=True)
class Identity:
    """What the operator states about this machine. `site_secret`, `application_secret`: names of secrets, empty when not known yet.

    `hardware`: what distinguishes a machine without EC2's metadata from a copy of its disk; empty for an EC2 instance.
    """

    site: str
    region: str
    node_id: str
    roles: tuple[str, ...]
    site_secret: str = ""
    application_secret: str = ""
    hardware: str = ""
    administrator: Administrator | None = None
    """of a managed database, which this machine administers; None: a server has the database"""


@dataclass(frozen=True)
class Present:
    """What is on the machine now. `read`: the content of a file, None when there is none. `is_folder`: whether a folder exists."""

    read: Callable[[str], bytes | None]
    is_folder: Callable[[str], bool]


def make_plan(
    profile: Profile,
    identity: Identity,
    proposal: Proposal | None,
    front: Mapping[str, str] | None,
    present: Present,
) -> list[Change]:
    """Return the changes in their order. `proposal`: None on a machine without the application.

    `front`: the proxy's files by name; None for a plan that is only printed, because prepare_source.yml renders them after it has read the plan.
    Raises NotConfigured for an incomplete front.
    """
    changes = list(_list_changes(profile, identity, proposal, front, present))
    return [*_list_folders(changes, present), *changes]


def _list_changes(
    profile: Profile,
    identity: Identity,
    proposal: Proposal | None,
    front: Mapping[str, str] | None,
    present: Present,
) -> Iterator[Change]:
    yield _write(
        present,
        SITE_FILE,
        json.dumps(describe_site(profile, identity, proposal), indent=2, ensure_ascii=False) + "\n",
        "the tool reads there what this machine is",
    )
    owner: dict[str, object] = {"instance_id": identity.node_id, "mode": "source", "background": True}
    if identity.hardware:
        owner["hardware"] = identity.hardware
    yield _write(
        present,
        CONFIGURED_FOR,
        json.dumps(owner) + "\n",
        "a launched copy of this disk is another machine",
        volatile=True,
    )
    if DATABASE_ROLE in identity.roles:
        yield MarkersChange("a run writes a row there when it has stopped all other writes")
    if proposal is None:
        return
    found = proposal.installation
    yield from _list_data_changes(profile, found, present)
    yield from _list_front_files(found, proposal.identity_headers, front, present)
    variables = "".join(f'Environment="{name}={value}"\n' for name, value in sorted(proposal.environment.items()))
    yield UnitChange(found.unit, "its settings change; it stops for the next steps only", is_active=False)
    yield UnitChange(PROXY_UNIT, "its settings change", is_active=False)
    # Here, not earlier: whoever undoes the adoption then starts the application without this condition.
    yield _write(
        present,
        f"/etc/systemd/system/{found.unit}.d/{DROP_IN}",
        CONDITION + variables,
        "a launched copy must not run the application",
    )
    yield FileChange(
        proposal.settings.path,
        proposal.settings.content,
        "the proxy takes over the address of the application",
        before=", ".join(before for before, _after in map(_split, proposal.settings.lines)),
        after=", ".join(after for _before, after in map(_split, proposal.settings.lines)),
        is_settings=True,
    )
    yield _write_front(found, SOURCE_FRONT, "/etc/haproxy/haproxy.cfg", front, present, proposal.identity_headers)
    yield UnitChange(PROXY_UNIT, "it serves at the former address of the application", is_active=True, is_enabled=True)
    yield UnitChange(found.unit, "it serves behind the proxy", is_active=True)


def describe_site(profile: Profile, identity: Identity, proposal: Proposal | None) -> dict[str, object]:
    """Return the content of site.json."""
    facts: dict[str, object] = {
        "site": identity.site,
        "application": profile.name,
        "region": identity.region,
        "node_id": identity.node_id,
        "roles": list(identity.roles),
        "role": identity.roles[0],
    }
    if proposal is None:
        return facts
    database = proposal.database
    names = {f"{name}_dns_name": text for name, text in proposal.dns_names.items()}
    return {
        **facts,
        "site_url": proposal.site_url,
        **names,
        "site_secret": identity.site_secret,
        "source_database": {
            "host": database.host or "localhost",
            "port": database.port or 3306,
            "secret": identity.application_secret,
            **_describe_administrator(identity),
        },
        "installation": proposal.installation.to_facts(),
    }


def _describe_administrator(identity: Identity) -> dict[str, object]:
    found = identity.administrator
    return {"administrator": {"secret": found.secret, "tls": found.tls}} if found else {}


def _list_data_changes(profile: Profile, found: Installation, present: Present) -> Iterator[Change]:
    shared, owner = f"/{profile.files.root}", (found.uid, found.gid)
    missing = {
        str(folder)
        for path in found.roots.values()
        for folder in (PurePosixPath(path), *PurePosixPath(path).parents)
        if not present.is_folder(str(folder))
    }
    for folder in sorted(missing):
        yield FolderChange(folder, "the application may create it at any moment", owner=owner)
    units = data_roots.render_units(found, shared)
    places = [f"{shared}/{name}" for name, path in sorted(found.roots.items()) if f"{shared}/{name}" != path]
    for folder in _list_parents(shared, places):
        if not present.is_folder(folder):
            yield FolderChange(folder, "the tool sees the data of each site below this folder", mode=0o750, owner=owner)
    for name, text in units.items():
        yield _write(
            present,
            f"/etc/systemd/system/{name}",
            text,
            "the tool reads this folder at a place that is equal on all sites",
        )
    for name in units:
        yield UnitChange(name, "nothing is copied or moved", is_active=True, is_enabled=True)


def _list_parents(shared: str, places: Sequence[str]) -> list[str]:
    """Return the data root, the folders in which places are, and the places, each folder before its content."""
    found = {shared, *places}
    for place in places:
        found |= {str(folder) for folder in PurePosixPath(place).parents if str(folder).startswith(f"{shared}/")}
    return sorted(found) if places else []


def _list_front_files(
    found: Installation, headers: Sequence[str], front: Mapping[str, str] | None, present: Present
) -> Iterator[Change]:
    for name in FRONT_FILES:
        if name != SOURCE_FRONT:
            path = "/etc/default/haproxy" if name == DEFAULTS else f"{PROXY_FOLDER}/{name}"
            yield _write_front(found, name, path, front, present, headers)


def _write_front(
    found: Installation,
    name: str,
    path: str,
    front: Mapping[str, str] | None,
    present: Present,
    headers: Sequence[str],
) -> FileChange:
    """Return the change of one file of the proxy, with the addresses of this installation."""
    if front is None:
        before = "does not exist" if present.read(path) is None else "as it is"
        return FileChange(path, b"", WHY.get(name, PROXY_WHY), before, "rendered by prepare_source.yml")
    text = front.get(name)
    if text is None:
        raise NotConfigured(
            f"the proxy's file {name} is not on this machine",
            next_action="run prepare_source.yml, which installs HAProxy and its files and adopts the machine",
        )
    for port, address in found.front.items():
        text = text.replace(f"@{port}_bind@", address).replace(f"@{port}_upstream@", f"127.0.0.1:{found.listens[port]}")
    if text and name in (TARGET_FRONT, SOURCE_FRONT):
        missing = [one for one in headers if f"del-header {one}\n" not in text]
        if missing:
            raise NotConfigured(
                f"the proxy's file {name} does not delete {' and '.join(missing)}, which signs users in",
                next_action="run prepare_source.yml again: the settings of the application changed",
            )
    return _write(present, path, text, WHY.get(name, PROXY_WHY), volatile=name in VOLATILE)


def _write(present: Present, path: str, text: str, why: str, *, volatile: bool = False) -> FileChange:
    before = present.read(path)
    return FileChange(
        path,
        text.encode(),
        why,
        before="does not exist" if before is None else f"{len(before)} bytes",
        after=f"{len(text.encode())} bytes",
        mode=0o644 if before is None else None,
        is_volatile=volatile,
    )


def _list_folders(changes: Sequence[Change], present: Present) -> list[FolderChange]:
    """Return the folders of new files, each folder before its content."""
    needed = {
        str(folder)
        for change in changes
        if isinstance(change, FileChange)
        for folder in PurePosixPath(change.path).parents
        if not present.is_folder(str(folder))
    }
    return [FolderChange(path, "for files of the tool") for path in sorted(needed)]


def _split(line: str) -> tuple[str, str]:
    before, _, after = line.partition(" -> ")
    return before, after
