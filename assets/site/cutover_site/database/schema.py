"""The target's schemas, made from the source's own DDL before replication starts: DMS would leave out AUTO_INCREMENT and indexes.

What the target cannot hold is found before anything is made: by rules (`obstacles`), by collations, and by making each missing table once in a
schema of its own, which is dropped again. All findings are reported at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pymysql
from applications.profile import Database

from cutover_site.database import collations
from cutover_site.database.collation_map import CollationMap
from cutover_site.database.connections import Connection, execute, one, quoted
from cutover_site.database.ddl import translate
from cutover_site.database.description import TableFacts, create_statement, describe
from cutover_site.database.difference import differences, expected
from cutover_site.database.digest import tables
from cutover_site.database.late_times import find_late_times
from cutover_site.database.obstacles import Findings, find_obstacles
from cutover_site.database.products import Product, product
from cutover_site.errors import SiteError
from cutover_site.layout import MARKER_SCHEMA

__all__ = ["SchemaDiffers", "SchemaDump", "SchemaRefused", "create_statement", "dump", "grant", "load", "warnings"]

TRIAL_SCHEMA = "cutover_trial"
"""holds empty tables for a moment, and nothing else ever"""


class SchemaDiffers(SiteError):
    """The target already has a table that is not like the source's."""


class SchemaRefused(SiteError):
    """The source has what the target cannot hold. Nothing was made."""


@dataclass(frozen=True)
class SchemaDump:
    """`schemas`: DDL per schema and table, as the server itself writes it. `facts`: what information_schema says of the same tables."""

    schemas: dict[str, dict[str, str]]
    facts: dict[str, dict[str, TableFacts]]
    product: Product
    names_have_case: bool
    database: Database
    """the application's schemas; `schemas` has the marker's too"""
    late_times: tuple[str, ...] = ()
    """values that MySQL refuses, in sentences"""


@dataclass
class Plan:
    """How the source's tables look on the target."""

    statements: dict[str, dict[str, str]] = field(default_factory=dict)
    expected: dict[str, dict[str, TableFacts]] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)


def dump(connection: Connection, database: Database) -> SchemaDump:
    """Return DDL and facts of everything that is replicated. Raises SiteError when the source has no tables: nothing would be migrated."""
    replicated = (*database.schemas, MARKER_SCHEMA)
    found = {
        schema: {name: create_statement(connection, schema, name) for name in tables(connection, schema)}
        for schema in replicated
    }
    for schema, statements in found.items():
        if not statements:
            raise SiteError(
                f"the source has no tables in schema {schema}",
                next_action="start the application once on the source; check the user's grants",
            )
    facts = {schema: describe(connection, schema) for schema in replicated}
    server = product(connection)
    late = [one for schema in replicated for one in find_late_times(connection, schema, facts[schema], server)]
    return SchemaDump(found, facts, server, _names_have_case(connection), database, tuple(late))


def load(connection: Connection, wanted: SchemaDump) -> list[str]:
    """Make every table that is missing, empty. Return those. Safe to repeat; never drops anything of the site's.

    Raises SchemaRefused or SchemaDiffers, with all reasons, before anything is made.
    """
    target = product(connection)
    plan = make_plan(connection, wanted)
    present = {schema: describe(connection, schema) for schema in wanted.schemas}
    missing = {
        schema: {name: text for name, text in statements.items() if name not in present[schema]}
        for schema, statements in plan.statements.items()
    }
    known = " ".join(plan.findings.refused)
    plan.findings.refused += [
        f"table {place} is refused: {reason}"
        for place, reason in _failures(connection, missing)
        if f"{place} " not in f"{known} "
    ]
    if plan.findings.refused:
        raise SchemaRefused(
            f"{target.name} cannot hold what the source has: {'; '.join(plan.findings.refused)}",
            next_action="change it on the source, then deploy again; nothing was made on the target",
        )
    if different := _differences(plan, present, same_product=target.mysql == wanted.product.mysql):
        raise SchemaDiffers(
            "the target's tables are not like the source's: " + "; ".join(different.values()),
            next_action=_advice(connection, list(different)),
        )
    for schema in (*wanted.schemas, *wanted.database.scratch_schemas):
        execute(connection, _create_schema(schema))
    for schema, statements in missing.items():
        _make(connection, schema, statements)
    return [f"{schema}.{name}" for schema, statements in missing.items() for name in statements]


def warnings(connection: Connection, wanted: SchemaDump) -> list[str]:
    """Return what is made on the target otherwise than it is on the source."""
    return make_plan(connection, wanted).findings.warnings


