"""Verbs of the two source machines: facts for preflight, the freeze of the database, what was written, and the replica's access to the files."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from cutover_site import health
from cutover_site.cli import AFTER, RUN, WAIT, Option, Verb
from cutover_site.database import cascades, labels, positions, source_facts, written_key_ranges, written_tables
from cutover_site.database.administrator import connect_as_administrator, find_administrator_login
from cutover_site.errors import Refused
from cutover_site.files import data_roots, delta_access
from cutover_site.files.broken import find_broken
from cutover_site.files.survey import Reader, survey
from cutover_site.freeze import database_server
from cutover_site.freeze.application_server import ApplicationServer
from cutover_site.machine import Machine
from cutover_site.milestone_option import wait_for_requested_milestone
from cutover_site.result_size import measure_characters, shorten_lists
from cutover_site.system import cores, disks, systemd

Facts = dict[str, Any]
TABLES_CHARACTERS, RANGES_CHARACTERS = 8_000, 8_000
"""of a result. Ranges become an option of the digest, whose length is limited too"""


def check(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Return the facts about this machine that preflight needs: of each of its roles, merged where it has both."""
    machine.require_role("source-app", "source-database")
    facts: Facts = {"instance_id": machine.instance_id, "role": machine.role}
    if machine.named_node:
        facts |= {"roles": list(machine.roles), "site": machine.config.site}
    if found := machine.layout.installation:
        facts |= {"public_ports": dict(found.public_ports), "public_path": urlsplit(machine.config.site_url).path}
    usage: Facts = {}
    if machine.has_role("source-app"):
        facts |= _check_application(machine)
        usage |= disks.read_usage("/", str(machine.layout.shared))
    if machine.has_role("source-database"):
        facts |= _check_database(machine)
        usage |= {} if machine.config.has_managed_database else disks.read_usage("/", "/var/lib/mysql")
    return {**facts, "disks": usage}


def _check_database(machine: Machine) -> Facts:
    is_managed = machine.config.has_managed_database
    if machine.has_role("source-app"):  # a managed database has no other machine
        require_same_database(machine)
    read = source_facts.read_managed_facts if is_managed else source_facts.read_source_facts
    with connect_as_administrator(machine) as connection:
        return shorten_lists({"database": read(connection, machine.layout.application.database)})


def require_same_database(machine: Machine) -> None:
    """Raise Refused unless migration.toml and the adoption of this machine name the same database: managed and where, or a server's."""
    database = machine.config.source_database
    host = str(machine.replication.get("source_database_host", ""))
    port = int(machine.replication.get("source_database_port", 0))
    if not machine.config.has_managed_database:
        if host:
            raise Refused(
                f"migration.toml names the managed database {host}, and this machine was adopted without its administrator",
                next_action="adopt it again with --administrator-secret, after release-source",
            )
    elif database is not None and (host.lower(), port) != (database.host.lower(), database.port):
        named = f"the managed database {host}:{port}" if host else "no managed database"
        raise Refused(
            f"the application uses the database {database.host}:{database.port}, and migration.toml names {named}",
            next_action="correct [source.database] in migration.toml, deploy ReplicationStack again, then this stack",
        )


def _check_application(machine: Machine) -> Facts:
    data_roots.require_exposed(machine.layout)
    server, application = ApplicationServer(machine), machine.layout.application
    others = tuple(machine.layout.find(path) for path in application.files.aliases)
    exposed = [place for place, _path in data_roots.list_roots(machine.layout)]
    reader = Reader.from_owner(application.owner)
    found = survey(application.files, machine.layout.shared, reader, others=others, exposed=exposed).to_facts()
    return {
        "mode": server.modes.read_running(),
        "freeze": server.store.read().name,
        application.name: systemd.read_state(application.unit),
        "proxy": systemd.read_state("haproxy.service"),
        "delta": delta_access.find_server_problem(machine) or "ok",
        "hold": server.hold.find_problem() or "ok",
        "health": health.find_application_problem(application) or "ok",
        **server.behavior.check(machine),
        "site_bytes": found["bytes"],
        "files": found,
        "repositories": find_broken(application.files, machine.layout.shared),
    }


