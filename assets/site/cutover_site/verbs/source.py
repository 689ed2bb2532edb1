"""Verbs of the two source machines: check, stop and resume writes, forward to the target, give the replica access to the files."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from typing import Any

from cutover_site import health
from cutover_site.cli import LEASE, RUN, Option, Verb
from cutover_site.database import cascades, labels, positions, source_facts, written_key_ranges, written_tables
from cutover_site.database.connections import connect_as_root
from cutover_site.files import delta_access
from cutover_site.files.broken import find_broken
from cutover_site.files.survey import Reader, survey
from cutover_site.freeze import database_server, switch
from cutover_site.freeze import forward as forwarding
from cutover_site.freeze.application_server import ApplicationServer
from cutover_site.freeze.attempts import AttemptLimits
from cutover_site.machine import Machine
from cutover_site.proxy.forwarding import Address
from cutover_site.result_size import measure_characters, shorten_lists
from cutover_site.system import disks, systemd

Facts = dict[str, Any]
TABLES_CHARACTERS, RANGES_CHARACTERS = 8_000, 8_000
"""of a result. Ranges become an option of the digest, whose length is limited too"""


def check(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Return the facts about this machine that preflight needs."""
    machine.require_role("source-app", "source-database")
    common = {"instance_id": machine.instance_id, "role": machine.role}
    if machine.role == "source-database":
        with connect_as_root(machine.layout) as connection:
            return shorten_lists(
                {
                    **common,
                    "database": source_facts.read_source_facts(connection, machine.layout.application.database),
                    "disks": disks.read_usage("/", "/var/lib/mysql"),
                }
            )
    server, application = ApplicationServer(machine), machine.layout.application
    found = survey(application.files, machine.layout.shared, Reader.from_owner(application.owner)).to_facts()
    return {
        **common,
        "mode": server.modes.read_running(),
        "freeze": server.store.read().name,
        application.name: systemd.read_state(application.unit),
        "proxy": systemd.read_state("haproxy.service"),
        "hold": server.hold.find_problem() or "ok",
        "health": health.find_application_problem(application) or "ok",
        **server.behavior.check(machine),
        "disks": disks.read_usage("/", str(machine.layout.shared)),
        "site_bytes": found["bytes"],
        "files": found,
        "repositories": find_broken(application.files, machine.layout.shared),
    }


def freeze(machine: Machine, options: argparse.Namespace) -> Facts:
    """Stop writes on the application server."""
    machine.require_role("source-app")
    limits = AttemptLimits(options.attempt, options.attempts, options.hold, options.within)
    return ApplicationServer(machine).stop_source_writes(options.run, options.lease, limits)


def renew(machine: Machine, options: argparse.Namespace) -> Facts:
    """Extend the freeze lease."""
    machine.require_role("source-app")
    return ApplicationServer(machine).renew_lease(options.run, options.lease)


def thaw(machine: Machine, options: argparse.Namespace) -> Facts:
    """Resume writes on this machine."""
    machine.require_role("source-app", "source-database")
    if machine.role == "source-database":
        return database_server.resume_source_writes(machine, options.run)
    return ApplicationServer(machine).resume_source_writes(options.run)


def prepare_forward(machine: Machine, options: argparse.Namespace) -> Facts:
    """Let the running proxy know the target."""
    machine.require_role("source-app")
    return forwarding.prepare_forward(ApplicationServer(machine), options.run, _parse_addresses(machine, options))


def forward(machine: Machine, options: argparse.Namespace) -> Facts:
    """Send all traffic to the target from now on."""
    machine.require_role("source-app")
    return forwarding.forward(ApplicationServer(machine), options.run, _parse_addresses(machine, options))


def _parse_addresses(machine: Machine, options: argparse.Namespace) -> dict[str, Address]:
    others = {port.name: Address.parse(getattr(options, port.name)) for port in machine.layout.application.tcp}
    return {"http": Address.parse(options.http, tls=options.tls), **others}


def freeze_database(machine: Machine, options: argparse.Namespace) -> Facts:
    """Stop writes on the database server. With `--since`, return what was written since that position too."""
    machine.require_role("source-database")
    frozen = database_server.stop_source_writes(machine, options.run)
    return (
        {**frozen, **_list_written(machine, options.since, options.ranges_of.split(","))} if options.since else frozen
    )


def prove_frozen(machine: Machine, options: argparse.Namespace) -> Facts:
    """Raise an error unless the freeze is in force and nothing was written after the marker."""
    machine.require_role("source-database")
    return database_server.prove_frozen(machine, options.run)


