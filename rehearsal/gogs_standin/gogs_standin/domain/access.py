"""Compute a user's access to a repository: 0 nothing, 1 read, 2 write, 3 administer, 4 own."""

from __future__ import annotations

from ..store.database import Row, Session

NONE, READ, WRITE, ADMIN, OWNER = range(5)
NAMES = {"read": READ, "write": WRITE, "admin": ADMIN, "owner": OWNER}


def read_mode(db: Session, user: Row | None, repository: Row) -> int:
    """Return the user's access. `None` is a visitor who has not signed in."""
    if user and user["id"] == repository["owner_id"]:
        return OWNER
    public = NONE if repository["is_private"] else READ
    granted = user and db.fetch_one(
        "SELECT mode FROM access WHERE user_id = %s AND repo_id = %s", user["id"], repository["id"]
    )
    return max(public, granted["mode"]) if granted else public


def read_visitor_mode(db: Session, user: Row | None, repository: Row) -> int:
    """Return the user's access by API and browser, where the site's administrators own everything."""
    return OWNER if user and user["is_admin"] else read_mode(db, user, repository)


def recalculate_access(db: Session, repository: Row) -> None:
    """Replace the repository's rows of `access`: per user the maximum of all collaborations and teams.

    A team of owners has all repositories.
    """
    db.run("DELETE FROM access WHERE repo_id = %s", repository["id"])
    db.run(
        "INSERT INTO access (user_id, repo_id, mode) SELECT granted.person, %s, MAX(granted.mode) FROM ("
        " SELECT c.user_id AS person, c.mode FROM collaboration c WHERE c.repo_id = %s"
        " UNION ALL SELECT m.uid, t.authorize FROM team t JOIN team_user m ON m.team_id = t.id"
        "  LEFT JOIN team_repo w ON w.team_id = t.id AND w.repo_id = %s"
        "  WHERE t.org_id = %s AND (t.authorize = %s OR w.id IS NOT NULL)"
        ") AS granted GROUP BY granted.person",
        repository["id"], repository["id"], repository["id"], repository["owner_id"], OWNER,
    )  # fmt: skip
