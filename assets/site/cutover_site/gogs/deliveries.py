"""Webhooks that wait to be told. A Gogs that starts tells them all, and has no setting that keeps it from it: a target that may still be
rolled back, whose source would tell them too, must find none. So they are held in the database until the commit. A freeze that restarts the
source's Gogs holds them there already: it would tell what the target tells later. A thaw gives them back.
"""

from __future__ import annotations

import hashlib
import logging
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

from cutover_site.database.connections import Connection, connect, execute, rows, target_application
from cutover_site.errors import SiteError
from cutover_site.gogs.layout import GOGS_HTTP_PORT, SCHEMA
from cutover_site.machine import Machine

LOG = logging.getLogger(__name__)
HELD = -1
"""in hook_task.delivered, where Gogs writes the time of a delivery"""
LOCK_SECONDS = 3
NO_BRANCH = "cutover..none"
"""a name that git lets no branch have: Gogs is asked to look after its webhooks, not after a branch's pull requests"""


@dataclass(frozen=True)
class Repository:
    number: int
    owner: str
    name: str
    owner_id: int
    secret: str

    def __repr__(self) -> str:
        return f"{self.owner}/{self.name}"


def hold_on_target(machine: Machine) -> int:
    """Hold what waits in the live data, before Gogs starts on it. Return how many webhooks."""
    with connect(target_application(machine), timeout=20) as connection:
        return hold(connection)


def release_on_target(machine: Machine) -> int:
    """Have this machine's Gogs, which runs, send what was held. Return how many webhooks. Safe to repeat.

    Raises SiteError when Gogs cannot be asked to; what it was not asked to send is held again.
    """
    port = machine.layout.application.http.upstream
    with connect(target_application(machine), timeout=20) as connection:
        return sum(_release(connection, repository, port) for repository in held(connection))


def _release(connection: Connection, repository: Repository, port: int) -> int:
    count = release(connection, repository)
    try:
        tell(repository, port)
    except SiteError:
        hold(connection)
        raise
    LOG.info("webhooks of %r released: %d", repository, count)
    return count


def give_back(connection: Connection, port: int = GOGS_HTTP_PORT) -> int:
    """On a source that is thawed: what was held is told by its Gogs, at its next start where it cannot be asked to. Raises pymysql.MySQLError."""
    waiting = held(connection)
    count = sum(release(connection, repository) for repository in waiting)
    try:
        for repository in waiting:
            tell(repository, port)
    except SiteError as error:
        LOG.warning("%s", error)
    return count


def hold(connection: Connection) -> int:
    """How many. Raises pymysql.MySQLError. The table is read once and nothing else of it locked: it has no index for this, and can be large."""
    found = [int(number) for (number,) in rows(connection, f"SELECT id FROM {SCHEMA}.hook_task WHERE is_delivered = 0")]
    execute(connection, f"SET SESSION innodb_lock_wait_timeout = {LOCK_SECONDS}")
    update = f"UPDATE {SCHEMA}.hook_task SET is_delivered = 1, delivered = {HELD} WHERE id = %s AND is_delivered = 0"
    return sum(execute(connection, update, (number,)) for number in found)


def held(connection: Connection) -> list[Repository]:
    """Those with webhooks that are held."""
    found = rows(
        connection,
        f"SELECT r.id, o.name, r.name, o.id, o.salt FROM {SCHEMA}.repository r JOIN {SCHEMA}.user o ON o.id = r.owner_id"
        f" WHERE r.id IN (SELECT repo_id FROM {SCHEMA}.hook_task WHERE is_delivered = 1 AND delivered = {HELD}) ORDER BY r.id",
    )
    return [
        Repository(int(number), str(owner), str(name), int(owner_id), _secret(str(salt)))
        for number, owner, name, owner_id, salt in found
    ]


def release(connection: Connection, repository: Repository) -> int:
    return execute(
        connection,
        f"UPDATE {SCHEMA}.hook_task SET is_delivered = 0, delivered = 0 WHERE is_delivered = 1 AND delivered = {HELD} AND repo_id = %s",
        (repository.number,),
    )


def tell(repository: Repository, port: int) -> None:
    """As Gogs's own hook does after a push. Raises SiteError."""
    path = f"/{urllib.parse.quote(repository.owner)}/{urllib.parse.quote(repository.name)}/tasks/trigger"
    query = urllib.parse.urlencode(
        {"branch": NO_BRANCH, "secret": repository.secret, "pusher": str(repository.owner_id)}
    )
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}{path}?{query}", timeout=10).close()
    except (urllib.error.URLError, OSError) as error:
        raise SiteError(
            f"Gogs was not told that webhooks of {repository!r} wait: {error}",
            next_action="cutover-tend.service tries it again; journalctl -u gogs.service",
        ) from error


def _secret(salt: str) -> str:
    return hashlib.md5(salt.encode(), usedforsecurity=False).hexdigest()
