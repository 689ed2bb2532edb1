"""Turn a machine of the image `rds` into a database instance.

Files are put on its disk before it boots; statements make its master user when it has booted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pymysql.converters import escape_string

from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.rds import exceptions
from rehearsal.world.database_image import MYSQL_ROOT, Product

# What the master user of RDS for MySQL may do: no SUPER, no FILE, no SHUTDOWN.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html
_RIGHTS = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES,"
    " CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW,"
    " CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER"
)
_MYSQL_RIGHTS = (
    f"{_RIGHTS}, CREATE ROLE, DROP ROLE, APPLICATION_PASSWORD_ADMIN, ROLE_ADMIN, SET_ANY_DEFINER, XA_RECOVER_ADMIN"
)
_ROLE = "rds_superuser_role"
"""By which the master user has its rights since RDS for MySQL 8.0.36."""
_INSIDE = "/etc/mysql/rds"
"""The folder of the server's own files, as the server sees it."""


@dataclass(frozen=True)
class Appliance:
    """What differs between the two products. `root`: the server's root on the machine's disk."""

    unit: str
    root: Path
    option_file: str
    options: tuple[str, ...]


APPLIANCES: dict[Product, Appliance] = {
    "mariadb": Appliance(
        "mariadb",
        Path(),
        "etc/mysql/mariadb.conf.d/99-rds.cnf",
        (),
    ),
    "mysql": Appliance(
        "mysql",
        MYSQL_ROOT,
        f"{_INSIDE[1:]}/server.cnf",
        (
            "datadir = /var/lib/mysql",
            "socket = /var/lib/mysql/mysqld.sock",
            "pid-file = /var/lib/mysql/mysqld.pid",
            "secure-file-priv = NULL",
            "mysqlx = OFF",
            # As in RDS's default parameter group, where Performance Insights is off.
            "performance_schema = OFF",
            "innodb_redo_log_capacity = 64M",
        ),
    ),
}
_KNOWN = {
    "character_set_server", "collation_server", "max_allowed_packet", "time_zone", "max_connections", "binlog_format",
    "binlog_row_image", "read_only", "require_secure_transport", "innodb_lock_wait_timeout", "wait_timeout",
    "net_read_timeout", "net_write_timeout", "innodb_flush_log_at_trx_commit", "sync_binlog", "local_infile",
    "lower_case_table_names", "sql_mode", "event_scheduler", "log_bin_trust_function_creators", "slow_query_log",
}  # fmt: skip


_MYSQL = {"local_infile": "0"}
"""What MySQL 8 has by default, and MariaDB not."""


def render_configuration(product: Product, port: int, parameters: Mapping[str, str]) -> str:
    """Return the server's option file. Raises NotEmulated for a parameter whose effect is unknown here."""
    if unknown := parameters.keys() - _KNOWN:
        raise NotEmulated(f"the database parameter {', '.join(sorted(unknown))}")
    lines = [
        "[mysqld]",
        "bind-address = 0.0.0.0",
        f"port = {port}",
        "skip-name-resolve",
        "log-bin = mysql-bin",
        "innodb_buffer_pool_size = 128M",
        f"ssl-cert = {_INSIDE}/server.crt",
        f"ssl-key = {_INSIDE}/server.key",
        *APPLIANCES[product].options,
        *(_render_option(name, value) for name, value in sorted({**_MYSQL, **parameters}.items())),
    ]
    return "\n".join(lines) + "\n"


def _render_option(name: str, value: str) -> str:
    if name == "time_zone":
        # An option by another name; and a named zone needs tables that a fresh MariaDB does not have.
        return f"default-time-zone = {'+00:00' if value.upper() == 'UTC' else value}"
    return f"{name} = {value}"


def render_statements(product: Product, user: str, password: str, database: str | None) -> str:
    """Return the SQL that makes the master user and the first database; it may be repeated.

    It holds the password: keep it off every disk and log. Raises ApiError for a user or a database whose name RDS would not
    take either.
    """
    for name in (user, database):
        if name is not None and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", name):
            raise exceptions.invalid_name(name)
    made = [
        "SET sql_log_bin = 0",
        f"CREATE USER IF NOT EXISTS '{user}'@'%' IDENTIFIED BY '{escape_string(password)}'",
        *(_render_mysql_rights(user) if product == "mysql" else _render_mariadb_rights(user)),
        *([f"CREATE DATABASE IF NOT EXISTS `{database}`"] if database else []),
    ]
    return "".join(f"{statement};\n" for statement in made)


def _render_mariadb_rights(user: str) -> list[str]:
    return [f"GRANT {_RIGHTS}, DELETE HISTORY ON *.* TO '{user}'@'%' WITH GRANT OPTION"]


def _render_mysql_rights(user: str) -> list[str]:
    return [
        f"CREATE ROLE IF NOT EXISTS {_ROLE}",
        f"GRANT {_MYSQL_RIGHTS} ON *.* TO {_ROLE} WITH GRANT OPTION",
        f"GRANT {_ROLE} TO '{user}'@'%' WITH ADMIN OPTION",
        f"SET DEFAULT ROLE {_ROLE} TO '{user}'@'%'",
    ]


def install(root: Path, product: Product, *, options: str, certificate: tuple[bytes, bytes]) -> None:
    """Write the files below the mounted disk's `root`, over those of a restored disk; only the server's user can read the key."""
    kind = APPLIANCES[product]
    install_certificate(root, product, certificate)
    option_file = root / kind.root / kind.option_file
    option_file.write_text(options)
    option_file.chmod(0o644)


def install_certificate(root: Path, product: Product, certificate: tuple[bytes, bytes]) -> None:
    """Write chain and key below the mounted disk's `root`. The server reads them when it starts."""
    passwd = (root / "etc/passwd").read_text()
    found = re.search(r"^mysql:[^:]*:(\d+):(\d+):", passwd, re.MULTILINE)
    assert found, "the image rds has the database server's user"
    folder = root / APPLIANCES[product].root / _INSIDE[1:]
    folder.mkdir(parents=True, exist_ok=True)
    files = {"server.crt": certificate[0], "server.key": certificate[1]}
    for name, content in files.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_bytes(content)
    for path in (folder, *(folder / name for name in files)):
        os.chown(path, int(found[1]), int(found[2]))
    folder.chmod(0o700)
