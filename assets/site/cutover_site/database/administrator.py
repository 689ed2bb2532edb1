"""Connect to the source's database server as its administrator, on the machine with the role source-database.

That is root through the socket of the server on this machine. A managed server has no machine of ours: the account of the administrator's secret
connects over TLS then. The secret is read when it is needed and stays in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from cutover_site.config import TLS_VERIFY, Administrator, SourceDatabase
from cutover_site.database.connections import Connection, DatabaseUnreachable, connect, connect_as_root
from cutover_site.database.login import DatabaseLogin
from cutover_site.errors import NotConfigured
from cutover_site.machine import Machine

TIMEOUT_SECONDS = 600
"""that one response may take, as through the socket"""


@contextmanager
def connect_as_administrator(machine: Machine, *, streaming: bool = False) -> Iterator[Connection]:
    """Open a connection for the block. Raises DatabaseUnreachable, and NotConfigured when the secret cannot be read.

    A prefork worker has the secret in memory. If the server refuses it, the secret is read again: RDS changes the passwords that it manages.
    """
    login = find_administrator_login(machine)
    if login is None:
        with connect_as_root(machine.layout, streaming=streaming) as connection:
            yield connection
        return
    with ExitStack() as opened:
        try:
            connection = opened.enter_context(connect(login, streaming=streaming, timeout=TIMEOUT_SECONDS))
        except DatabaseUnreachable:
            changed = _find_changed_login(machine, login)
            if changed is None:
                raise
            connection = opened.enter_context(connect(changed, streaming=streaming, timeout=TIMEOUT_SECONDS))
        yield connection


def _find_changed_login(machine: Machine, refused: DatabaseLogin) -> DatabaseLogin | None:
    """Return the login by the secret as it is now, None when it is the one that the server has refused."""
    database = machine.config.source_database
    if (
        database is None
        or database.administrator is None
        or not machine.aws.forget_secret(database.administrator.secret)
    ):
        return None
    login = find_administrator_login(machine)
    return None if login == refused else login


def find_administrator_login(machine: Machine) -> DatabaseLogin | None:
    """Return the login of a managed server's administrator, None when the server is on this machine. Raises NotConfigured."""
    database = machine.config.source_database
    if database is None or database.administrator is None:
        return None
    return build_login(database, database.administrator, machine.aws.read_secret(database.administrator.secret))


def build_login(database: SourceDatabase, administrator: Administrator, secret: dict[str, str]) -> DatabaseLogin:
    """Return the login with the content of the administrator's secret. Raises NotConfigured when a key is missing in it."""
    try:
        user, password = secret["username"], secret["password"]
    except KeyError as error:
        raise NotConfigured(
            f"the secret {administrator.secret} of the database's administrator has no {error}",
            next_action='store JSON with "username" and "password" in it',
        ) from error
    return DatabaseLogin(
        host=database.host,
        port=database.port,
        user=user,
        password=password,
        verify=administrator.tls == TLS_VERIFY,
        encrypted=True,
    )
