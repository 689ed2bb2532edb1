"""Verbs for rows: the target's schemas, digests, divergent rows, AUTO_INCREMENT, the marker of a run."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from cutover_site.cli import RUN, Option, Verb
from cutover_site.database import auto_increment, digest_pages, divergent, freeze, schema
from cutover_site.database.administrator import connect_as_administrator
from cutover_site.database.connection_group import connect_several
from cutover_site.database.connections import Connection, connect
from cutover_site.database.digest import digest_tables
from cutover_site.database.labels import find_tables
from cutover_site.database.login import DatabaseLogin
from cutover_site.database.site_logins import (
    read_source_reader_login,
    read_target_admin_login,
    read_target_application_login,
)
from cutover_site.errors import NotChecked, Refused, SiteError
from cutover_site.machine import Machine
from cutover_site.result_size import select_first_that_fit

Facts = dict[str, Any]
DIVERGENT_CHARACTERS, CONVERGED_CHARACTERS, RAISED_CHARACTERS = 6_000, 9_000, 9_000
"""of names in a result; each name has a number beside it"""


MARKER_POLL_SECONDS = 0.05
"""Users wait for the marker, and another server applies the row: there is no event for it"""


class MarkerMissing(SiteError):
    """Replication did not bring the run's marker to the target in time."""


def prepare_target_database(machine: Machine, options: argparse.Namespace) -> Facts:
    """Create schemas, tables and the application's user on the target, by the source's own DDL.

    Raises Refused on a machine that was prepared for another site, whose target it would change, or that has another primary schema than
    the replication of the rows.
    """
    machine.require_role("source-app")
    if options.site not in ("", machine.config.site):
        raise Refused(
            f"this machine is prepared for the site {machine.config.site}, not for {options.site}",
            next_action=f"finish or release the migration of {machine.config.site} first, or correct site.name in migration.toml",
        )
    primary = machine.layout.application.database.primary
    if options.primary_schema not in ("", primary):
        raise Refused(
            f"the application of this machine has the schema {primary}, but migration.toml has {options.primary_schema}",
            next_action=f'write schema = "{primary}" into the table [source.database] of migration.toml',
        )
    with _open_source(machine) as source:
        wanted = schema.read_schemas(source, machine.layout.application.database)
    application = read_target_application_login(machine)
    with connect(read_target_admin_login(machine), timeout=300) as target:
        made = schema.create_missing_tables(target, wanted)
        warnings = schema.list_warnings(target, wanted)
        schema.grant_access(target, machine.layout.application.database, application.user, application.password)
    tables_made = {name: len(statements) for name, statements in wanted.schemas.items()}
    return {"made": len(made), "tables": tables_made, "warnings": warnings}


