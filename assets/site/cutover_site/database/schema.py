"""Create the target's schemas from the source's DDL before replication starts. DMS itself would omit AUTO_INCREMENT and indexes.

What the target cannot store is found before any table is created: by rules (`obstacles`), by collations, and by creating each missing table
once in a trial schema, which is dropped again. All findings are reported together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pymysql
from applications.profile import Database

from cutover_site.database import collations
from cutover_site.database.collation_map import CollationMap
from cutover_site.database.connections import Connection, execute, fetch_value, quote_identifier
from cutover_site.database.create_statement import read_create_statement
from cutover_site.database.ddl import translate
from cutover_site.database.description import TableFacts, describe
from cutover_site.database.difference import expect_on_target, find_differences
from cutover_site.database.late_times import find_late_times
from cutover_site.database.obstacles import Findings, find_obstacles
from cutover_site.database.products import Product, read_product
from cutover_site.database.table_columns import list_tables
from cutover_site.errors import SiteError
from cutover_site.layout import MARKER_SCHEMA

TRIAL_SCHEMA = "cutover_trial"
"""has empty tables for a moment, and never anything else"""


class SchemaDiffers(SiteError):
    """The target already has a table that differs from the source's."""


class SchemaRefused(SiteError):
    """The source has something that the target cannot store. No table was created."""


@dataclass(frozen=True)
class SchemaDump:
    """The source's tables. `schemas`: DDL by schema and table, as the server shows it. `facts`: their description by information_schema."""

    schemas: dict[str, dict[str, str]]
    facts: dict[str, dict[str, TableFacts]]
    product: Product
    is_case_sensitive: bool
    """whether names of tables depend on case"""
    database: Database
    """the application's schemas; `schemas` has the marker's schema too"""
    late_times: tuple[str, ...] = ()
    """values that MySQL refuses, in sentences"""


@dataclass
class TargetTables:
    """The tables as they must be on the target, and what was found about them."""

    statements: dict[str, dict[str, str]] = field(default_factory=dict)
    expected: dict[str, dict[str, TableFacts]] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)


def read_schemas(connection: Connection, database: Database) -> SchemaDump:
    """Return DDL and facts of all replicated tables. Raises SiteError when a schema has no tables, because nothing would be migrated."""
    replicated = (*database.schemas, MARKER_SCHEMA)
    found = {
        schema: {name: read_create_statement(connection, schema, name) for name in list_tables(connection, schema)}
        for schema in replicated
    }
    for schema, statements in found.items():
        if not statements:
            raise SiteError(
                f"the source has no tables in schema {schema}",
                next_action="start the application once on the source; check the user's grants",
            )
    facts = {schema: describe(connection, schema) for schema in replicated}
    server = read_product(connection)
    late = [
        sentence for schema in replicated for sentence in find_late_times(connection, schema, facts[schema], server)
    ]
    return SchemaDump(found, facts, server, _is_case_sensitive(connection), database, tuple(late))


def create_missing_tables(connection: Connection, wanted: SchemaDump) -> list[str]:
    """Create every missing table, empty. Return their names. Safe to repeat; never drops a table of the site.

    Raises SchemaRefused or SchemaDiffers, with all reasons, before any table is created.
    """
    target = read_product(connection)
    plan = plan_tables(connection, wanted)
    present = {schema: describe(connection, schema) for schema in wanted.schemas}
    missing = {
        schema: {name: text for name, text in statements.items() if name not in present[schema]}
        for schema, statements in plan.statements.items()
    }
    known = " ".join(plan.findings.refused)
    plan.findings.refused += [
        f"table {place} is refused: {reason}"
        for place, reason in _try_tables(connection, missing)
        if f"{place} " not in f"{known} "
    ]
    if plan.findings.refused:
        raise SchemaRefused(
            f"{target.name} cannot hold what the source has: {'; '.join(plan.findings.refused)}",
            next_action="change it on the source, then deploy again; nothing was made on the target",
        )
    if different := _compare_present(plan, present, same_product=target.mysql == wanted.product.mysql):
        raise SchemaDiffers(
            "the target's tables are not like the source's: " + "; ".join(different.values()),
            next_action=_advise(connection, list(different)),
        )
    for schema in (*wanted.schemas, *wanted.database.scratch_schemas):
        execute(connection, _create_schema(schema))
    for schema, statements in missing.items():
        _create(connection, schema, statements)
    return [f"{schema}.{name}" for schema, statements in missing.items() for name in statements]


def list_warnings(connection: Connection, wanted: SchemaDump) -> list[str]:
    """Return a sentence for each thing that is created on the target differently than on the source."""
    return plan_tables(connection, wanted).findings.warnings


