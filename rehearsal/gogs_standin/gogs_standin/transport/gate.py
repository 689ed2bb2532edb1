"""Who may pull and push, for git over HTTP, SSH and LFS alike."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..config.config import Config
from ..domain import access, paths, protection, repositories, tokens, users
from ..domain.exceptions import Missing
from ..domain.pushes import Push
from ..store.database import Row, Session


@dataclass(frozen=True)
class Target:
    """A repository, or its wiki, as an address names it."""

    repository: Row
    path: Path
    wiki: bool
    protected: bool

    def push_by(self, user: Row) -> dict[str, str]:
        """The hooks' environment. What is pushed to a wiki is noted nowhere."""
        return {} if self.wiki else Push(user["id"], self.repository["id"], self.protected).environment()


class SecondFactorNeeded(Exception):
    """The name and the password are right, and the user has a second factor: only a token opens git and LFS."""


def target(db: Session, config: Config, owner: str, file: str) -> Target:
    """`file` is `name`, `name.git` or `name.wiki.git`. Raises Missing, also when there is a row and no folder."""
    stem = file.removesuffix(".git")
    wiki = stem.endswith(".wiki")
    owner_row, repository = repositories.by_name(db, owner, stem.removesuffix(".wiki"))
    place = paths.wiki if wiki else paths.repository
    path = place(config, owner_row["name"], repository["name"])
    if not path.is_dir():
        raise Missing(f"no folder {path}")
    return Target(repository, path, wiki, protection.has_any(db, repository["id"]))


def person(db: Session, name: str, password: str) -> Row | None:
    """By name and password, or by a token in place of either. Raises SecondFactorNeeded."""
    if found := users.authenticate(db, name, password):
        if users.has_second_factor(db, found["id"]):
            raise SecondFactorNeeded(found["name"])
        return found
    return tokens.user_of(db, name) or tokens.user_of(db, password)


def admits(db: Session, user: Row | None, repository: Row, *, writes: bool) -> bool:
    if writes and user is None:
        return False
    return access.mode(db, user, repository) >= (access.WRITE if writes else access.READ)
