"""What is shut for the window besides read_only: accounts that it does not hold, and the event scheduler. And how it is opened again.

What was changed is on disk before it is changed, so that thaw and the dead man's switch undo exactly that, also after a crash or restart.
Account locks are kept by the server itself. None of these statements goes into the binary log.
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

from cutover_site.database.connections import Connection, execute, one, rows
from cutover_site.database.privileged import Account, find_privileged
from cutover_site.database.products import product
from cutover_site.database.variables import variable
from cutover_site.database.writers import PAUSE, kill
from cutover_site.errors import NotConfigured, SiteError
from cutover_site.layout import Layout
from cutover_site.system import textfiles

LOG = logging.getLogger(__name__)
CANNOT_USER = 1396
"""ALTER USER of an account that is not there"""
END_SECONDS = 30.0
ALL_CONNECTIONS = 2**63 - 1
UNAUTHENTICATED = "unauthenticated user"
"""in the list of processes, until a connection has said who it is"""


@dataclass(frozen=True)
class Lockout:
    """What this tool has shut. `marker`: where the binary log ended after the marker of `run`.

    `newest`: the newest connection when the accounts had been locked. A later one cannot be of theirs, only of an account of the same name.
    """

    accounts: tuple[Account, ...] = ()
    event_scheduler: bool = False
    run: str = ""
    marker: str = ""
    newest: int = ALL_CONNECTIONS


def read(layout: Layout) -> Lockout:
    """Raises NotConfigured when the file is damaged."""
    try:
        raw = json.loads(layout.database_lockout.read_text())
        accounts = tuple(Account(one["user"], one["host"]) for one in raw["accounts"])
        newest = int(raw.get("newest", ALL_CONNECTIONS))
        return Lockout(accounts, bool(raw["event_scheduler"]), str(raw["run"]), str(raw["marker"]), newest)
    except FileNotFoundError:
        return Lockout()
    except (ValueError, KeyError, TypeError) as error:
        raise NotConfigured(
            f"{layout.database_lockout} is damaged ({error})",
            next_action="unlock the accounts by ALTER USER … ACCOUNT UNLOCK, then remove the file",
        ) from error


def write(layout: Layout, lockout: Lockout) -> None:
    path: Path = layout.database_lockout
    textfiles.replace(path, json.dumps(asdict(lockout)) + "\n", mode=0o600)


def note_event_scheduler(connection: Connection, layout: Layout) -> None:
    """Keep whether it runs, before a file of settings stops it: a server that restarts with that file does not tell any more."""
    before = read(layout)
    if not before.event_scheduler and _runs_events(connection):
        write(layout, replace(before, event_scheduler=True))


def shut(connection: Connection, layout: Layout) -> int:
    """Lock the accounts, end their connections, stop the event scheduler. Return how many connections were ended. Safe to repeat."""
    note_event_scheduler(connection, layout)
    before = read(layout)
    found = find_privileged(connection)
    locked = _locked(connection)
    ours = tuple(sorted({*before.accounts, *(account for account in found.lockable if account not in locked)}))
    write(layout, replace(before, accounts=ours))
    with _not_logged(connection):
        for account in ours:
            _alter(connection, account, "LOCK")
    closed = replace(read(layout), newest=int(one(connection, "SELECT MAX(id) FROM information_schema.processlist")))
    write(layout, closed)
    if _runs_events(connection):
        execute(connection, "SET GLOBAL event_scheduler = OFF")
    return end_connections(connection, closed)


def open_again(connection: Connection, layout: Layout) -> None:
    """Undo what `shut` has done, and nothing else. The server must accept writes by now."""
    before = read(layout)
    if before.accounts:
        with _not_logged(connection):
            for account in before.accounts:
                _alter(connection, account, "UNLOCK")
    if before.event_scheduler:
        execute(connection, "SET GLOBAL event_scheduler = ON")
    layout.database_lockout.unlink(missing_ok=True)


def end_connections(connection: Connection, closed: Lockout) -> int:
    """An account's lock and privileges count when it connects: connections that are open must go. Raises SiteError."""
    count, deadline = 0, time.monotonic() + END_SECONDS
    while threads := connections_of(connection, closed):
        if time.monotonic() >= deadline:
            raise SiteError(
                f"connections {threads} of accounts that may write in spite of read_only cannot be ended",
                next_action="look at SHOW PROCESSLIST",
            )
        for thread in threads:
            kill(connection, thread)
        count = max(count, len(threads))
        time.sleep(PAUSE)  # the server has no event for "a connection ended"
    return count


def connections_of(connection: Connection, closed: Lockout) -> list[int]:
    """Return connections from before the lock, of users with the names of the locked accounts, and those that still say who they are.

    Not those of this connection's own account, which this tool needs for the thaw.
    """
    names = {account.user for account in closed.accounts}
    if not names:
        return []
    own_user, _, own_host = str(one(connection, "SELECT CURRENT_USER()")).rpartition("@")
    query = "SELECT id, user, host FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND id <= %s"
    return [
        int(thread)
        for thread, user, host in rows(connection, query, (closed.newest,))
        if user in names | {UNAUTHENTICATED}
        and (user, str(host).rpartition(":")[0] or str(host)) != (own_user, own_host)
    ]


def _runs_events(connection: Connection) -> bool:
    return str(variable(connection, "event_scheduler")).upper() in ("ON", "1")


def _locked(connection: Connection) -> set[Account]:
    """Return accounts that somebody else has locked, which stay so. None on MySQL, where no account is locked by this tool."""
    if product(connection).mysql:
        return set()
    query = "SELECT User, Host FROM mysql.global_priv WHERE JSON_VALUE(Priv, '$.account_locked')"
    try:
        return {Account(str(user), str(host)) for user, host in rows(connection, query)}
    except pymysql.err.ProgrammingError:  # before MariaDB 10.4, which cannot lock
        return set()


def _alter(connection: Connection, account: Account, what: str) -> None:
    try:
        execute(connection, f"ALTER USER %s@%s ACCOUNT {what}", (account.user, account.host))
    except pymysql.err.MySQLError as error:
        if error.args[0] != CANNOT_USER:
            raise
        LOG.warning("account %s is not there any more", account)


@contextmanager
def _not_logged(connection: Connection) -> Iterator[None]:
    execute(connection, "SET SESSION sql_log_bin = 0")
    try:
        yield
    finally:
        execute(connection, "SET SESSION sql_log_bin = 1")