def freeze_database(machine: Machine, options: argparse.Namespace) -> Facts:
    """Stop writes on the database server. With `--since`, return what was written since that position too."""
    machine.require_role("source-database")
    wait_for_requested_milestone(machine, options)
    frozen = database_server.stop_source_writes(machine, options.run)
    return (
        {**frozen, **_list_written(machine, options.since, options.ranges_of.split(","))} if options.since else frozen
    )


def prove_frozen(machine: Machine, options: argparse.Namespace) -> Facts:
    """Raise an error unless the freeze is in force and nothing was written after the marker."""
    machine.require_role("source-database")
    return database_server.prove_frozen(machine, options.run)


def list_changed_tables(machine: Machine, options: argparse.Namespace) -> Facts:
    """Return the tables that were written since a position, the position for the next call, and how many cores are idle now.

    The new position is read first, so that no write is missed between two calls.
    """
    machine.require_role("source-database")
    with connect_as_administrator(machine) as connection:
        now = positions.read_binlog_position(connection)
    return {
        "position": f"{now.file}:{now.position}",
        "idle_cores": cores.count_idle_cores(),
        **(_list_written(machine, options.since) if options.since else {}),
    }


def _list_written(machine: Machine, since: str, ranges_of: Collection[str] = ()) -> Facts:
    """Return the tables that were written since a position; for those of `ranges_of` also the written key ranges, where known.

    A table whose rows change with a foreign key counts as written everywhere, because MariaDB does not log these rows.
    """
    start, database = positions.parse_position(since), machine.layout.application.database
    with connect_as_administrator(machine, streaming=True) as connection:
        found = written_tables.find_written_tables(connection, start, database)
    with connect_as_administrator(machine) as connection:
        found_cascades = cascades.find_labelled_cascades(connection, database)
    changed = found.tables | cascades.find_affected(found.tables, found_cascades)
    facts: Facts = {"tables": sorted(changed), "other_statements": found.other_events}
    if measure_characters(facts["tables"]) > TABLES_CHARACTERS:  # too many to name: any table may have been written
        return {"tables": [], "other_statements": found.other_events + 1, "tables_written": len(changed)}
    ranged = found.tables.intersection(ranges_of) - cascades.list_children(found_cascades)
    if ranged and not found.other_events:
        login = find_administrator_login(machine)
        with connect_as_administrator(machine) as connection:
            ranges = {
                tables[table]: written
                for schema, tables in labels.group_by_schema(database, ranged).items()
                for table, written in written_key_ranges.find_written_key_ranges(
                    connection, machine.layout, start, schema, tables, login
                ).items()
            }
        while measure_characters(ranges) > RANGES_CHARACTERS:  # a table without ranges is compared completely
            del ranges[max(ranges, key=lambda name: measure_characters(ranges[name]))]
        facts["ranges"] = ranges
    return facts


def allow_delta(machine: Machine, options: argparse.Namespace) -> Facts:
    """Let a replica's key read the site's files."""
    machine.require_role("source-app")
    return delta_access.allow(machine, options.key, options.address)


def deny_delta(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Remove the replica's key."""
    machine.require_role("source-app")
    return delta_access.deny(machine)


SINCE = Option("since", default="", help="FILE:POSITION of the binary log")
VERBS = (
    Verb("check", "facts about this machine that preflight needs", check),
    Verb(
        "freeze-database",
        "stop writes of the database, write the marker, list what was written",
        freeze_database,
        (
            RUN,
            SINCE,
            Option(
                "ranges-of",
                default="",
                help="comma separated tables: return the ranges of keys that were written in these",
                former="keys",
            ),
            AFTER,
            WAIT,
        ),
    ),
    Verb("prove-frozen", "nothing was written to the database since the marker", prove_frozen, (RUN,)),
    Verb(
        "changed-tables",
        "the binary log's position, and the tables that were written since an earlier one",
        list_changed_tables,
        (SINCE,),
    ),
    Verb(
        "allow-delta",
        "let one key read the site's files through rsync",
        allow_delta,
        (
            Option("key", required=True, help="OpenSSH public key of the replica"),
            Option("address", default="", help="accept the key from this address only"),
        ),
    ),
    Verb("deny-delta", "remove the key", deny_delta),
)