def make_plan(connection: Connection, wanted: SchemaDump) -> Plan:
    """Translate everything for this target, and find what it cannot hold. Changes nothing."""
    target, has = product(connection), collations.available(connection)
    plan, mapped = Plan(), CollationMap(has)
    for schema, facts in wanted.facts.items():
        plan.findings.add(find_obstacles(schema, facts, wanted.product, target))
        plan.statements[schema], plan.expected[schema] = {}, {}
        for name, statement in wanted.schemas[schema].items():
            table = facts[name]
            columns, of_table = mapped.of_table(f"{schema}.{name}", table)
            plan.statements[schema][name] = translate(statement, columns, of_table, wanted.product, target)
            plan.expected[schema][name] = expected(table, columns, of_table, json_is_text=not target.mysql)
    plan.findings.add(mapped.findings(target))
    if target.mysql:
        plan.findings.refused += wanted.late_times
    if not wanted.names_have_case and _names_have_case(connection):
        plan.findings.warnings.append("names of tables do not depend on case on the source, on the target they do")
    return plan


def _failures(connection: Connection, missing: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    """Make each table once in a schema of its own. Return those that the server refuses, each with its reason."""
    if not any(missing.values()):
        return []
    found = []
    execute(connection, f"DROP DATABASE IF EXISTS {quoted(TRIAL_SCHEMA)}")
    try:
        for schema, statements in missing.items():
            execute(connection, _create_schema(TRIAL_SCHEMA))
            for name, statement in statements.items():
                try:
                    _make(connection, TRIAL_SCHEMA, {name: statement})
                except pymysql.err.MySQLError as error:
                    found.append(
                        (f"{schema}.{name}", f"{' '.join(str(error.args[-1]).split())} (error {error.args[0]})")
                    )
            execute(connection, f"DROP DATABASE {quoted(TRIAL_SCHEMA)}")
    finally:
        execute(connection, f"DROP DATABASE IF EXISTS {quoted(TRIAL_SCHEMA)}")
    return found


def _make(connection: Connection, schema: str, statements: Mapping[str, str]) -> None:
    """In any order: a table may refer to one that is made later."""
    execute(connection, f"USE {quoted(schema)}")
    execute(connection, "SET SESSION foreign_key_checks = 0")
    try:
        for statement in statements.values():
            execute(connection, statement)
    finally:
        execute(connection, "SET SESSION foreign_key_checks = 1")


def _create_schema(schema: str) -> str:
    return f"CREATE DATABASE IF NOT EXISTS {quoted(schema)} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"


def _differences(
    plan: Plan, present: Mapping[str, Mapping[str, TableFacts]], *, same_product: bool
) -> dict[tuple[str, str], str]:
    """Return a sentence for each table that differs, by schema and name."""
    found = {}
    for schema, wanted in plan.expected.items():
        for name in sorted({*wanted, *present[schema]}):
            if name not in wanted:
                found[schema, name] = f"the source has no table {schema}.{name}"
            elif name in present[schema] and (
                words := differences(wanted[name], present[schema][name], same_product=same_product)
            ):
                found[schema, name] = f"table {schema}.{name}: {', '.join(words)}"
    return found


def _advice(connection: Connection, places: list[tuple[str, str]]) -> str:
    """Return what to do, which never loses rows."""
    full = [f"{schema}.{name}" for schema, name in places if _has_rows(connection, schema, name)]
    empty = [f"{schema}.{name}" for schema, name in places if f"{schema}.{name}" not in full]
    advice = []
    if empty:
        advice.append(f"drop {', '.join(empty)} on the target, which hold no rows")
    if full:
        advice.append(f"change {', '.join(full)} on the target by ALTER TABLE, they hold rows")
    return f"{' and '.join(advice)}; then deploy again"


def _has_rows(connection: Connection, schema: str, table: str) -> bool:
    return one(connection, f"SELECT 1 FROM {quoted(schema)}.{quoted(table)} LIMIT 1") is not None


def _names_have_case(connection: Connection) -> bool:
    return int(one(connection, "SELECT @@lower_case_table_names")) == 0


def grant(connection: Connection, database: Database, user: str, password: str) -> None:
    """The application's user, by TLS only: everything in its own schemas and the scratch copies, reading the marker, nothing else."""
    execute(connection, "CREATE USER IF NOT EXISTS %s@'%%' IDENTIFIED BY %s", (user, password))
    execute(connection, "ALTER USER %s@'%%' IDENTIFIED BY %s REQUIRE SSL", (user, password))
    for schema in (*database.schemas, *database.scratch_schemas):
        execute(connection, f"GRANT ALL PRIVILEGES ON {quoted(schema)}.* TO %s@'%%'", (user,))
    execute(connection, f"GRANT SELECT ON {quoted(MARKER_SCHEMA)}.* TO %s@'%%'", (user,))
