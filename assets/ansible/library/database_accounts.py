#!/usr/bin/python3
"""Schemas and users of the MySQL or MariaDB server on this machine, through its socket, as root.

With it a machine needs only ansible-core and PyMySQL. It adds privileges and never revokes them: a live site may be connected.
"""

from __future__ import annotations

from typing import Any

import pymysql
from ansible.module_utils.basic import AnsibleModule  # type: ignore[import-not-found]

DOCUMENTATION = """
module: database_accounts
short_description: schemas, users and privileges of the local database server
options:
  schemas: {type: list, elements: str, required: true, description: created with utf8mb4}
  statements: {type: list, elements: str, default: [], description: idempotent DDL that is run after the schemas exist}
  users: {type: list, elements: dict, required: true, description: name, host, password, grants (privileges; schemas, or a scope such as *.*)}
  port: {type: int, default: 3306}
  socket: {type: str, default: /run/mysqld/mysqld.sock}
"""


GRANT = {
    "privileges": {"type": "str", "required": True},
    "scope": {"type": "str"},
    "schemas": {"type": "list", "elements": "str"},
}
USER = {
    "name": {"type": "str", "required": True},
    "host": {"type": "str", "required": True},
    "password": {"type": "str", "required": True, "no_log": True},
    "grants": {"type": "list", "elements": "dict", "required": True, "options": GRANT},
}


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def grants(cursor: Any, user: dict[str, Any]) -> list[str]:
    cursor.execute("SHOW GRANTS FOR %s@%s", (user["name"], user["host"]))
    return sorted(row[0] for row in cursor.fetchall())


def scopes(grant: dict[str, Any]) -> list[str]:
    """Return what the privileges are for: each of the schemas, else the scope."""
    return [f"{quoted(schema)}.*" for schema in grant["schemas"]] if grant.get("schemas") else [grant["scope"]]


def exists(cursor: Any, user: dict[str, Any]) -> bool:
    return bool(cursor.execute("SELECT 1 FROM mysql.user WHERE User = %s AND Host = %s", (user["name"], user["host"])))


def password_works(user: dict[str, Any], port: int) -> bool:
    try:
        pymysql.connect(
            host="127.0.0.1", port=port, user=user["name"], password=user["password"], ssl={"check_hostname": False}
        ).close()
    except (pymysql.err.OperationalError, pymysql.err.InternalError):  # the latter from PyMySQL before 1.0
        return False
    return True


def ensure(cursor: Any, user: dict[str, Any], port: int) -> bool:
    """Return whether the user was created or changed."""
    account = (user["name"], user["host"])
    new = not exists(cursor, user)
    if new:
        cursor.execute("CREATE USER %s@%s IDENTIFIED BY %s", (*account, user["password"]))
    elif not password_works(user, port):
        cursor.execute("ALTER USER %s@%s IDENTIFIED BY %s", (*account, user["password"]))
        new = True
    before = grants(cursor, user)
    for grant in user["grants"]:
        for scope in scopes(grant):
            cursor.execute(f"GRANT {grant['privileges']} ON {scope} TO %s@%s", account)
    return new or grants(cursor, user) != before


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "schemas": {"type": "list", "elements": "str", "required": True},
            "statements": {"type": "list", "elements": "str", "default": []},
            "users": {"type": "list", "elements": "dict", "required": True, "options": USER},
            "port": {"type": "int", "default": 3306},
            "socket": {"type": "str", "default": "/run/mysqld/mysqld.sock"},
        }
    )
    given = module.params
    try:
        connection = pymysql.connect(unix_socket=given["socket"], user="root", charset="utf8mb4", autocommit=True)
        with connection, connection.cursor() as cursor:
            changed = False
            for schema in given["schemas"]:
                if not cursor.execute("SELECT 1 FROM information_schema.schemata WHERE schema_name = %s", (schema,)):
                    cursor.execute(f"CREATE DATABASE {quoted(schema)} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
                    changed = True
            for statement in given["statements"]:
                cursor.execute(statement)
            for user in given["users"]:
                changed = ensure(cursor, user, given["port"]) or changed
    except pymysql.err.MySQLError as error:
        module.fail_json(msg=f"the database server on this machine: {error}")
    module.exit_json(changed=changed)


if __name__ == "__main__":
    main()
