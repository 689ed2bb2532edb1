#!/usr/bin/python3
"""Wait until a MySQL or MariaDB server accepts an account.

The application server and the database server may be installed at the same time. The server may not run yet, may restart,
or may not have the account yet; the module repeats the login through all of this.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pymysql
from ansible.module_utils.basic import AnsibleModule  # type: ignore[import-not-found]

DOCUMENTATION = """
module: database_login
short_description: wait until a database server accepts an account
options:
  host: {type: str, required: true}
  port: {type: int, default: 3306}
  username: {type: str, required: true}
  password: {type: str, required: true}
  timeout_seconds: {type: int, default: 1500}
"""

PAUSE_SECONDS = 0.5
CONNECT_SECONDS = 5
NO_TLS = 2026
"""CR_SSL_CONNECTION_ERROR: the server does not support TLS, or failed to negotiate it"""


def log_in(host: str, port: int, username: str, password: str) -> None:
    """Log in once, with TLS if the server supports it. Raises MySQLError."""
    account = {"host": host, "port": port, "user": username, "password": password, "connect_timeout": CONNECT_SECONDS}
    try:
        pymysql.connect(**account, ssl={"check_hostname": False}).close()
    except pymysql.err.MySQLError as error:
        if error.args[:1] != (NO_TLS,):
            raise
        pymysql.connect(**account).close()


def wait_for_login(
    try_login: Callable[[], None],
    timeout_seconds: float,
    now: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> str:
    """Repeat the login until it succeeds. Return an empty text, or the last error of the server after the timeout."""
    deadline = now() + timeout_seconds
    while True:
        try:
            try_login()
        except pymysql.err.MySQLError as error:
            if now() >= deadline:
                return str(error)
        else:
            return ""
        pause(PAUSE_SECONDS)


def main() -> None:
    """Run the module. It changes nothing."""
    module = AnsibleModule(
        argument_spec={
            "host": {"type": "str", "required": True},
            "port": {"type": "int", "default": 3306},
            "username": {"type": "str", "required": True},
            "password": {"type": "str", "required": True, "no_log": True},
            "timeout_seconds": {"type": "int", "default": 1500},
        },
        supports_check_mode=True,
    )
    given: dict[str, Any] = module.params
    reason = wait_for_login(
        lambda: log_in(given["host"], given["port"], given["username"], given["password"]), given["timeout_seconds"]
    )
    if reason:
        place = f"{given['host']}:{given['port']}"
        module.fail_json(
            msg=f"the database server {place} did not accept {given['username']} within {given['timeout_seconds']} s: "
            f"{reason}; check the database server and its playbook, then run this playbook again"
        )
    module.exit_json(changed=False)


if __name__ == "__main__":
    main()
