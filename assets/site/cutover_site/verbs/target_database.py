"""Verbs for the target's schemas: create them by the source's DDL, show the DDL."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cutover_site.cli import Option, Verb
from cutover_site.database import schema
from cutover_site.database.administrator import connect_as_administrator
from cutover_site.database.connections import Connection, connect
from cutover_site.database.site_logins import (
    read_source_reader_login,
    read_target_admin_login,
    read_target_application_login,
)
from cutover_site.errors import Refused
from cutover_site.machine import Machine

Facts = dict[str, Any]


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
)
