"""Find the accounts of a MariaDB server that may write although it is read-only, also through a role or another account.

MariaDB has no super_read_only. Until 10.10 an account with SUPER may write, since 10.5 one with READ_ONLY ADMIN. Both are part of
ALL PRIVILEGES ON *.*. (mariadb.com/kb/en/grant "READ_ONLY ADMIN", MDEV-29596)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pymysql

from cutover_site.database.connections import Connection, fetch_rows, fetch_value, quote_identifier
from cutover_site.database.products import Product, read_product

LOCKS_SINCE = (10, 4, 2)
"""first MariaDB with ACCOUNT LOCK"""
SUPER_UNTIL = (10, 11, 0)
PUBLIC = "PUBLIC"
GLOBAL_GRANT = re.compile(r"^GRANT (?P<privileges>.+?) ON \*\.\* TO ")


@dataclass(frozen=True, order=True)
class Account:
    """A user and the host that it connects from; a role has no host."""

    user: str
    host: str

    def __str__(self) -> str:
        return f"'{self.user}'@'{self.host}'"


@dataclass(frozen=True)
class PrivilegedAccounts:
    """`lockable`: accounts to lock for the window. `reasons`: a sentence for each account that cannot be locked."""

    lockable: tuple[Account, ...] = ()
    reasons: tuple[str, ...] = ()


def find_privileged(connection: Connection) -> PrivilegedAccounts:
    """Return the accounts, except this connection's own, that may write in spite of read_only. On MySQL super_read_only stops all of them."""
    server = read_product(connection)
    if server.mysql:
        return PrivilegedAccounts()
    user, _, host = str(fetch_value(connection, "SELECT CURRENT_USER()")).rpartition("@")
    accounts, _ = _list_accounts(connection)
    holders = find_holders(connection)
    if Account(PUBLIC, "") in holders:
        return PrivilegedAccounts(
            reasons=("every account may write in spite of read_only: REVOKE READ_ONLY ADMIN ON *.* FROM PUBLIC",)
        )
    found = sorted(account for account in holders if account in accounts and account != Account(user, host))
    replicating = {
        str(name)
        for (name,) in fetch_rows(
            connection, "SELECT user FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%%'"
        )
    }
    reasons = [
        f"account {account} reads the binary log and may write in spite of read_only: REVOKE ALL PRIVILEGES ON *.* FROM {account},"
        " then grant it REPLICATION SLAVE, REPLICATION CLIENT and SELECT"
        for account in found
        if account.user in replicating
    ]
    lockable = [account for account in found if account.user not in replicating]
    if server.version < LOCKS_SINCE:
        reasons += [
            f"account {account} may write in spite of read_only, and {server.name} cannot lock it: REVOKE SUPER ON *.* FROM {account}"
            for account in lockable
        ]
        lockable = []
    return PrivilegedAccounts(tuple(lockable), tuple(reasons))


def find_holders(connection: Connection) -> set[Account]:
    """Return every account and role of a MariaDB server that may write in spite of read_only, this connection's own account too."""
    server = read_product(connection)
    accounts, roles = _list_accounts(connection)
    return _add_members(
        connection, {name for name in (*accounts, *roles) if _has_write_privilege(connection, name, server)}
    )


def _list_accounts(connection: Connection) -> tuple[set[Account], set[Account]]:
    """Return accounts and roles. PUBLIC, a role of every account, exists since MariaDB 10.11."""
    found = fetch_rows(connection, "SELECT User, Host, is_role FROM mysql.user")
    accounts = {Account(str(user), str(host)) for user, host, role in found if str(role) != "Y" and user != PUBLIC}
    return accounts, {Account(str(user), "") for user, _, role in found if str(role) == "Y" or user == PUBLIC}


def _has_write_privilege(connection: Connection, name: Account, server: Product) -> bool:
    try:
        if name.host:
            found = fetch_rows(connection, "SHOW GRANTS FOR %s@%s", (name.user, name.host))
        else:
            found = fetch_rows(
                connection, f"SHOW GRANTS FOR {name.user if name.user == PUBLIC else quote_identifier(name.user)}"
            )
    except pymysql.err.MySQLError:
        return True  # the privileges are not known, so the account counts as one that may write
    return any(has_write_privilege(str(grant[0]), server) for grant in found)


def has_write_privilege(grant: str, server: Product) -> bool:
    """Return whether a line of SHOW GRANTS lets its account write on a read-only server."""
    found = GLOBAL_GRANT.match(grant)
    if not found:
        return False
    privileges = {privilege.strip().replace("_", " ").upper() for privilege in found["privileges"].split(",")}
    wanted = {"ALL PRIVILEGES", "READ ONLY ADMIN", *(("SUPER",) if server.version < SUPER_UNTIL else ())}
    return bool(privileges & wanted)


def _add_members(connection: Connection, holders: set[Account]) -> set[Account]:
    """Return `holders` and all accounts that can take one of their roles, or act as one of them by PROXY, over any number of steps."""
    edges = [
        (Account(str(user), str(host)), Account(str(role), ""))
        for user, host, role in fetch_rows(connection, "SELECT User, Host, Role FROM mysql.roles_mapping")
    ]
    proxies = "SELECT User, Host, Proxied_user, Proxied_host FROM mysql.proxies_priv WHERE Proxied_user <> ''"
    edges += [
        (Account(str(user), str(host)), Account(str(as_user), str(as_host)))
        for user, host, as_user, as_host in fetch_rows(connection, proxies)
    ]
    return find_reaching(edges, holders)


def find_reaching(edges: Iterable[tuple[Account, Account]], holders: set[Account]) -> set[Account]:
    """Return `holders` and every account from which a chain of edges leads to one of them."""
    edges, found = list(edges), set(holders)
    while more := {member for member, of in edges if of in found} - found:
        found |= more
    return found
