"""Verbs about rows: the target's schemas, digests, the marker of a run."""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from cutover_site.answers import first_that_fit
from cutover_site.cli import RUN, Option, Verb
from cutover_site.database import counters, digest_pages, freeze, schema
from cutover_site.database.connections import connect, source_reader, target_admin, target_application
from cutover_site.database.digest import digest_tables
from cutover_site.database.places import find_places
from cutover_site.database.stuck import stuck_rows as find_stuck_rows
from cutover_site.errors import NotChecked, Refused, SiteError
from cutover_site.machine import Machine

Facts = dict[str, Any]
STUCK_CHARACTERS, SETTLED_CHARACTERS, CARRIED_CHARACTERS = 6_000, 9_000, 9_000
"""of names in an answer; each has a number beside it"""


class MarkerMissing(SiteError):
    """Replication did not carry the run's marker over in time."""


def prepare_target_database(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Schemas, tables and the application's user are on the target, as the source's own DDL describes them."""
    machine.must_be("source-app")
    with connect(source_reader(machine), timeout=60) as source:
        wanted = schema.dump(source, machine.layout.application.database)
    application = target_application(machine)
    with connect(target_admin(machine), timeout=300) as target:
        made = schema.load(target, wanted)
        warnings = schema.warnings(target, wanted)
        schema.grant(target, machine.layout.application.database, application.user, application.password)
    tables_made = {name: len(statements) for name, statements in wanted.schemas.items()}
    return {"made": len(made), "tables": tables_made, "warnings": warnings}


def dump_schema(machine: Machine, _options: argparse.Namespace) -> Facts:
    machine.must_be("source-app")
    with connect(source_reader(machine), timeout=60) as source:
        return {"schemas": schema.dump(source, machine.layout.application.database).schemas}


def digest_database(machine: Machine, options: argparse.Namespace) -> Facts:
    machine.must_be("replica")
    began, database = time.monotonic(), machine.layout.application.database
    server = source_reader(machine) if options.side == "source" else target_application(machine)
    with connect(server) as connection:
        asked, spans = split_names(options.tables), _spans(options.ranges)
        found = {}
        for name, labels in find_places(connection, database, asked, options.schema).items():
            if not labels:
                raise NotChecked(f"schema {name} has no tables on the {options.side}: nothing was compared")
            within = {table: spans[label] for table, label in labels.items() if label in spans}
            digests = digest_tables(connection, name, list(labels), within=within)
            found.update({labels[table]: digest for table, digest in digests.items()})
    return {
        "side": options.side,
        "schema": options.schema or ",".join(database.schemas),
        **digest_pages.summarize(machine.layout, found),
        "seconds": round(time.monotonic() - began, 3),
    }


def table_digests(machine: Machine, options: argparse.Namespace) -> Facts:
    """One page of the lines that an answer of `digest-database` was too short for."""
    machine.must_be("replica")
    return {"page": options.page, "tables": digest_pages.read_page(machine.layout, options.of, options.page)}


def split_names(text: str) -> list[str]:
    """Return the names of a comma separated option."""
    return [name for name in text.split(",") if name]


def _spans(text: str) -> dict[str, list[tuple[int, int]]]:
    """`{"action": [[1, 20], [500, 510]]}`. Raises Refused."""
    try:
        return {
            str(name): [(int(first), int(last)) for first, last in spans]
            for name, spans in json.loads(text or "{}").items()
        }
    except (ValueError, TypeError, AttributeError) as error:
        raise Refused(f"--ranges is not what it must be: {error}") from error


def stuck_rows(machine: Machine, options: argparse.Namespace) -> Facts:
    machine.must_be("replica")
    began, database = time.monotonic(), machine.layout.application.database
    names, settle = split_names(options.tables), frozenset(split_names(options.settle))
    stuck: dict[str, int] = {}
    settled: list[str] = []
    with connect(source_reader(machine)) as source, connect(target_application(machine)) as target:
        for name, labels in find_places(source, database, names, options.schema).items():
            awaited = [table for table, label in labels.items() if label in settle]
            found = find_stuck_rows(source, target, name, list(labels), patience=options.patience, settle=awaited)
            stuck.update({labels[table]: count for table, count in found.stuck.items()})
            settled += [labels[table] for table in found.settled]
    # Both may be shortened: what is reloaded is looked at again, and a table that is not called settled is compared whole.
    return {
        "looked_at": len(names),
        "stuck": {name: stuck[name] for name in first_that_fit(sorted(stuck), STUCK_CHARACTERS)},
        "settled": first_that_fit(settled, SETTLED_CHARACTERS),
        "seconds": round(time.monotonic() - began, 3),
    }


def carry_counters(machine: Machine, options: argparse.Namespace) -> Facts:
    machine.must_be("replica")
    with connect(source_reader(machine)) as source, connect(target_application(machine)) as target:
        database = machine.layout.application.database
        carried = {
            name if options.schema else database.label(one, name): number
            for one in ([options.schema] if options.schema else database.schemas)
            for name, number in counters.carry(source, target, one).items()
        }
    shown = first_that_fit(sorted(carried), CARRIED_CHARACTERS)
    return {"carried": {name: carried[name] for name in shown}, "carried_tables": len(carried)}


def wait_marker(machine: Machine, options: argparse.Namespace) -> Facts:
    machine.must_be("replica")
    began = time.monotonic()
    with connect(target_application(machine), timeout=60) as connection:
        while not freeze.has_marker(connection, options.run):
            if time.monotonic() - began > options.timeout:
                raise MarkerMissing(
                    f"the marker of run {options.run} is not on the target after {options.timeout:.0f} s",
                    next_action="look at the replication task's latency and log",
                )
            time.sleep(0.1)  # a row that another server applies: there is no event for it
    return {"marker": options.run, "seconds": round(time.monotonic() - began, 3)}


SCHEMA = Option("schema", default="", help="tables of this schema only; all of the application's when not given")
VERBS = (
    Verb(
        "prepare-target-database", "schemas, tables, user on the target, from the source's DDL", prepare_target_database
    ),
    Verb("dump-schema", "DDL of what is replicated", dump_schema, for_people=True),
    Verb("load-schema", "the same as prepare-target-database", prepare_target_database),
    Verb(
        "digest-database",
        "one digest of all tables, and rows and digest of each, or the number of pages that hold them",
        digest_database,
        (
            Option("side", required=True, choices=("source", "target")),
            SCHEMA,
            Option("tables", default="", help="comma separated; all when not given"),
            Option(
                "ranges", default="", help='JSON: of these tables only rows with keys in {"table": [[first, last], …]}'
            ),
        ),
    ),
    Verb(
        "table-digests",
        "one page of the tables' digests that digest-database has made",
        table_digests,
        (
            Option("of", required=True, help="the digest of all tables"),
            Option("page", kind=int, required=True, help="from 1"),
        ),
    ),
    Verb(
        "stuck-rows",
        "rows that replication will not mend",
        stuck_rows,
        (
            SCHEMA,
            Option("tables", required=True, help="comma separated"),
            Option("patience", kind=float, required=True, help="seconds; longer than the target is behind"),
            Option("settle", default="", help="comma separated: wait for these until each row was seen equal once"),
        ),
    ),
    Verb(
        "carry-counters",
        "no table of the target gives a number that the source has given",
        carry_counters,
        (SCHEMA,),
    ),
    Verb(
        "wait-marker",
        "until the run's marker is on the target",
        wait_marker,
        (RUN, Option("timeout", kind=float, required=True)),
    ),
)
