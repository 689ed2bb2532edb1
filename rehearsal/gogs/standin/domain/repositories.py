"""Repositories: their rows, their folders, forks."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from ..config.config import Config
from ..git import hooks
from ..git.command import git
from ..git.repository import Repository
from ..store.database import Row, Session
from . import actions, audience, clock, organisations, places, users
from .errors import Exists, Missing, Refused

NAME = re.compile(r"[\w.-]{1,100}")


def by_id(db: Session, repository_id: int) -> Row:
    """Raises Missing."""
    found = db.one("SELECT * FROM repository WHERE id = %s", repository_id)
    if not found:
        raise Missing(f"repository does not exist: map[id:{repository_id}]")
    return found


def by_name(db: Session, owner: str, name: str) -> tuple[Row, Row]:
    """The owner's row and the repository's. Raises Missing."""
    owner_row = users.by_name(db, owner)
    found = owner_row and db.one(
        "SELECT * FROM repository WHERE owner_id = %s AND lower_name = %s", owner_row["id"], name.lower()
    )
    if not owner_row or not found:
        raise Missing(f"repository does not exist: map[owner:{owner} name:{name}]")
    return owner_row, found


def create(
    db: Session,
    config: Config,
    doer: Row,
    owner: Row,
    name: str,
    *,
    description: str = "",
    private: bool = False,
    auto_init: bool = False,
) -> Row:
    """Row and bare repository. Raises Refused; FileExistsError when its folder is there already (Gogs answers 500 for that)."""
    path = places.repository(config, owner["name"], name)
    if path.exists():
        raise FileExistsError(f"repository directory already exists: {path}")
    row = _insert(
        db,
        doer,
        owner,
        name,
        {
            "description": description,
            "is_private": int(private),
            "is_bare": int(not auto_init),
            "default_branch": config.default_branch,
            "external_tracker_style": "numeric",
        },
    )
    try:
        init_bare(config, path)
        if auto_init:
            _first_commit(config, path, name, description, doer)
        git("update-server-info", cwd=path)
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    users.update(db, owner["id"], last_repo_visibility=int(private))
    return row


def init_bare(config: Config, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    git("init", "-q", "--bare", str(path), cwd=path.parent)
    hooks.write(config, path)
    git("symbolic-ref", "HEAD", f"refs/heads/{config.default_branch}", cwd=path)


def fork(
    db: Session, config: Config, doer: Row, owner: Row, base_owner: Row, base: Row, name: str, description: str
) -> Row:
    """A copy that shares the base's objects by hard links. Raises Refused, Exists."""
    if db.one("SELECT id FROM repository WHERE owner_id = %s AND lower_name = %s", owner["id"], name.lower()):
        raise Exists("repository already exists")
    columns = {
        "description": description,
        "is_private": base["is_private"],
        "is_unlisted": base["is_unlisted"],
        "is_fork": 1,
        "fork_id": base["id"],
        "default_branch": base["default_branch"],
        "enable_wiki": 0,
        "enable_issues": 0,
        "enable_pulls": 0,
    }
    row = _insert(db, doer, owner, name, columns)
    db.run("UPDATE repository SET num_forks = num_forks + 1 WHERE id = %s", base["id"])
    path = places.repository(config, owner["name"], name)
    shutil.rmtree(path, ignore_errors=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        git(
            "clone",
            "-q",
            "--bare",
            str(places.repository(config, base_owner["name"], base["name"])),
            str(path),
            cwd=path.parent,
        )
        git("update-server-info", cwd=path)
        hooks.write(config, path)
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    users.update(db, owner["id"], last_repo_visibility=row["is_private"])
    update_size(db, config, owner, row)
    return by_id(db, row["id"])


def update_size(db: Session, config: Config, owner: Row, repository: Row) -> None:
    size = Repository(places.repository(config, owner["name"], repository["name"])).size()
    db.run("UPDATE repository SET size = %s WHERE id = %s", size, repository["id"])


def delete(db: Session, config: Config, owner: Row, repository: Row) -> None:
    """Rows and folders. What hangs on its issues goes too."""
    number = repository["id"]
    for table in ("comment", "attachment", "issue_label"):
        db.run(f"DELETE FROM `{table}` WHERE issue_id IN (SELECT id FROM issue WHERE repo_id = %s)", number)
    for table in (
        "issue_user",
        "issue",
        "label",
        "milestone",
        "release",
        "webhook",
        "hook_task",
        "star",
        "watch",
        "access",
        "collaboration",
        "action",
        "team_repo",
        "lfs_object",
        "deploy_key",
        "mirror",
    ):
        db.run(f"DELETE FROM `{table}` WHERE repo_id = %s", number)
    db.run("UPDATE repository SET num_forks = num_forks - 1 WHERE id = %s", repository["fork_id"])
    db.run("DELETE FROM repository WHERE id = %s", number)
    db.run("UPDATE `user` SET num_repos = num_repos - 1 WHERE id = %s", owner["id"])
    for path in (
        places.repository(config, owner["name"], repository["name"]),
        places.wiki(config, owner["name"], repository["name"]),
    ):
        shutil.rmtree(path, ignore_errors=True)


def owned(db: Session, owner_id: int, *, private: bool) -> list[Row]:
    condition = "" if private else " AND is_private = 0 AND is_unlisted = 0"
    return db.all(f"SELECT * FROM repository WHERE owner_id = %s{condition} ORDER BY updated_unix DESC, id", owner_id)


def accessible(db: Session, user_id: int) -> list[tuple[Row, int]]:
    """What others own and this person may at least read by name, with the level."""
    rows = db.all(
        "SELECT r.*, a.mode AS access_mode FROM access a JOIN repository r ON r.id = a.repo_id"
        " WHERE a.user_id = %s AND r.owner_id <> %s ORDER BY r.id",
        user_id,
        user_id,
    )
    return [(row, row.pop("access_mode")) for row in rows]


def _insert(db: Session, doer: Row, owner: Row, name: str, columns: dict[str, object]) -> Row:
    if not NAME.fullmatch(name) or name in (".", "..") or name.endswith((".git", ".wiki")):
        raise Refused(f"repository name is not allowed: {name}")
    if db.one("SELECT id FROM repository WHERE owner_id = %s AND lower_name = %s", owner["id"], name.lower()):
        raise Exists(f"repository already exists: map[name:{name} ownerID:{owner['id']}]")
    seconds = clock.now()
    row = {
        **_BLANK,
        "owner_id": owner["id"],
        "lower_name": name.lower(),
        "name": name,
        "created_unix": seconds,
        "updated_unix": seconds,
    }
    number = db.insert("repository", **{**row, **columns})
    repository = by_id(db, number)
    db.run("UPDATE `user` SET num_repos = num_repos + 1 WHERE id = %s", owner["id"])
    if owner["type"] == users.ORGANISATION:
        team = organisations.owners_team(db, owner["id"])
        organisations.add_repository(db, team["id"], repository)
        for member in organisations.team_members(db, team["id"]):
            audience.watch(db, member["id"], number)
    audience.watch(db, owner["id"], number)
    kind = actions.FORK_REPO if repository["is_fork"] else actions.CREATE_REPO
    actions.record(db, kind, doer, owner, repository)
    return by_id(db, number)


_TEXTS = "description website default_branch external_wiki_url external_tracker_url external_tracker_format external_tracker_style"
_NUMBERS = (
    "size use_custom_avatar num_watches num_stars num_forks num_issues num_closed_issues num_pulls num_closed_pulls num_milestones"
    " num_closed_milestones is_private is_unlisted is_bare is_mirror allow_public_wiki enable_external_wiki allow_public_issues"
    " enable_external_tracker pulls_ignore_whitespace pulls_allow_rebase is_fork fork_id"
)
_BLANK: dict[str, object] = {
    **dict.fromkeys(_TEXTS.split(), ""),
    **dict.fromkeys(_NUMBERS.split(), 0),
    **dict.fromkeys(("enable_wiki", "enable_issues", "enable_pulls"), 1),
}
"""Gogs writes every column; so does this."""


def _first_commit(config: Config, path: Path, name: str, description: str, doer: Row) -> None:
    with tempfile.TemporaryDirectory(prefix=f"gogs-{name}-") as folder:
        copy = Path(folder) / "copy"
        git("clone", "-q", str(path), str(copy), cwd=Path(folder))
        git("symbolic-ref", "HEAD", f"refs/heads/{config.default_branch}", cwd=copy)
        (copy / "README.md").write_text(f"# {name}\n\n{description}")
        git("add", "--all", cwd=copy)
        who = {"GIT_AUTHOR_NAME": users.display_name(doer), "GIT_AUTHOR_EMAIL": doer["email"]}
        who |= {"GIT_COMMITTER_NAME": users.display_name(doer), "GIT_COMMITTER_EMAIL": doer["email"]}
        git("commit", "-q", "-m", "Initial commit", cwd=copy, env=who)
        git(
            "push",
            "-q",
            "origin",
            f"HEAD:refs/heads/{config.default_branch}",
            cwd=copy,
            env={"SSH_ORIGINAL_COMMAND": ""},
        )
