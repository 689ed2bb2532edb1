"""How a machine of the image `rds` becomes a database instance: files put on its disk before it boots."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

from rehearsal.aws.errors import ApiError, NotEmulated

# What the master user of RDS for MySQL may do: no SUPER, no FILE, no SHUTDOWN.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html, in MariaDB's names.
GRANTS = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES,"
    " CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW,"
    " CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER, DELETE HISTORY"
)
_FOLDER = Path("etc/mysql/rds")
_KNOWN = {
    "character_set_server", "collation_server", "max_allowed_packet", "time_zone", "max_connections", "binlog_format",
    "binlog_row_image", "read_only", "require_secure_transport", "innodb_lock_wait_timeout", "wait_timeout",
    "net_read_timeout", "net_write_timeout", "innodb_flush_log_at_trx_commit", "sync_binlog", "local_infile",
    "lower_case_table_names", "sql_mode", "event_scheduler", "log_bin_trust_function_creators", "slow_query_log",
}  # fmt: skip

_MYSQL = {"local_infile": "0"}
"""What MySQL 8 has by default, and MariaDB not."""


def configuration(port: int, parameters: Mapping[str, str]) -> str:
    """The server's option file. Raises NotEmulated for a parameter that nobody has thought about."""
    if unknown := parameters.keys() - _KNOWN:
        raise NotEmulated(f"the database parameter {', '.join(sorted(unknown))}")
    lines = [
        "[mariadb]",
        "bind-address = 0.0.0.0",
        f"port = {port}",
        "skip-name-resolve",
        "log-bin = mysql-bin",
        "innodb_buffer_pool_size = 128M",
        f"ssl-cert = /{_FOLDER}/server.crt",
        f"ssl-key = /{_FOLDER}/server.key",
        f"init-file = /{_FOLDER}/init.sql",
        *(_option(name, value) for name, value in sorted({**_MYSQL, **parameters}.items())),
    ]
    return "\n".join(lines) + "\n"


def _option(name: str, value: str) -> str:
    if name == "time_zone":
        # An option by another name; and a named zone needs tables that a fresh MariaDB does not have.
        return f"default-time-zone = {'+00:00' if value.upper() == 'UTC' else value}"
    return f"{name} = {value}"


def init_sql(user: str, password: str, database: str | None) -> str:
    """Run at each start of the server, so every statement may be repeated. Holds the password's hash, not the password.

    Raises ApiError for a user or a database whose name RDS would not take either.
    """
    for name in (user, database):
        if name is not None and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", name):
            raise ApiError("InvalidParameterValue", f"The name {name!r} is not valid")
    hashed = "*" + hashlib.sha1(hashlib.sha1(password.encode()).digest()).hexdigest().upper()
    statements = [
        f"CREATE USER IF NOT EXISTS '{user}'@'%' IDENTIFIED BY PASSWORD '{hashed}'",
        f"GRANT {GRANTS} ON *.* TO '{user}'@'%' WITH GRANT OPTION",
        *([f"CREATE DATABASE IF NOT EXISTS `{database}`"] if database else []),
    ]
    return "".join(f"{statement};\n" for statement in statements)


def install(root: Path, *, options: str, init: str, certificate: tuple[bytes, bytes]) -> None:
    """Write the files below the mounted disk's `root`; only the server's user can read key and init file."""
    passwd = (root / "etc/passwd").read_text()
    found = re.search(r"^mysql:[^:]*:(\d+):(\d+):", passwd, re.MULTILINE)
    assert found, "the image rds has MariaDB's user"
    folder = root / _FOLDER
    folder.mkdir()
    files = {"server.crt": certificate[0], "server.key": certificate[1], "init.sql": init.encode()}
    for name, content in files.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_bytes(content)
    for path in (folder, *(folder / name for name in files)):
        os.chown(path, int(found[1]), int(found[2]))
    folder.chmod(0o700)
    (root / "etc/mysql/mariadb.conf.d/99-rds.cnf").write_text(options)
