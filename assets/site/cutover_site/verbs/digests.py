"""Verbs for the digests of rows: of one side, and page by page."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from typing import Any

from cutover_site.cli import Option, Verb
from cutover_site.database import digest_pages
from cutover_site.database.connection_group import connect_several
from cutover_site.database.digest import digest_tables
from cutover_site.database.labels import find_tables
from cutover_site.database.site_logins import read_source_reader_login, read_target_application_login
from cutover_site.errors import NotChecked, Refused
from cutover_site.machine import Machine
from cutover_site.verbs.marker import poll_marker
from cutover_site.verbs.table_options import SCHEMA, split_names

Facts = dict[str, Any]


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
        poll_marker(server, options.marker, options.timeout)
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


def _parse_ranges(text: str) -> dict[str, list[tuple[int, int]]]:
    """Return the ranges of keys in JSON such as `{"action": [[1, 20], [500, 510]]}`. Raises Refused."""
    try:
        return {
            str(name): [(int(first), int(last)) for first, last in ranges]
            for name, ranges in json.loads(text or "{}").items()
        }
    except (ValueError, TypeError, AttributeError) as error:
        raise Refused(f'--ranges is not JSON of the form {{"table": [[first, last]]}}: {error}') from error


VERBS = (
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
)
