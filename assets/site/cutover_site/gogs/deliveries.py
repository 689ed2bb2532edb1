"""Hold waiting webhooks in the database, and release them.

When Gogs starts it sends all waiting webhooks, and no setting prevents this. A target that may still be rolled back must not send them, because
the source would send them too. So they are held until the commit. A freeze that restarts the source's Gogs holds them before the restart,
because the target sends them later. A thaw releases them on the source.
"""

from __future__ import annotations

import hashlib
import logging
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

from cutover_site.database.connections import Connection, connect, execute, fetch_rows, quote_identifier
from cutover_site.database.site_logins import read_target_application_login
from cutover_site.errors import SiteError
from cutover_site.machine import Machine

LOG = logging.getLogger(__name__)
HELD = -1
"""value of hook_task.delivered, where Gogs writes the time of a delivery"""
LOCK_WAIT_SECONDS = 3
NO_BRANCH = "cutover..none"
"""a name that git does not allow for a branch, so that Gogs sends its webhooks only, and updates no pull request"""


@dataclass(frozen=True)
class Repository:
    """A repository with held webhooks. `secret`: Gogs's own key for triggering tasks, never in a repr."""

    number: int
    owner: str
    name: str
    owner_id: int
    secret: str

    def __repr__(self) -> str:
        return f"{self.owner}/{self.name}"


def hold_on_target(machine: Machine) -> int:
    """Hold the waiting webhooks, before Gogs starts on the live data. Return how many were held."""
    with connect(read_target_application_login(machine), timeout=20) as connection:
        return hold(connection, machine.layout.application.database.primary)


def release_on_target(machine: Machine) -> int:
    """Let this machine's running Gogs send the held webhooks. Return how many. Safe to repeat.

    Raises SiteError when Gogs cannot be reached; the webhooks that it has not accepted are held again.
    """
    port, schema = machine.layout.application.http.upstream, machine.layout.application.database.primary
    with connect(read_target_application_login(machine), timeout=20) as connection:
        waiting = list_repositories_with_held(connection, schema)
        return sum(_release(connection, repository, port, schema) for repository in waiting)


def _release(connection: Connection, repository: Repository, port: int, schema: str) -> int:
    count = release(connection, repository, schema)
    try:
        trigger_delivery(repository, port)
    except SiteError:
        hold(connection, schema)
        raise
    LOG.info("webhooks of %r released: %d", repository, count)
    return count


def release_on_source(connection: Connection, port: int, schema: str) -> int:
    """Release the held webhooks on a source after a thaw. Return how many. Raises pymysql.MySQLError.

    If Gogs cannot be reached it sends them at its next start.
    """
    waiting = list_repositories_with_held(connection, schema)
    count = sum(release(connection, repository, schema) for repository in waiting)
    try:
        for repository in waiting:
            trigger_delivery(repository, port)
    except SiteError as error:
        LOG.warning("%s", error)
    return count


def hold(connection: Connection, schema: str) -> int:
    """Hold the waiting webhooks. Return how many. Raises pymysql.MySQLError.

    Reads the table once and locks only the rows that it changes: the table has no index for this, and can be large.
    """
    table = f"{quote_identifier(schema)}.hook_task"
    found = [int(number) for (number,) in fetch_rows(connection, f"SELECT id FROM {table} WHERE is_delivered = 0")]
    execute(connection, f"SET SESSION innodb_lock_wait_timeout = {LOCK_WAIT_SECONDS}")
    update = f"UPDATE {table} SET is_delivered = 1, delivered = {HELD} WHERE id = %s AND is_delivered = 0"
    return sum(execute(connection, update, (number,)) for number in found)


def list_repositories_with_held(connection: Connection, schema: str) -> list[Repository]:
    """Return the repositories with held webhooks."""
    name = quote_identifier(schema)
    found = fetch_rows(
        connection,
        f"SELECT r.id, o.name, r.name, o.id, o.salt FROM {name}.repository r JOIN {name}.user o ON o.id = r.owner_id"
        f" WHERE r.id IN (SELECT repo_id FROM {name}.hook_task WHERE is_delivered = 1 AND delivered = {HELD}) ORDER BY r.id",
    )
    return [
        Repository(int(number), str(owner), str(name), int(owner_id), _compute_secret(str(salt)))
        for number, owner, name, owner_id, salt in found
    ]


def release(connection: Connection, repository: Repository, schema: str) -> int:
    """Mark the held webhooks of a repository as waiting again. Return how many."""
    return execute(
        connection,
        f"UPDATE {quote_identifier(schema)}.hook_task SET is_delivered = 0, delivered = 0 WHERE is_delivered = 1 AND delivered = {HELD} AND repo_id = %s",
        (repository.number,),
    )


def trigger_delivery(repository: Repository, port: int) -> None:
    """Let Gogs send the waiting webhooks of a repository, by the request that its own hook sends after a push. Raises SiteError."""
    path = f"/{urllib.parse.quote(repository.owner)}/{urllib.parse.quote(repository.name)}/tasks/trigger"
    query = urllib.parse.urlencode(
        {"branch": NO_BRANCH, "secret": repository.secret, "pusher": str(repository.owner_id)}
    )
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}{path}?{query}", timeout=10).close()
    except (urllib.error.URLError, OSError) as error:
        raise SiteError(
            f"Gogs did not accept the request to send the waiting webhooks of {repository!r}: {error}",
            next_action="cutover-tend.service tries it again; see journalctl -u gogs.service",
        ) from error


def _compute_secret(salt: str) -> str:
    return hashlib.md5(salt.encode(), usedforsecurity=False).hexdigest()
