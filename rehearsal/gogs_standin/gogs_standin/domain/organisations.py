"""Store organisations and their team of owners."""

from __future__ import annotations

from ..config.config import Config
from ..store.database import Row, Session
from . import access, avatars, followers, users


def create(db: Session, config: Config, owner: Row, name: str, full_name: str, **more: object) -> Row:
    """Create an organisation with a team of owners, whose only member is `owner`. Raises Exists, RequestRefused."""
    row = users.create_organisation(db, name, full_name, num_teams=1, num_members=1, **more)
    team = db.insert(
        "team", org_id=row["id"], lower_name="owners", name="Owners", authorize=access.OWNER, num_members=1
    )
    db.insert("team_user", org_id=row["id"], team_id=team, uid=owner["id"])
    db.insert("org_user", org_id=row["id"], uid=owner["id"], is_owner=1, num_teams=1)
    avatars.save(config.avatars, row["id"], avatars.draw_identicon(name))
    (config.repositories / str(row["lower_name"])).mkdir(parents=True, exist_ok=True)
    return row


def add_repository(db: Session, organisation: Row, repository: Row) -> None:
    """Add a new repository to the team of owners, who then watch it."""
    team = db.fetch_existing(
        "SELECT id FROM team WHERE org_id = %s AND authorize = %s", organisation["id"], access.OWNER
    )
    db.insert("team_repo", org_id=organisation["id"], team_id=team["id"], repo_id=repository["id"])
    db.run("UPDATE team SET num_repos = num_repos + 1 WHERE id = %s", team["id"])
    access.recalculate_access(db, repository)
    for member in db.fetch_all("SELECT uid FROM team_user WHERE team_id = %s", team["id"]):
        followers.watch(db, member["uid"], repository["id"])


def is_owned_by(db: Session, organisation_id: int, user_id: int) -> bool:
    """Return whether the user is one of the organisation's owners."""
    found = db.fetch_one(
        "SELECT id FROM org_user WHERE org_id = %s AND uid = %s AND is_owner = 1", organisation_id, user_id
    )
    return found is not None


def list_organisations_of_user(db: Session, user_id: int) -> list[Row]:
    """Return the organisations of which the user is a member, oldest first."""
    return db.fetch_all(
        "SELECT u.* FROM org_user o JOIN `user` u ON u.id = o.org_id WHERE o.uid = %s ORDER BY u.id", user_id
    )
