"""Decide who may pull and push, for git over HTTP, SSH and LFS."""

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
    """A repository or its wiki, as an address names it."""

    repository: Row
    path: Path
    wiki: bool
    protected: bool

    def push_by(self, user: Row) -> dict[str, str]:
        """Return the hooks' environment for a push by this user. It is empty for a wiki, whose pushes are not recorded."""
        return {} if self.wiki else Push(user["id"], self.repository["id"], self.protected).build_environment()


class SecondFactorNeeded(Exception):
    """Name and password are right, but the user has a second factor: git and LFS accept only a token."""


def find_target(db: Session, config: Config, owner: str, file: str) -> Target:
    """Return the target of an address. `file` is `name`, `name.git` or `name.wiki.git`.

    Raises Missing, also when the repository's folder does not exist.
    """
    stem = file.removesuffix(".git")
    wiki = stem.endswith(".wiki")
    owner_row, repository = repositories.find_by_name(db, owner, stem.removesuffix(".wiki"))
    place = paths.locate_wiki if wiki else paths.locate_repository
    path = place(config, owner_row["name"], repository["name"])
    if not path.is_dir():
        raise Missing(f"no folder {path}")
    return Target(repository, path, wiki, protection.has_any(db, repository["id"]))


def find_person(db: Session, name: str, password: str) -> Row | None:
    """Return the user by name and password, or by a token in place of either; None otherwise. Raises SecondFactorNeeded."""
    if found := users.authenticate(db, name, password):
        if users.has_second_factor(db, found["id"]):
            raise SecondFactorNeeded(found["name"])
        return found
    return tokens.find_owner(db, name) or tokens.find_owner(db, password)


def has_access(db: Session, user: Row | None, repository: Row, *, writes: bool) -> bool:
    """Return whether the user, or a visitor (None), may read or with `writes` write. Administrators of the site have no more rights here."""
    if writes and user is None:
        return False
    return access.read_mode(db, user, repository) >= (access.WRITE if writes else access.READ)
