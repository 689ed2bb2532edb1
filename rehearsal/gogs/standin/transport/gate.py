"""Who may pull and push, for git over HTTP, SSH and LFS alike."""

from __future__ import annotations

from ..domain import tokens, users
from ..store.database import Row, Session


def person(db: Session, name: str, password: str) -> Row | None:
    """By name and password, or by a token in place of either."""
    return users.authenticate(db, name, password) or tokens.user_of(db, name) or tokens.user_of(db, password)


def split(repository: str) -> tuple[str, bool]:
    """Name without .git and .wiki, and whether it is the wiki."""
    name = repository.removesuffix(".git")
    return name.removesuffix(".wiki"), name.endswith(".wiki")