def dump_schema(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Return the DDL of all replicated tables."""
    machine.require_role("source-app")
    with _open_source(machine) as source:
        return {"schemas": schema.read_schemas(source, machine.layout.application.database).schemas}


@contextmanager
def _open_source(machine: Machine) -> Iterator[Connection]:
    """Open a connection for the block to the source's database: as its administrator where this machine is. Raises DatabaseUnreachable.

    The account of the replication is for the address of the destination, so it cannot connect from here then.
    """
    if machine.has_role("source-database"):
        with connect_as_administrator(machine) as connection:
            yield connection
        return
    with connect(read_source_reader_login(machine), timeout=60) as connection:
        yield connection


def digest_database(machine: Machine, options: argparse.Namespace) -> Facts:
    """Return the digest of all tables of one side, and the lines of single tables as far as they fit.

    A server of the site reads the target's side only. Raises Refused for `--host` with the source's side.
    """
    machine.require_role("replica", *(["target"] if options.side == "target" else []))
    if options.host and options.side != "target":
        raise Refused("--host names a database of the target's side", next_action="give --side target with --host")
    database = machine.layout.application.database
    server = read_source_reader_login(machine) if options.side == "source" else read_target_application_login(machine)
    if options.host:
        server = replace(server, host=options.host)
    if options.marker:  # with a connection of its own: a transaction that is open already would never see the row
        _wait_for_marker(server, options.marker, options.timeout)
    began = time.monotonic()
    with connect_several(server, options.connections) as connections:
        wanted, ranges = split_names(options.tables), _parse_ranges(options.ranges)
        found = {}
        for name, labels in find_tables(connections[0], database, wanted, options.schema).items():
            if not labels:
                raise NotChecked(f"schema {name} has no tables on the {options.side}: nothing was compared")
            key_ranges = {table: ranges[label] for table, label in labels.items() if label in ranges}
            digests = digest_tables(connections, name, list(labels), key_ranges=key_ranges)
            found.update({labels[table]: digest for table, digest in digests.items()})
    return {
        "side": options.side,
        "schema": options.schema or ",".join(database.schemas),
        **digest_pages.summarize(machine.layout, found),
        "connections": len(connections),
        "seconds": round(time.monotonic() - began, 3),
    }


def show_table_digests(machine: Machine, options: argparse.Namespace) -> Facts:
    """Return one page of the lines that did not fit into the result of `digest-database`."""
    machine.require_role("replica", "target")
    return {"page": options.page, "tables": digest_pages.read_page(machine.layout, options.of, options.page)}


def split_names(text: str) -> list[str]:
    """Return the names of a comma separated option."""
    return [name for name in text.split(",") if name]


def _parse_ranges(text: str) -> dict[str, list[tuple[int, int]]]:
    """Return the ranges of keys in JSON such as `{"action": [[1, 20], [500, 510]]}`. Raises Refused."""
    try:
        return {
            str(name): [(int(first), int(last)) for first, last in ranges]
            for name, ranges in json.loads(text or "{}").items()
        }
    except (ValueError, TypeError, AttributeError) as error:
        raise Refused(f'--ranges is not JSON of the form {{"table": [[first, last]]}}: {error}') from error


def find_divergent_rows(machine: Machine, options: argparse.Namespace) -> Facts:
    """Return the tables with rows that replication will not repair (`stuck`), and those that have converged (`settled`)."""
    machine.require_role("replica")
    began, database = time.monotonic(), machine.layout.application.database
    names, must_converge = split_names(options.tables), frozenset(split_names(options.settle))
    found: dict[str, int] = {}
    converged: list[str] = []
    with (
        connect(read_source_reader_login(machine)) as source,
        connect(read_target_application_login(machine)) as target,
    ):
        for name, labels in find_tables(source, database, names, options.schema).items():
            compared = divergent.find_divergent_rows(
                source,
                target,
                name,
                list(labels),
                watch_seconds=options.patience,
                must_converge=[table for table, label in labels.items() if label in must_converge],
            )
            found.update({labels[table]: count for table, count in compared.divergent.items()})
            converged += [labels[table] for table in compared.converged]
    # Both may be shortened: tables are compared again after a reload, and one that is not in `settled` is compared completely.
    return {
        "looked_at": len(names),
        "stuck": {name: found[name] for name in select_first_that_fit(sorted(found), DIVERGENT_CHARACTERS)},
        "settled": select_first_that_fit(converged, CONVERGED_CHARACTERS),
        "seconds": round(time.monotonic() - began, 3),
    }


def sync_auto_increment(machine: Machine, options: argparse.Namespace) -> Facts:
    """Raise the target's next numbers to the source's. Return the raised ones."""
    machine.require_role("replica")
    with (
        connect(read_source_reader_login(machine)) as source,
        connect(read_target_application_login(machine)) as target,
    ):
        database = machine.layout.application.database
        raised = {
            name if options.schema else database.format_label(each, name): number
            for each in ([options.schema] if options.schema else database.schemas)
            for name, number in auto_increment.sync_auto_increment(source, target, each).items()
        }
    shown = select_first_that_fit(sorted(raised), RAISED_CHARACTERS)
    return {"carried": {name: raised[name] for name in shown}, "carried_tables": len(raised)}


def wait_for_marker(machine: Machine, options: argparse.Namespace) -> Facts:
    """Wait until the run's marker is on the target. Raises MarkerMissing."""
    machine.require_role("replica")
    seconds = _wait_for_marker(read_target_application_login(machine), options.run, options.timeout)
    return {"marker": options.run, "seconds": round(seconds, 3)}


def _wait_for_marker(server: DatabaseLogin, run: str, timeout_seconds: float) -> float:
    """Return the seconds until the run's marker was on this server. Raises MarkerMissing after `timeout_seconds`."""
    began = time.monotonic()
    with connect(server, timeout=60) as connection:
        while not freeze.has_marker(connection, run):
            if time.monotonic() - began > timeout_seconds:
                raise MarkerMissing(
                    f"the marker of run {run} is not on the target after {timeout_seconds:.0f} s",
                    next_action="look at the replication task's latency and log",
                )
            time.sleep(MARKER_POLL_SECONDS)
    return time.monotonic() - began


SCHEMA = Option("schema", default="", help="only tables of this schema; all schemas of the application when not given")
OF_SCHEMA = Option("primary-schema", default="", help="refuse when the application has another primary schema")
OF_SITE = Option("site", default="", help="refuse on a machine that was prepared for another site")
VERBS = (
    Verb(
        "prepare-target-database",
        "create schemas, tables and the user on the target, from the source's DDL",
        prepare_target_database,
        (OF_SITE, OF_SCHEMA),
    ),
    Verb("dump-schema", "DDL of the replicated tables", dump_schema, for_people=True),
    Verb("load-schema", "the same as prepare-target-database", prepare_target_database, (OF_SITE, OF_SCHEMA)),
    Verb(
        "digest-database",
        "one digest of all tables, and rows and digest of each, or the number of pages that hold them",
        digest_database,
        (
            Option("side", required=True, choices=("source", "target")),
            SCHEMA,
            Option("tables", default="", help="comma separated; all when not given"),
            Option(
                "ranges",
                default="",
                help='JSON {"table": [[first, last], …]}: compare only rows with keys in these ranges',
            ),
            Option("connections", kind=int, default=1, help="read with so many connections side by side"),
            Option(
                "host",
                default="",
                help="with --side target: address of another instance with the same user, as one that was restored from a snapshot",
            ),
            Option("marker", default="", help="id of a run: first wait until its marker is on this side"),
            Option("timeout", kind=float, default=60.0, help="with --marker: seconds"),
        ),
    ),
    Verb(
        "table-digests",
        "one page of the digests of tables that digest-database has computed",
        show_table_digests,
        (
            Option("of", required=True, help="the digest of all tables"),
            Option("page", kind=int, required=True, help="from 1"),
        ),
    ),
    Verb(
        "stuck-rows",
        "divergent rows: replication will not repair them",
        find_divergent_rows,
        (
            SCHEMA,
            Option("tables", required=True, help="comma separated"),
            Option("patience", kind=float, required=True, help="seconds to watch; longer than the target is behind"),
            Option(
                "settle",
                default="",
                help="comma separated: wait until these have converged (each row was seen equal once)",
            ),
        ),
    ),
    Verb(
        "carry-counters",
        "raise AUTO_INCREMENT of the target's tables to the source's",
        sync_auto_increment,
        (SCHEMA,),
    ),
    Verb(
        "wait-marker",
        "wait until the run's marker is on the target",
        wait_for_marker,
        (RUN, Option("timeout", kind=float, required=True, help="seconds")),
    ),
)
