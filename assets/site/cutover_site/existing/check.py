"""Run every check of `check-source` on this machine, whatever the others find."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from applications.profile import Profile

from cutover_site.errors import Refused
from cutover_site.existing.agent import check_agent
from cutover_site.existing.data import check_data
from cutover_site.existing.database_server import check_server, find_socket, is_local
from cutover_site.existing.findings import STOPS, UNKNOWN, Finding, is_met, sort_findings, stop
from cutover_site.existing.host import Host
from cutover_site.existing.inspection import DatabaseAddress, Inspection, load_inspector
from cutover_site.existing.listeners import find_listeners
from cutover_site.existing.managed_server import OpenServer, check_managed_server, explain_local
from cutover_site.existing.system import check_space, check_system
from cutover_site.providers import REQUIREMENTS

APPLICATION, DATABASE = "source-app", "source-database"


@dataclass(frozen=True)
class Request:
    """The options of the verb. `settings`: the application's settings file, None to search for it."""

    provider: str
    settings: Path | None = None
    schemas: tuple[str, ...] = ()
    options_file: str = ""
    replication_user: str = ""
    site: str = ""
    seconds: float = 60.0
    open_managed: OpenServer | None = None
    """how to connect to the application's database, if it is a managed service; None: a server has it"""


def check_source(host: Host, profile: Profile, request: Request) -> tuple[dict[str, Any], list[Finding]]:
    """Return the result of the verb and the findings. Raises Refused when this process is not root's, because it could not read everything."""
    if os.geteuid() != 0:
        raise Refused(
            "check-source reads files of other users and must run as root; it changes nothing",
            next_action="run it with sudo",
        )
    findings = list(check_system(host, site=request.site))
    found = load_inspector(profile).inspect(host, profile, request.settings)
    findings += found.findings
    roles = [APPLICATION] * found.is_found
    facts: dict[str, Any] = {"application": found.facts, "data": [], "database": {}, "elsewhere": []}
    if found.is_found:
        findings += check_agent(host, REQUIREMENTS[request.provider])
        findings += _collect(_check_folders(found, profile, request.seconds), facts["data"])
    more = _check_database(host, profile, request, found, facts)
    if more is not None:
        roles.append(DATABASE)
        findings += more
    if not roles:
        findings.append(
            stop(
                "roles",
                f"neither {profile.title} nor a database server was found on this machine",
                "run this on a machine of the source, or name the application's settings by --settings",
            )
        )
    return _build_result(host, roles, facts, findings), sort_findings(findings)


def _check_database(
    host: Host, profile: Profile, request: Request, found: Inspection, facts: dict[str, Any]
) -> list[Finding] | None:
    """Return the findings about the database server of this machine, None when it has none. Adds to `facts`."""
    socket, address = find_socket(host, find_listeners(host)), _choose_address(found, request)
    if request.open_managed is not None:
        return _check_managed(host, profile, request, address, facts)
    if address is not None and _is_elsewhere(found, address):
        where = f"the database is on {address.host}: run check-source there too, with --schema {address.schemas[0]}; if it is a managed service, here with --managed-database"
        facts["elsewhere"].append(where)
        return None
    if address is None and (found.is_found or not socket):
        return None  # no server, or one that this application does not use
    facts["database"], findings = check_server(
        host,
        socket,
        profile.database,
        address,
        options_file=request.options_file,
        replication_user=request.replication_user,
    )
    return findings


def _check_managed(
    host: Host, profile: Profile, request: Request, address: DatabaseAddress | None, facts: dict[str, Any]
) -> list[Finding] | None:
    """Return the findings about the managed database, None when the application was not found. Adds to `facts`."""
    if address is None or request.open_managed is None:
        return None
    if address.socket or is_local(address.host):
        return [explain_local(address)]
    facts["database"], findings = check_managed_server(
        host, profile.database, address, request.open_managed, replication_user=request.replication_user
    )
    return findings


def _choose_address(found: Inspection, request: Request) -> DatabaseAddress | None:
    if not request.schemas:
        return found.database
    known = found.database or DatabaseAddress("", 0, "", (), "")
    return dataclasses.replace(known, schemas=request.schemas)


def _is_elsewhere(found: Inspection, address: DatabaseAddress) -> bool:
    return found.is_found and not address.socket and not is_local(address.host)


def _check_folders(found: Inspection, profile: Profile, seconds: float) -> Iterator[Finding | dict[str, Any]]:
    if found.account is None:
        return  # the finding about the user names the reason
    yield from check_data(found.folders, profile.files, found.account, budget_seconds=seconds)
    disks = {os.stat(folder.path).st_dev: folder.path for folder in found.folders if folder.path.is_dir()}  # noqa: PTH116
    for path in disks.values():
        yield from check_space(str(path), Host())


def _collect(entries: Iterable[Finding | dict[str, Any]], facts: list[dict[str, Any]]) -> list[Finding]:
    """Return the findings, and add the dictionaries to `facts`."""
    findings = []
    for entry in entries:
        if isinstance(entry, Finding):
            findings.append(entry)
        else:
            facts.append(entry)
    return findings


def _build_result(host: Host, roles: list[str], facts: dict[str, Any], findings: list[Finding]) -> dict[str, Any]:
    ordered = sort_findings(findings)
    counts = {level: sum(1 for one in ordered if one.level == level) for level in (STOPS, UNKNOWN)}
    result: dict[str, Any] = {
        "ok": is_met(ordered),
        "machine": host.name,
        "roles": roles,
        "findings": [one.to_facts(host.name) for one in ordered],
        **facts,
    }
    if not result["ok"]:
        result["reason"] = (
            f"{counts[STOPS]} findings would stop a migration of {host.name}, {counts[UNKNOWN]} checks could not be made"
        )
        result["next"] = "do what each finding asks for, then run check-source again"
    return result
