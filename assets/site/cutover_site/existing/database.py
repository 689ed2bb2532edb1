"""Check the database server of this machine, by the facts that preflight reads, and some that only an existing server needs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from applications.profile import Database

from cutover_site.database.connections import Connection, fetch_rows, fetch_value
from cutover_site.database.log_encodings import WANTED
from cutover_site.database.products import parse_product
from cutover_site.database.source_facts import read_managed_facts, read_source_facts
from cutover_site.database.variables import read_variable
from cutover_site.existing.database_accounts import check_accounts
from cutover_site.existing.findings import Finding, stop, warn
from cutover_site.existing.host import Host
from cutover_site.existing.system import check_space

CHECK = "database"
BINLOG_RETENTION_SECONDS = 86_400
"""the least that AWS DMS needs"""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
MANAGED_ADVICE = (
    "set it in the parameters of the managed service (RDS: a DB parameter group of your own, no restart is needed)"
)
BACKUP_ADVICE = "switch automated backups of the managed service on (RDS: a backup retention of 1 day or more), with which it writes the log"
SETTINGS_ADVICE = "set it in the server's settings (my.cnf, [mysqld]) and restart the server"


def check_database(
    connection: Connection,
    host: Host,
    database: Database,
    *,
    application_user: str = "",
    replication_user: str = "",
    is_managed: bool = False,
) -> tuple[dict[str, Any], list[Finding]]:
    """Return facts of the server and the findings. `is_managed`: it is a managed service, and not on this machine."""
    facts = (read_managed_facts if is_managed else read_source_facts)(connection, database)
    folder = "" if is_managed else str(read_variable(connection, "datadir") or "")
    findings = [
        *evaluate_facts(facts),
        *_check_schemas(connection, database),
        *_check_engines(connection, database, facts),
        *_check_time_zones(connection, facts),
        *([] if is_managed else _check_address(connection)),
        *check_accounts(connection, database, application_user=application_user, replication_user=replication_user),
    ]
    if folder and os.path.isdir(folder):  # noqa: PTH112  the server names it, not this tool
        findings += check_space(folder, Host(), CHECK)
    shown = (
        "version",
        "server_id",
        "binlog_format",
        "binlog_row_image",
        "binlog_retention_seconds",
        "time_zone",
        "bytes",
    )
    return {**{name: facts.get(name) for name in shown}, "folder": folder, "machine": host.name}, findings


def evaluate_facts(facts: dict[str, Any]) -> Iterator[Finding]:
    """Yield a finding for each fact that preflight refuses (lambda/procedure/logic/source.py) or warns about. Pure."""
    if facts.get("too_old"):
        yield stop("database-version", str(facts["too_old"]), "upgrade the server before the migration")
    is_managed = "managed_problems" in facts
    for problem in facts.get("managed_problems", []):
        what, _, action = str(problem).partition(": ")
        yield stop("managed-database", what, action)
    yield from _evaluate_binary_log(facts, MANAGED_ADVICE if is_managed else SETTINGS_ADVICE)
    if not is_managed:
        yield from _evaluate_retention(facts)
    if _is_on(facts.get("read_only")):
        yield stop(
            CHECK, "the server is read-only", "migrate the server that accepts writes, or SET GLOBAL read_only = OFF"
        )
    for name in facts["tables_without_primary_key"]:
        yield stop("primary-key", f"table {name} has no primary key", "ALTER TABLE … ADD PRIMARY KEY")
    for sentence in facts.get("target_refuses", []):
        yield stop("target-refuses", str(sentence), "change this on the source: the target cannot store it")
    for way in facts.get("other_servers", []):
        yield stop(
            "other-writers", f"{way}, whose changes are written in spite of read_only", "end this replication first"
        )
    for reason in facts.get("accounts_not_held", []):
        what, _, action = str(reason).partition(": ")
        yield stop("privileges", what, action or "take this privilege away")
    for name in facts.get("prepared_transactions", []):
        yield stop("open-transactions", f"the XA transaction {name} is prepared", "end it by XA COMMIT or XA ROLLBACK")
    yield from _evaluate_warnings(facts)


def _evaluate_binary_log(facts: dict[str, Any], advice: str) -> Iterator[Finding]:
    if not _is_on(facts.get("log_bin")):
        switch = BACKUP_ADVICE if advice == MANAGED_ADVICE else f"log-bin = binlog: {advice}"
        yield stop("binary-log", "the server writes no binary log", switch)
    for name, wanted in (("binlog_format", "ROW"), ("binlog_row_image", "FULL")):
        if str(facts.get(name)).upper() != wanted:
            yield stop("binary-log", f"{name} is {facts.get(name)}, not {wanted}", f"{name} = {wanted}: {advice}")
    for name, value in facts.get("log_encodings", {}).items():
        yield stop("binary-log", f"{name} is {value}, which AWS DMS cannot read", f"{name} = {WANTED[name]}: {advice}")
    for schema in facts.get("unlogged_schemas", []):
        yield stop(
            "binary-log",
            f"changes in schema {schema} are not written to the binary log",
            f"no binlog_do_db, and no binlog_ignore_db: {advice}",
        )
    if int(facts.get("server_id") or 0) < 1:
        yield stop("binary-log", "server_id is 0", f"server-id = 1: {advice}")


def _evaluate_retention(facts: dict[str, Any]) -> Iterator[Finding]:
    seconds = facts.get("binlog_retention_seconds")
    if seconds is None:
        yield stop("binary-log", "how long the binary log is kept is not known", "set binlog_expire_logs_seconds")
    elif 0 < int(seconds) < BINLOG_RETENTION_SECONDS:
        yield stop(
            "binary-log",
            f"the binary log is kept for {seconds} s, {BINLOG_RETENTION_SECONDS} s are needed",
            f"binlog_expire_logs_seconds = {2 * BINLOG_RETENTION_SECONDS} (expire_logs_days before MySQL 8.0 and MariaDB 10.6)",
        )


def _evaluate_warnings(facts: dict[str, Any]) -> Iterator[Finding]:
    for sentence in facts.get("target_changes", []):
        yield warn("target-changes", str(sentence), "check that the application accepts it")
    for name in facts.get("not_carried", []):
        yield warn("not-carried", f"the {name} is not carried over", "make it on the target, if it is needed")
    # Those of the server's own machine are its administrators'; nobody there expects to work in the window.
    for account in facts.get("accounts_to_lock", []):
        if not str(account).endswith("@'localhost'"):
            yield warn(
                "privileges",
                f"the account {account} may write in spite of read_only, and is locked for the window",
                "if the application connects as this account, give it an account with privileges on its schema only",
            )
    for routine in facts.get("definer_routines", []):
        yield warn(
            "privileges",
            f"the {routine} may write in spite of read_only; the run is rolled back if it does so in the window",
            "ALTER it to SQL SECURITY INVOKER, or make sure that nobody calls it in the window",
        )
    for cascade in facts.get("cascades", []):
        yield warn(
            "cascades", f"the foreign key {cascade} changes rows, which are compared whole in the window", "nothing"
        )
    if facts.get("binlog_tool") == "":
        yield warn(
            "binary-log",
            "mysqlbinlog or mariadb-binlog is not installed on this machine: written tables are compared whole in the window",
            "install the client package of the server's product",
        )


def _check_schemas(connection: Connection, database: Database) -> Iterator[Finding]:
    present = {str(name) for (name,) in fetch_rows(connection, "SELECT schema_name FROM information_schema.schemata")}
    for schema in database.schemas:
        if schema not in present:
            yield stop(
                "schema",
                f"the server has no schema {schema}",
                "name the right one by --schema, or run this on the right server",
            )


def _check_engines(connection: Connection, database: Database, facts: dict[str, Any]) -> Iterator[Finding]:
    """Yield a warning for each table that is not InnoDB. Those of MariaDB are among the facts (`target_changes`, `target_refuses`)."""
    if not parse_product(str(facts["version"])).mysql:
        return
    for schema in database.schemas:
        for name, engine in fetch_rows(connection, _OTHER_ENGINES, (schema,)):
            yield warn(
                "engine",
                f"table {schema}.{name} has the engine {engine}: its writes are no transactions, also on the target",
                f"ALTER TABLE {schema}.{name} ENGINE = InnoDB",
            )


def _check_time_zones(connection: Connection, facts: dict[str, Any]) -> Iterator[Finding]:
    zone = str(facts.get("time_zone") or "")
    if zone.upper() not in ("SYSTEM", "UTC", "+00:00"):
        yield warn(
            "time-zone",
            f"the server's time_zone is {zone}; the target's is UTC",
            "check what shows times by the server's clock",
        )
    if not fetch_value(connection, "SELECT COUNT(*) FROM mysql.time_zone_name"):
        yield warn(
            "time-zone",
            "the time zone tables are empty, so named time zones are unknown here; the target knows them",
            "mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql mysql, when queries name time zones",
        )


def _check_address(connection: Connection) -> Iterator[Finding]:
    address = str(read_variable(connection, "bind_address") or "*")
    if _is_on(read_variable(connection, "skip_networking")):
        yield stop(
            "database-port", "the server accepts no connection by network", f"skip-networking = OFF: {SETTINGS_ADVICE}"
        )
    elif address in LOOPBACK:
        yield stop(
            "database-port",
            f"the server listens at {address} only, and AWS DMS and the replica connect by network",
            f"bind-address = the machine's private address: {SETTINGS_ADVICE}; let the firewall accept only the networks of the migration",
        )


def _is_on(value: Any) -> bool:
    return str(value).upper() in ("1", "ON", "TRUE")


_OTHER_ENGINES = """
    SELECT table_name, engine FROM information_schema.tables
    WHERE table_schema = %s AND table_type = 'BASE TABLE' AND engine IS NOT NULL AND UPPER(engine) <> 'INNODB'
"""
