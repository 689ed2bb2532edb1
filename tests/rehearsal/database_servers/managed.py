"""A real MySQL with the accounts and the procedures of Amazon RDS for MySQL.

Its customer gets no SUPER and no file of the server.

The privileges are those of the master account in the RDS user guide, "Master user account privileges", for 8.0.36
and later.
"""

from __future__ import annotations

from cutover_site.database.login import DatabaseLogin

from rehearsal.foreign_site.managed_service import PROCEDURES
from tests.rehearsal.database_servers.server import PASSWORD, DatabaseServer

MASTER, SERVICE = "master", "rdsadmin"
PRIVILEGES = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES,"
    " CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW,"
    " CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER, CREATE ROLE, DROP ROLE"
)
DYNAMIC = "APPLICATION_PASSWORD_ADMIN, ROLE_ADMIN, XA_RECOVER_ADMIN"
RETENTION = "CALL mysql.rds_set_configuration('binlog retention hours', 48)"


def make_managed(server: DatabaseServer, privileges: str = PRIVILEGES, dynamic: str = DYNAMIC) -> None:
    """Create the master account, and what RDS has of its own. The account is created anew."""
    grants = [f"GRANT {names} ON *.* TO {MASTER}@'%' WITH GRANT OPTION" for names in (privileges, dynamic) if names]
    server.run(
        *PROCEDURES,
        RETENTION,
        f"DROP USER IF EXISTS {MASTER}@'%'",
        f"CREATE USER {MASTER}@'%' IDENTIFIED BY '{PASSWORD}'",
        *grants,
    )


def build_master_login(server: DatabaseServer) -> DatabaseLogin:
    """Return the login of the master account, over TLS; the test's certificate authority is not one of the system's."""
    return DatabaseLogin("127.0.0.1", server.port, MASTER, PASSWORD, verify=False, encrypted=True)


def beat(server: DatabaseServer, *, as_statement: bool) -> None:
    """Write the heartbeat as RDS does every five minutes: its rows are logged, or the statement."""
    with server.connect_root("mysql") as connection, connection.cursor() as cursor:
        if as_statement:
            cursor.execute("SET SESSION binlog_format = STATEMENT")
        cursor.execute(
            "INSERT INTO mysql.rds_heartbeat2(id, value) values (1,1483041015005)"
            " ON DUPLICATE KEY UPDATE value = 1483041015005"
        )