def list_changed_tables(machine: Machine, options: argparse.Namespace) -> Facts:
    """Return the tables that were written since a position, and the position for the next call.

    The new position is read first, so that no write is missed between two calls.
    """
    machine.require_role("source-database")
    with connect_as_root(machine.layout) as connection:
        now = positions.read_binlog_position(connection)
    return {
        "position": f"{now.file}:{now.position}",
        **(_list_written(machine, options.since) if options.since else {}),
    }


def _list_written(machine: Machine, since: str, ranges_of: Collection[str] = ()) -> Facts:
    """Return the tables that were written since a position; for those of `ranges_of` also the written key ranges, where known.

    A table whose rows change with a foreign key counts as written everywhere, because MariaDB does not log these rows.
    """
    start, database = positions.parse_position(since), machine.layout.application.database
    with connect_as_root(machine.layout, streaming=True) as connection:
        found = written_tables.find_written_tables(connection, start, database)
    with connect_as_root(machine.layout) as connection:
        found_cascades = cascades.find_labelled_cascades(connection, database)
    changed = found.tables | cascades.find_affected(found.tables, found_cascades)
    facts: Facts = {"tables": sorted(changed), "other_statements": found.other_events}
    if measure_characters(facts["tables"]) > TABLES_CHARACTERS:  # too many to name: any table may have been written
        return {"tables": [], "other_statements": found.other_events + 1, "tables_written": len(changed)}
    ranged = found.tables.intersection(ranges_of) - cascades.list_children(found_cascades)
    if ranged and not found.other_events:
        with connect_as_root(machine.layout) as connection:
            ranges = {
                tables[table]: written
                for schema, tables in labels.group_by_schema(database, ranged).items()
                for table, written in written_key_ranges.find_written_key_ranges(
                    connection, machine.layout, start, schema, tables
                ).items()
            }
        while measure_characters(ranges) > RANGES_CHARACTERS:  # a table without ranges is compared completely
            del ranges[max(ranges, key=lambda name: measure_characters(ranges[name]))]
        facts["ranges"] = ranges
    return facts


def check_lease(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Run the dead man's switch of this machine."""
    # Not by the tag, because the machine must know its role while AWS is unreachable. `guard` keeps a launched copy out.
    if machine.config.role == "source-database":
        return switch.run_on_database_server(machine)
    return switch.run_on_application_server(machine)


def allow_delta(machine: Machine, options: argparse.Namespace) -> Facts:
    """Let a replica's key read the site's files."""
    machine.require_role("source-app")
    return delta_access.allow(machine, options.key, options.address)


def deny_delta(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Remove the replica's key."""
    machine.require_role("source-app")
    return delta_access.deny(machine)


SINCE = Option("since", default="", help="FILE:POSITION of the binary log")
ATTEMPTS = AttemptLimits()
TARGET = (
    Option("http", required=True, help="HOST:PORT"),
    Option("tls", default="", help="use TLS for HTTP, with this host name"),
)
TARGET_PORT = Option("", required=True, help="HOST:PORT")
VERBS = (
    Verb("check", "facts about this machine that preflight needs", check),
    Verb(
        "freeze",
        "stop source writes: hold new ones, drain the proxy, end processes that write; reads go on",
        freeze,
        (
            RUN,
            LEASE,
            Option(
                "attempt",
                kind=float,
                default=ATTEMPTS.attempt_seconds,
                help="seconds that writes in flight have to end; then the site opens again, or the last attempt cuts them",
            ),
            Option("attempts", kind=int, default=ATTEMPTS.attempts, help="how often to try"),
            Option(
                "hold",
                kind=float,
                default=ATTEMPTS.hold_seconds,
                help="seconds for which writes are held in an attempt before they are refused",
            ),
            Option(
                "within",
                kind=float,
                default=ATTEMPTS.within_seconds,
                help="seconds for all attempts with the pauses between them",
            ),
        ),
    ),
    Verb("renew", "extend the freeze lease", renew, (RUN, LEASE)),
    Verb("thaw", "resume source writes; the database server first", thaw, (RUN,)),
    Verb(
        "prepare-forward",
        "let the running proxy know the target, before the freeze; the site goes on as before",
        prepare_forward,
        (RUN, *TARGET),
        ports=TARGET_PORT,
    ),
    Verb(
        "forward",
        "send HTTP and the other ports to the target; cannot be undone",
        forward,
        (RUN, *TARGET),
        ports=TARGET_PORT,
    ),
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
        "lease",
        "(systemd) run the dead man's switch: resume writes if the lease has ended and the run is not committed",
        check_lease,
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
