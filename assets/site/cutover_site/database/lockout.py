"""Lock the database accounts that read_only does not stop, stop the event scheduler, and undo both.

Each change is written to disk before it is made, so that a thaw and the dead man's switch undo exactly these changes, also after a crash or
restart. The server itself keeps account locks. None of these statements is written to the binary log.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pymysql

from cutover_site.database.connections import Connection, execute, fetch_rows, fetch_value
from cutover_site.database.privileged import Account, find_privileged
from cutover_site.database.products import read_product
from cutover_site.database.variables import read_variable
from cutover_site.database.writers import POLL_INTERVAL_SECONDS, kill
from cutover_site.errors import NotConfigured, SiteError
from cutover_site.layout import Layout
from cutover_site.system import textfiles

LOG = logging.getLogger(__name__)
NO_SUCH_ACCOUNT = 1396
"""error of ALTER USER for an account that does not exist"""
END_LIMIT_SECONDS = 30.0
ALL_CONNECTIONS = 2**63 - 1
UNAUTHENTICATED = "unauthenticated user"
"""user in the list of processes until the connection has authenticated"""


@dataclass(frozen=True)
class Lockout:
    """What this tool has locked. `marker`: position of the binary log after the marker of `run`.

    `newest`: id of the newest connection after the accounts were locked. A later connection cannot belong to a locked account, only to
    another account with the same user name.
    """

    accounts: tuple[Account, ...] = ()
    event_scheduler: bool = False
    run: str = ""
    marker: str = ""
    newest: int = ALL_CONNECTIONS
    schemas: tuple[str, ...] = ()
    """of a managed server: the schemas that this tool has made read-only"""
    server: str = ""
    """identity of the managed server that has the marker"""


def read_lockout(layout: Layout) -> Lockout:
    """Return what is locked; nothing when there is no file. Raises NotConfigured when the file is damaged."""
    try:
        raw = json.loads(layout.database_lockout.read_text())
        accounts = tuple(Account(one["user"], one["host"]) for one in raw["accounts"])
        newest = int(raw.get("newest", ALL_CONNECTIONS))
        schemas = tuple(str(name) for name in raw.get("schemas", ()))
        return Lockout(
            accounts,
            bool(raw["event_scheduler"]),
            str(raw["run"]),
            str(raw["marker"]),
            newest,
            schemas,
            str(raw.get("server", "")),
        )
    except FileNotFoundError:
        return Lockout()
    except (ValueError, KeyError, TypeError) as error:
        raise NotConfigured(
            f"{layout.database_lockout} is damaged ({error})",
            next_action="unlock the accounts by ALTER USER … ACCOUNT UNLOCK, open a managed server's schemas by ALTER DATABASE … READ ONLY = 0,"
            " then remove the file",
        ) from error


def write_lockout(layout: Layout, lockout: Lockout) -> None:
    """Write what is locked. After the return it survives a crash of the machine."""
    path: Path = layout.database_lockout
    textfiles.replace(path, json.dumps(asdict(lockout)) + "\n", mode=0o600)


def save_event_scheduler(connection: Connection, layout: Layout) -> None:
    """Save that the event scheduler runs, before a settings file stops it: after a restart with that file the server does not show it."""
    before = read_lockout(layout)
    if not before.event_scheduler and _is_event_scheduler_on(connection):
        write_lockout(layout, replace(before, event_scheduler=True))


def lock_writers(connection: Connection, layout: Layout) -> int:
    """Lock the accounts, end their connections, stop the event scheduler. Return how many connections were ended. Safe to repeat."""
    save_event_scheduler(connection, layout)
    before = read_lockout(layout)
    found = find_privileged(connection)
    locked = _list_locked(connection)
    ours = tuple(sorted({*before.accounts, *(account for account in found.lockable if account not in locked)}))
    write_lockout(layout, replace(before, accounts=ours))
    with _disable_binary_log(connection):
        for account in ours:
            _set_account_lock(connection, account, "LOCK")
    closed = replace(
        read_lockout(layout), newest=int(fetch_value(connection, "SELECT MAX(id) FROM information_schema.processlist"))
    )
    write_lockout(layout, closed)
    if _is_event_scheduler_on(connection):
        execute(connection, "SET GLOBAL event_scheduler = OFF")
    return end_connections(connection, closed)


def unlock_writers(connection: Connection, layout: Layout) -> None:
    """Undo exactly what `lock_writers` did. The server must accept writes already."""
    before = read_lockout(layout)
    if before.accounts:
        with _disable_binary_log(connection):
            for account in before.accounts:
                _set_account_lock(connection, account, "UNLOCK")
    if before.event_scheduler:
        execute(connection, "SET GLOBAL event_scheduler = ON")
    layout.database_lockout.unlink(missing_ok=True)


def end_connections(connection: Connection, closed: Lockout) -> int:
    """End the open connections of the locked accounts, because a lock only affects new connections. Return their number. Raises SiteError."""
    count, deadline = 0, time.monotonic() + END_LIMIT_SECONDS
    while threads := list_connections(connection, closed):
        if time.monotonic() >= deadline:
            raise SiteError(
                f"connections {threads} of accounts that may write in spite of read_only cannot be ended",
                next_action="look at SHOW PROCESSLIST",
            )
        for thread in threads:
            kill(connection, thread)
        count = max(count, len(threads))
        time.sleep(POLL_INTERVAL_SECONDS)  # the server has no event for the end of a connection
    return count


def list_connections(connection: Connection, closed: Lockout) -> list[int]:
    """Return the connections that are older than the lock and have the user name of a locked account, or have not authenticated yet.

    Excludes those of this connection's own account, which this tool needs for the thaw.
    """
    names = {account.user for account in closed.accounts}
    if not names:
        return []
    own_user, _, own_host = str(fetch_value(connection, "SELECT CURRENT_USER()")).rpartition("@")
    query = "SELECT id, user, host FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND id <= %s"
    return [
        int(thread)
        for thread, user, host in fetch_rows(connection, query, (closed.newest,))
        if user in names | {UNAUTHENTICATED}
        and (user, str(host).rpartition(":")[0] or str(host)) != (own_user, own_host)
    ]


def _is_event_scheduler_on(connection: Connection) -> bool:
    return str(read_variable(connection, "event_scheduler")).upper() in ("ON", "1")


def _list_locked(connection: Connection) -> set[Account]:
    """Return accounts that were locked before and stay locked. Empty on MySQL, where this tool locks no account."""
    if read_product(connection).mysql:
        return set()
    query = "SELECT User, Host FROM mysql.global_priv WHERE JSON_VALUE(Priv, '$.account_locked')"
    try:
        return {Account(str(user), str(host)) for user, host in fetch_rows(connection, query)}
    except pymysql.err.ProgrammingError:  # before MariaDB 10.4, which cannot lock
        return set()


def _set_account_lock(connection: Connection, account: Account, action: str) -> None:
    """Run ALTER USER with `action`, LOCK or UNLOCK. Log an account that does not exist any more."""
    try:
        execute(connection, f"ALTER USER %s@%s ACCOUNT {action}", (account.user, account.host))
    except pymysql.err.MySQLError as error:
        if error.args[0] != NO_SUCH_ACCOUNT:
            raise
        LOG.warning("account %s does not exist any more", account)


@contextmanager
def _disable_binary_log(connection: Connection) -> Iterator[None]:
    """Keep the statements of the block out of the binary log."""
    execute(connection, "SET SESSION sql_log_bin = 0")
    try:
        yield
    finally:
        execute(connection, "SET SESSION sql_log_bin = 1")
