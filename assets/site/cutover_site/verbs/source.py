"""Verbs of the two source machines: look, close, keep closed, open, send on, let the delta in."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from typing import Any

from cutover_site import health
from cutover_site.answers import limit_lists, size
from cutover_site.cli import LEASE, RUN, Option, Verb
from cutover_site.database import cascades, changes, places, positions, touched
from cutover_site.database import freeze as database_freeze
from cutover_site.database.connections import connect_as_root
from cutover_site.files import delta_access
from cutover_site.files.broken import find_broken
from cutover_site.files.survey import Reader, survey
from cutover_site.freeze import database_server, switch
from cutover_site.freeze.application_server import ApplicationServer
from cutover_site.machine import Machine
from cutover_site.proxy.forwarding import Address
from cutover_site.system import disks, systemd

Facts = dict[str, Any]
TABLES_CHARACTERS, RANGES_CHARACTERS = 8_000, 8_000
"""of an answer; ranges travel on to the digest as an option, so they have an end there too"""


def check(machine: Machine, _options: argparse.Namespace) -> Facts:
    machine.must_be("source-app", "source-database")
    common = {"instance_id": machine.instance_id, "role": machine.role}
    if machine.role == "source-database":
        with connect_as_root(machine.layout) as connection:
            return limit_lists(
                {
                    **common,
                    "database": database_freeze.facts(connection, machine.layout.application.database),
                    "disks": disks.usage("/", "/var/lib/mysql"),
                }
            )
    server, application = ApplicationServer(machine), machine.layout.application
    found = survey(application.files, machine.layout.shared, Reader.of(application.owner)).facts()
    return {
        **common,
        "mode": server.modes.read_running(),
        "freeze": server.store.read().name,
        application.name: systemd.state(application.unit),
        "proxy": systemd.state("haproxy.service"),
        "health": health.find_application_problem(application) or "ok",
        **server.behavior.check(machine),
        "disks": disks.usage("/", str(machine.layout.shared)),
        "site_bytes": found["bytes"],
        "files": found,
        "repositories": find_broken(application.files, machine.layout.shared),
    }


def freeze(machine: Machine, options: argparse.Namespace) -> Facts:
    machine.must_be("source-app")
    return ApplicationServer(machine).stop_source_writes(options.run, options.lease, options.drain)


def renew(machine: Machine, options: argparse.Namespace) -> Facts:
    machine.must_be("source-app")
    return ApplicationServer(machine).renew_lease(options.run, options.lease)


def thaw(machine: Machine, options: argparse.Namespace) -> Facts:
    machine.must_be("source-app", "source-database")
    if machine.role == "source-database":
        return database_server.resume_source_writes(machine, options.run)
    return ApplicationServer(machine).resume_source_writes(options.run)


def forward(machine: Machine, options: argparse.Namespace) -> Facts:
    machine.must_be("source-app")
    http = Address.parse(options.http, tls=options.tls)
    others = {port.name: Address.parse(getattr(options, port.name)) for port in machine.layout.application.tcp}
    return ApplicationServer(machine).forward(options.run, http, others)


def freeze_database(machine: Machine, options: argparse.Namespace) -> Facts:
    machine.must_be("source-database")
    frozen = database_server.stop_source_writes(machine, options.run)
    return {**frozen, **_written(machine, options.since, options.ranges_of.split(","))} if options.since else frozen


def prove_frozen(machine: Machine, options: argparse.Namespace) -> Facts:
    machine.must_be("source-database")
    return database_server.prove_frozen(machine, options.run)


def changed_tables(machine: Machine, options: argparse.Namespace) -> Facts:
    """`position` is where to look from the next time: taken before the look, so that nothing falls between the two."""
    machine.must_be("source-database")
    with connect_as_root(machine.layout) as connection:
        now = database_freeze.binlog_position(connection)
    return {"position": f"{now.file}:{now.position}", **(_written(machine, options.since) if options.since else {})}


def _written(machine: Machine, since: str, by_keys: Collection[str] = ()) -> Facts:
    """Return which tables, and of `by_keys` between which keys, where that is known.

    Tables whose rows a foreign key changes count as written with the one it leads to, and whole: MariaDB does not log these rows.
    """
    place, database = positions.parse(since), machine.layout.application.database
    with connect_as_root(machine.layout, streaming=True) as connection:
        found = changes.since(connection, place, database)
    with connect_as_root(machine.layout) as connection:
        depending = cascades.find_labelled(connection, database)
    changed = found.tables | cascades.affected(found.tables, depending)
    facts: Facts = {"tables": sorted(changed), "other_statements": found.statements}
    if size(facts["tables"]) > TABLES_CHARACTERS:  # not named: then every table may have been written
        return {"tables": [], "other_statements": found.statements + 1, "tables_written": len(changed)}
    large = found.tables.intersection(by_keys) - cascades.children(depending)
    if large and not found.statements:
        with connect_as_root(machine.layout) as connection:
            ranges = {
                labels[table]: spans
                for schema, labels in places.group(database, large).items()
                for table, spans in touched.ranges(connection, machine.layout, place, schema, list(labels)).items()
            }
        while size(ranges) > RANGES_CHARACTERS:  # a table without ranges is compared whole
            del ranges[max(ranges, key=lambda name: size(ranges[name]))]
        facts["ranges"] = ranges
    return facts


def lease_check(machine: Machine, _options: argparse.Namespace) -> Facts:
    # Not by tag: when AWS cannot be asked the machine must still know which of the two it is. A launched copy is kept out by `guard`.
    if machine.config.role == "source-database":
        return switch.run_on_database_server(machine)
    return switch.run_on_application_server(machine)


def allow_delta(machine: Machine, options: argparse.Namespace) -> Facts:
    machine.must_be("source-app")
    return delta_access.allow(machine, options.key, options.address)


def deny_delta(machine: Machine, _options: argparse.Namespace) -> Facts:
    machine.must_be("source-app")
    return delta_access.deny(machine)


SINCE = Option("since", default="", help="FILE:POSITION of the binary log")
VERBS = (
    Verb("check", "facts that preflight needs", check),
    Verb(
        "freeze",
        "refuse writes, drain, end processes that write; reads go on",
        freeze,
        (RUN, LEASE, Option("drain", kind=float, default=15.0)),
    ),
    Verb("renew", "extend the dead man's lease", renew, (RUN, LEASE)),
    Verb("thaw", "open again; the database server first", thaw, (RUN,)),
    Verb(
        "forward",
        "send HTTP and the other ports to the target",
        forward,
        (
            RUN,
            Option("http", required=True),
            Option("tls", default="", help="HTTP goes by TLS, to this name"),
        ),
        ports=Option("", required=True, help="HOST:PORT"),
    ),
    Verb(
        "freeze-database",
        "read-only, marker, what was written last",
        freeze_database,
        (
            RUN,
            SINCE,
            Option(
                "ranges-of",
                default="",
                help="comma separated tables: of these answer the ranges of keys that were written",
                former="keys",
            ),
        ),
    ),
    Verb("prove-frozen", "nothing was written to the database since the marker", prove_frozen, (RUN,)),
    Verb(
        "changed-tables", "the binary log's position, and which tables were written since one", changed_tables, (SINCE,)
    ),
    Verb("lease", "(systemd) what to do when the lease has ended", lease_check),
    Verb(
        "allow-delta",
        "let one key read the site's files by rsync",
        allow_delta,
        (
            Option("key", required=True, help="OpenSSH public key of the replica"),
            Option("address", default="", help="only from here"),
        ),
    ),
    Verb("deny-delta", "take the key away again", deny_delta),
)