def plan_tables(connection: Connection, wanted: SchemaDump) -> TargetTables:
    """Translate all tables for this target, and find what it cannot store. Changes nothing."""
    target, has = read_product(connection), collations.list_collations(connection)
    plan, mapped = TargetTables(), CollationMap(has)
    for schema, facts in wanted.facts.items():
        plan.findings.add(find_obstacles(schema, facts, wanted.product, target))
        plan.statements[schema], plan.expected[schema] = {}, {}
        for name, statement in wanted.schemas[schema].items():
            table = facts[name]
            columns, table_collation = mapped.map_table(f"{schema}.{name}", table)
            plan.statements[schema][name] = translate(statement, columns, table_collation, wanted.product, target)
            plan.expected[schema][name] = expect_on_target(
                table, columns, table_collation, json_is_text=not target.mysql
            )
    plan.findings.add(mapped.list_findings(target))
    if target.mysql:
        plan.findings.refused += wanted.late_times
    if not wanted.is_case_sensitive and _is_case_sensitive(connection):
        plan.findings.warnings.append("names of tables do not depend on case on the source, on the target they do")
    return plan


def _try_tables(connection: Connection, missing: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    """Create each table once in the trial schema. Return those that the server refuses, each with its reason."""
    if not any(missing.values()):
        return []
    found = []
    execute(connection, f"DROP DATABASE IF EXISTS {quote_identifier(TRIAL_SCHEMA)}")
    try:
        for schema, statements in missing.items():
            execute(connection, _create_schema(TRIAL_SCHEMA))
            for name, statement in statements.items():
                try:
                    _create(connection, TRIAL_SCHEMA, {name: statement})
                except pymysql.err.MySQLError as error:
                    found.append(
                        (f"{schema}.{name}", f"{' '.join(str(error.args[-1]).split())} (error {error.args[0]})")
                    )
            execute(connection, f"DROP DATABASE {quote_identifier(TRIAL_SCHEMA)}")
    finally:
        execute(connection, f"DROP DATABASE IF EXISTS {quote_identifier(TRIAL_SCHEMA)}")
    return found


def _create(connection: Connection, schema: str, statements: Mapping[str, str]) -> None:
    """Create the tables of a schema in any order: a table may refer to one that is created later."""
    execute(connection, f"USE {quote_identifier(schema)}")
    execute(connection, "SET SESSION foreign_key_checks = 0")
    try:
        for statement in statements.values():
            execute(connection, statement)
    finally:
        execute(connection, "SET SESSION foreign_key_checks = 1")


def _create_schema(schema: str) -> str:
    return f"CREATE DATABASE IF NOT EXISTS {quote_identifier(schema)} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"


def _compare_present(
    plan: TargetTables, present: Mapping[str, Mapping[str, TableFacts]], *, same_product: bool
) -> dict[tuple[str, str], str]:
    """Return a sentence for each table that differs, by schema and name."""
    found = {}
    for schema, wanted in plan.expected.items():
        for name in sorted({*wanted, *present[schema]}):
            if name not in wanted:
                found[schema, name] = f"the source has no table {schema}.{name}"
            elif name in present[schema] and (
                words := find_differences(wanted[name], present[schema][name], same_product=same_product)
            ):
                found[schema, name] = f"table {schema}.{name}: {', '.join(words)}"
    return found


def _advise(connection: Connection, places: list[tuple[str, str]]) -> str:
    """Return advice for the operator that never loses rows."""
    full = [f"{schema}.{name}" for schema, name in places if _has_rows(connection, schema, name)]
    empty = [f"{schema}.{name}" for schema, name in places if f"{schema}.{name}" not in full]
    advice = []
    if empty:
        advice.append(f"drop {', '.join(empty)} on the target, which hold no rows")
    if full:
        advice.append(f"change {', '.join(full)} on the target by ALTER TABLE, they hold rows")
    return f"{' and '.join(advice)}; then deploy again"


def _has_rows(connection: Connection, schema: str, table: str) -> bool:
    return (
        fetch_value(connection, f"SELECT 1 FROM {quote_identifier(schema)}.{quote_identifier(table)} LIMIT 1")
        is not None
    )


def _is_case_sensitive(connection: Connection) -> bool:
    return int(fetch_value(connection, "SELECT @@lower_case_table_names")) == 0


def grant_access(connection: Connection, database: Database, user: str, password: str) -> None:
    """Create the application's user, by TLS only. Grant it all privileges in its schemas and the scratch copies, and SELECT on the marker."""
    execute(connection, "CREATE USER IF NOT EXISTS %s@'%%' IDENTIFIED BY %s", (user, password))
    execute(connection, "ALTER USER %s@'%%' IDENTIFIED BY %s REQUIRE SSL", (user, password))
    for schema in (*database.schemas, *database.scratch_schemas):
        execute(connection, f"GRANT ALL PRIVILEGES ON {quote_identifier(schema)}.* TO %s@'%%'", (user,))
    execute(connection, f"GRANT SELECT ON {quote_identifier(MARKER_SCHEMA)}.* TO %s@'%%'", (user,))
