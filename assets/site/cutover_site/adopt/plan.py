"""Make the ordered list of changes of an adoption. It is a function of what was found: it reads nothing and changes nothing.

The order keeps the site up: everything is prepared while the application serves. It is stopped only for the time in which its settings are
replaced, its proxy takes over its address, and it starts again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from applications.profile import Profile

from cutover_site.adopt.changes import Change, FileChange, FolderChange, MarkersChange, UnitChange
from cutover_site.adopt.data_folders import list_data_changes
from cutover_site.adopt.front_files import SOURCE_FRONT, list_front_files, write_front
from cutover_site.adopt.present import Present, write_file
from cutover_site.adopt.proposal import Proposal
from cutover_site.adopt.site_file import Identity, describe_site

PROXY_UNIT = "haproxy.service"
DATABASE_ROLE = "source-database"
SITE_FILE = "/etc/cutover/site.json"
CONFIGURED_FOR = "/var/lib/cutover/configured-for"
DROP_IN = "90-cutover.conf"
CONDITION = """\
# `cutover-site adopt` wrote this file, `cutover-site release-source` removes it.
[Service]
# A launched copy of this disk must never write to the source's database.
ExecCondition=+/opt/cutover/bin/cutover-site guard
"""


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
    yield write_file(
        present,
        SITE_FILE,
        json.dumps(describe_site(profile, identity, proposal), indent=2, ensure_ascii=False) + "\n",
        "the tool reads there what this machine is",
    )
    owner: dict[str, object] = {"instance_id": identity.node_id, "mode": "source", "background": True}
    if identity.hardware:
        owner["hardware"] = identity.hardware
    yield write_file(
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
    yield from list_data_changes(profile, found, present)
    yield from list_front_files(found, proposal.identity_headers, front, present)
    variables = "".join(f'Environment="{name}={value}"\n' for name, value in sorted(proposal.environment.items()))
    yield UnitChange(found.unit, "its settings change; it stops for the next steps only", is_active=False)
    yield UnitChange(PROXY_UNIT, "its settings change", is_active=False)
    # Here, not earlier: whoever undoes the adoption then starts the application without this condition.
    yield write_file(
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
    yield write_front(found, SOURCE_FRONT, "/etc/haproxy/haproxy.cfg", front, present, proposal.identity_headers)
    yield UnitChange(PROXY_UNIT, "it serves at the former address of the application", is_active=True, is_enabled=True)
    yield UnitChange(found.unit, "it serves behind the proxy", is_active=True)


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
