"""Organisations, their owners' team, further teams and members."""

from __future__ import annotations

from ..config.config import Config
from ..store.database import Row, Session
from . import access, avatars, users
from .errors import Exists


def create(db: Session, config: Config, owner: Row, name: str, full_name: str, **more: object) -> Row:
    """With its owners' team, of which `owner` is the one member. Raises Exists, Refused."""
    row = users.create_organisation_row(db, name, full_name, **more)
    avatars.draw(config.avatars, row["id"], row["name"])
    db.insert("org_user", uid=owner["id"], org_id=row["id"], is_public=0, is_owner=1, num_teams=1)
    team = create_team(db, row["id"], "Owners", "", access.OWNER)
    db.insert("team_user", org_id=row["id"], team_id=team, uid=owner["id"])
    db.run("UPDATE team SET num_members = 1 WHERE id = %s", team)
    (config.repositories / str(row["lower_name"])).mkdir(parents=True, exist_ok=True)
    return row


def create_team(db: Session, organisation_id: int, name: str, description: str, level: int) -> int:
    """The new team's id. Raises Exists."""
    if db.one("SELECT id FROM team WHERE org_id = %s AND lower_name = %s", organisation_id, name.lower()):
        raise Exists(f"team already exists: map[name:{name} orgID:{organisation_id}]")
    return db.insert(
        "team",
        org_id=organisation_id,
        lower_name=name.lower(),
        name=name,
        description=description,
        authorize=level,
        num_repos=0,
        num_members=0,
    )


def add_member(db: Session, team: Row, user: Row) -> None:
    """Harmless for one who is a member already."""
    if db.one("SELECT id FROM team_user WHERE team_id = %s AND uid = %s", team["id"], user["id"]):
        return
    db.insert("team_user", org_id=team["org_id"], team_id=team["id"], uid=user["id"])
    db.run("UPDATE team SET num_members = num_members + 1 WHERE id = %s", team["id"])
    if db.one("SELECT id FROM org_user WHERE org_id = %s AND uid = %s", team["org_id"], user["id"]):
        db.run(
            "UPDATE org_user SET num_teams = num_teams + 1 WHERE org_id = %s AND uid = %s", team["org_id"], user["id"]
        )
    else:
        db.insert("org_user", uid=user["id"], org_id=team["org_id"], is_public=0, is_owner=0, num_teams=1)
        db.run("UPDATE `user` SET num_members = num_members + 1 WHERE id = %s", team["org_id"])
    for repository in db.all("SELECT * FROM repository WHERE owner_id = %s", team["org_id"]):
        access.recalculate(db, repository)


def add_repository(db: Session, team_id: int, repository: Row) -> None:
    """The team works on the repository from now on; its members watch it."""
    db.insert("team_repo", org_id=repository["owner_id"], team_id=team_id, repo_id=repository["id"])
    db.run("UPDATE team SET num_repos = num_repos + 1 WHERE id = %s", team_id)
    access.recalculate(db, repository)


def team_members(db: Session, team_id: int) -> list[Row]:
    return db.all(
        "SELECT u.* FROM team_user t JOIN `user` u ON u.id = t.uid WHERE t.team_id = %s ORDER BY u.id", team_id
    )


def owners_team(db: Session, organisation_id: int) -> Row:
    """Raises LookupError when the organisation has none, which no organisation should."""
    found = db.one("SELECT * FROM team WHERE org_id = %s AND lower_name = 'owners'", organisation_id)
    if not found:
        raise LookupError(f"organisation {organisation_id} has no owners")
    return found


def is_owned_by(db: Session, organisation_id: int, user_id: int) -> bool:
    return (
        db.one("SELECT id FROM org_user WHERE org_id = %s AND uid = %s AND is_owner = 1", organisation_id, user_id)
        is not None
    )


def of_user(db: Session, user_id: int) -> list[Row]:
    return db.all("SELECT u.* FROM org_user o JOIN `user` u ON u.id = o.org_id WHERE o.uid = %s ORDER BY u.id", user_id)
