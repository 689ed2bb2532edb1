"""Who may pull and push, for git over HTTP, SSH and LFS alike."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..config.config import Config
from ..domain import access, places, repositories, tokens, users
from ..domain.errors import Missing
from ..domain.pushes import Push
from ..store.database import Row, Session


@dataclass(frozen=True)
class Target:
    """A repository, or its wiki, as an address names it."""

    repository: Row
    path: Path
    wiki: bool

    def push_by(self, user: Row) -> dict[str, str]:
        """The hooks' environment. What is pushed to a wiki is noted nowhere."""
        return {} if self.wiki else Push(user["id"], self.repository["id"]).environment()


def target(db: Session, config: Config, owner: str, file: str) -> Target:
    """`file` is `name`, `name.git` or `name.wiki.git`. Raises Missing, also when there is a row and no folder."""
    stem = file.removesuffix(".git")
    wiki = stem.endswith(".wiki")
    owner_row, repository = repositories.by_name(db, owner, stem.removesuffix(".wiki"))
    place = places.wiki if wiki else places.repository
    path = place(config, owner_row["name"], repository["name"])
    if not path.is_dir():
        raise Missing(f"no folder {path}")
    return Target(repository, path, wiki)


def person(db: Session, name: str, password: str) -> Row | None:
    """By name and password, or by a token in place of either."""
    return users.authenticate(db, name, password) or tokens.user_of(db, name) or tokens.user_of(db, password)


def admits(db: Session, user: Row | None, repository: Row, *, writes: bool) -> bool:
    if writes and (user is None or repository["is_mirror"]):
        return False
    return access.mode(db, user, repository) >= (access.WRITE if writes else access.READ)
