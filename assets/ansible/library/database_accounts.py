#!/usr/bin/python3
"""Create schemas and users of the MySQL or MariaDB server on this machine, through its socket, as root.

With this module a machine needs only ansible-core and PyMySQL. The module grants privileges and never revokes one, because a live site may be
connected.
"""

from __future__ import annotations

from typing import Any

import pymysql
from ansible.module_utils.basic import AnsibleModule  # type: ignore[import-not-found]

DOCUMENTATION = """
module: database_accounts
short_description: create schemas, users and privileges on the local database server
options:
  schemas: {type: list, elements: str, required: true, description: schemas to create with utf8mb4}
  statements: {type: list, elements: str, default: [], description: idempotent DDL that the module executes after it created the schemas}
  users: {type: list, elements: dict, required: true, description: 'name, host, password and grants of each user (a grant has privileges, and schemas or a scope such as *.*)'}
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


def quote_identifier(name: str) -> str:
    """Return a name as a quoted SQL identifier."""
    return "`" + name.replace("`", "``") + "`"


def list_grants(cursor: Any, user: dict[str, Any]) -> list[str]:
    """Return the GRANT statements of a user, sorted."""
    cursor.execute("SHOW GRANTS FOR %s@%s", (user["name"], user["host"]))
    return sorted(row[0] for row in cursor.fetchall())


def list_scopes(grant: dict[str, Any]) -> list[str]:
    """Return the scopes of a grant: one for each of its schemas, otherwise its own scope."""
    return (
        [f"{quote_identifier(schema)}.*" for schema in grant["schemas"]] if grant.get("schemas") else [grant["scope"]]
    )


def has_user(cursor: Any, user: dict[str, Any]) -> bool:
    """Return whether the server has this user on this host."""
    return bool(cursor.execute("SELECT 1 FROM mysql.user WHERE User = %s AND Host = %s", (user["name"], user["host"])))


def is_password_current(user: dict[str, Any], port: int) -> bool:
    """Return whether the server accepts the password of the user over TLS on 127.0.0.1."""
    try:
        pymysql.connect(
            host="127.0.0.1", port=port, user=user["name"], password=user["password"], ssl={"check_hostname": False}
        ).close()
    except (pymysql.err.OperationalError, pymysql.err.InternalError):  # PyMySQL before 1.0 raises the latter
        return False
    return True


def apply_user(cursor: Any, user: dict[str, Any], port: int) -> bool:
    """Create a user or update its password, and add its privileges.

    Returns:
        Whether anything changed.
    """
    account = (user["name"], user["host"])
    changed = not has_user(cursor, user)
    if changed:
        cursor.execute("CREATE USER %s@%s IDENTIFIED BY %s", (*account, user["password"]))
    elif not is_password_current(user, port):
        cursor.execute("ALTER USER %s@%s IDENTIFIED BY %s", (*account, user["password"]))
        changed = True
    before = list_grants(cursor, user)
    for grant in user["grants"]:
        for scope in list_scopes(grant):
            cursor.execute(f"GRANT {grant['privileges']} ON {scope} TO %s@%s", account)
    return changed or list_grants(cursor, user) != before


def main() -> None:
    """Run the module and report to Ansible whether anything changed."""
    module = AnsibleModule(
        argument_spec={
            "schemas": {"type": "list", "elements": "str", "required": True},
            "statements": {"type": "list", "elements": "str", "default": []},
            "users": {"type": "list", "elements": "dict", "required": True, "options": USER},
            "port": {"type": "int", "default": 3306},
            "socket": {"type": "str", "default": "/run/mysqld/mysqld.sock"},
        }
    )
    parameters = module.params
    try:
        connection = pymysql.connect(unix_socket=parameters["socket"], user="root", charset="utf8mb4", autocommit=True)
        with connection, connection.cursor() as cursor:
            changed = False
            for schema in parameters["schemas"]:
                if not cursor.execute("SELECT 1 FROM information_schema.schemata WHERE schema_name = %s", (schema,)):
                    cursor.execute(
                        f"CREATE DATABASE {quote_identifier(schema)} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
                    )
                    changed = True
            for statement in parameters["statements"]:
                cursor.execute(statement)
            for user in parameters["users"]:
                changed = apply_user(cursor, user, parameters["port"]) or changed
    except pymysql.err.MySQLError as error:
        module.fail_json(msg=f"the database server on this machine returned an error: {error}")
    module.exit_json(changed=changed)


if __name__ == "__main__":
    main()
