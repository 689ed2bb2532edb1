"""Run premigration assessments: check what the source and the target need before a task can replicate.

Names are those of DMS where it has such an assessment ("Assessments for MySQL").
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import pymysql

from rehearsal.dms.engine.databases import Connection, read_rows, read_variable
from rehearsal.dms.engine.failures import format_error
from rehearsal.dms.engine.job import Job
from rehearsal.dms.engine.tables import Table, describe, list_names

Status = Literal["passed", "failed", "warning", "error"]
DAY = 24 * 3600


@dataclass(frozen=True)
class Ends:
    job: Job
    source: Connection
    target: Connection
    tables: list[Table]


Found = tuple[Status, str]


def run_assessments(job: Job) -> list[dict[str, str]]:
    """Run every assessment, and return one result for each. An assessment that cannot run has the result `error`, never passed."""
    try:
        with contextlib.closing(job.source.connect()) as source, contextlib.closing(job.target.connect()) as target:
            chosen = job.mappings.select(list_names(source))
            ends = Ends(job, source, target, list(describe(source, chosen).values()))
            return [_run_assessment(name, check, ends) for name, check in CHECKS.items()]
    except (pymysql.err.MySQLError, OSError) as error:
        return [{"name": name, "status": "error", "details": format_error(error)} for name in CHECKS]


def _run_assessment(name: str, check: Callable[[Ends], Found], ends: Ends) -> dict[str, str]:
    try:
        status, details = check(ends)
    except (pymysql.err.MySQLError, OSError) as error:
        status, details = "error", format_error(error)
    return {"name": name, "status": status, "details": details}


def _make_setting_check(name: str, wanted: str) -> Callable[[Ends], Found]:
    def check(ends: Ends) -> Found:
        value = read_variable(ends.source, name)
        return ("passed" if value == wanted else "failed"), f"{name} is {value or 'unknown'}, {wanted} is needed"

    return check


def _check_compression(ends: Ends) -> Found:
    on = [
        name
        for name in ("binlog_transaction_compression", "log_bin_compress")
        if read_variable(ends.source, name) == "ON"
    ]
    return ("failed" if on else "passed"), f"{', '.join(on)} is ON, OFF is needed" if on else "off"


def _check_server_id(ends: Ends) -> Found:
    value = int(read_variable(ends.source, "server_id") or 0)
    return ("passed" if value >= 1 else "failed"), f"server_id is {value}"


def _check_retention(ends: Ends) -> Found:
    seconds = int(float(read_variable(ends.source, "binlog_expire_logs_seconds") or 0))
    days = float(read_variable(ends.source, "expire_logs_days") or 0)
    kept = seconds or int(days * DAY)
    return (
        "passed" if kept == 0 or kept >= DAY else "failed"
    ), f"binary logs are kept for {kept // 3600} h (0: for ever)"


def _check_replication_rights(ends: Ends) -> Found:
    granted = " ".join(str(row[0]).upper() for row in read_rows(ends.source, "SHOW GRANTS"))
    wanted = {
        "REPLICATION SLAVE": r"REPLICATION SLAVE(?! ADMIN)|ALL PRIVILEGES ON \*\.\*|REPLICATION REPLICA",
        "REPLICATION CLIENT": r"REPLICATION CLIENT|BINLOG MONITOR|ALL PRIVILEGES ON \*\.\*",
    }
    missing = [name for name, pattern in wanted.items() if not re.search(pattern, granted)]
    return ("failed" if missing else "passed"), f"missing: {', '.join(missing)}" if missing else "granted"


def _select_rights(ends: Ends) -> Found:
    """Check the user's rights. A user sees only the tables on which it has a right: none selected means no right, or no table."""
    if not ends.tables:
        return "failed", "no table that the mappings select can be seen"
    for table in ends.tables:
        read_rows(ends.source, f"SELECT 1 FROM `{table.schema}`.`{table.name}` LIMIT 1")
    return "passed", f"{len(ends.tables)} tables can be read"


def _check_primary_keys(ends: Ends) -> Found:
    lacking = [f"{table.schema}.{table.name}" for table in ends.tables if not table.key]
    return ("warning" if lacking else "passed"), f"without a primary key: {', '.join(lacking) or 'none'}"


def _check_lob_limit(ends: Ends) -> Found:
    """Check the longest value of every LOB column, because limited LOB mode cuts longer values silently."""
    chosen = ends.job.settings["TargetMetadata"]
    if not chosen["LimitedSizeLobMode"]:
        return "passed", "full LOB mode"
    limit, cut = int(chosen["LobMaxSize"]) * 1024, []
    for table in ends.tables:
        for column in (column for column in table.columns if column.lob):
            query = f"SELECT COALESCE(MAX(LENGTH(`{column.name}`)), 0) FROM `{table.schema}`.`{table.name}`"
            longest = int(read_rows(ends.source, query)[0][0])
            if longest > limit:
                cut.append(f"{table.schema}.{table.name}.{column.name} ({longest} bytes)")
    return ("failed" if cut else "passed"), f"longer than LobMaxSize: {', '.join(cut) or 'none'}"


def _check_engine(ends: Ends) -> Found:
    found = list(_list_other_engines(ends))
    return ("warning" if found else "passed"), f"tables that are not transactional: {', '.join(found) or 'none'}"


def _list_other_engines(ends: Ends) -> Iterator[str]:
    ours = {table.id for table in ends.tables}
    query = "SELECT table_schema, table_name, engine FROM information_schema.tables WHERE engine <> 'InnoDB'"
    return (
        f"{schema}.{name} ({engine})"
        for schema, name, engine in read_rows(ends.source, query)
        if (schema, name) in ours
    )


def _check_target_rights(ends: Ends) -> Found:
    granted = " ".join(str(row[0]).upper() for row in read_rows(ends.target, "SHOW GRANTS"))
    wide = "ALL PRIVILEGES" in granted
    missing = [
        name for name in ("INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER") if not wide and name not in granted
    ]
    return ("failed" if missing else "passed"), f"missing: {', '.join(missing)}" if missing else "granted"


CHECKS: dict[str, Callable[[Ends], Found]] = {
    "mysql-check-binlog-format": _make_setting_check("binlog_format", "ROW"),
    "mysql-check-binlog-image": _make_setting_check("binlog_row_image", "FULL"),
    "mysql-check-log-bin": _make_setting_check("log_bin", "ON"),
    "mysql-check-binlog-compression": _check_compression,
    "mysql-check-server-id": _check_server_id,
    "mysql-check-binlog-retention-time": _check_retention,
    "mysql-check-replication-privileges": _check_replication_rights,
    "mysql-check-select-privileges": _select_rights,
    "table-with-no-primary-key-or-unique-constraint": _check_primary_keys,
    "mysql-check-table-storage-engine": _check_engine,
    "large-objects-exceed-limit": _check_lob_limit,
    "mysql-check-target-privileges": _check_target_rights,
}
