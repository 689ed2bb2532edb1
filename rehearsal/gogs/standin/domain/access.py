"""Who may do what with a repository: 0 nothing, 1 read, 2 write, 3 administer, 4 own."""

from __future__ import annotations

from ..store.database import Row, Session

NONE, READ, WRITE, ADMIN, OWNER = range(5)
NAMES = {"read": READ, "write": WRITE, "admin": ADMIN}


def mode(db: Session, user: Row | None, repository: Row) -> int:
    """What this person may do; `None` is a stranger."""
    public = NONE if repository["is_private"] else READ
    if not user:
        return public
    if user["id"] == repository["owner_id"]:
        return OWNER
    found = db.one("SELECT mode FROM access WHERE user_id = %s AND repo_id = %s", user["id"], repository["id"])
    return max(public, found["mode"] if found else NONE)


def mode_of_visitor(db: Session, user: Row | None, repository: Row) -> int:
    """As mode, but the site's administrators own everything that they visit by API and browser."""
    return OWNER if user and user["is_admin"] else mode(db, user, repository)


def recalculate(db: Session, repository: Row) -> None:
    """Write the rows of `access` anew from collaborators and teams."""
    modes: dict[int, int] = {}
    for row in db.all("SELECT user_id, mode FROM collaboration WHERE repo_id = %s", repository["id"]):
        modes[row["user_id"]] = row["mode"]
    members = db.all(
        "SELECT tu.uid, IF(t.lower_name = 'owners', 4, t.authorize) AS mode FROM team t JOIN team_user tu ON tu.team_id = t.id"
        " WHERE t.org_id = %s AND (t.lower_name = 'owners'"
        " OR EXISTS (SELECT 1 FROM team_repo tr WHERE tr.team_id = t.id AND tr.repo_id = %s))",
        repository["owner_id"],
        repository["id"],
    )
    for row in members:
        modes[row["uid"]] = max(modes.get(row["uid"], NONE), row["mode"])
    db.run("DELETE FROM access WHERE repo_id = %s", repository["id"])
    for user_id, level in sorted(modes.items()):
        db.insert("access", user_id=user_id, repo_id=repository["id"], mode=level)
