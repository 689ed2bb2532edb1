"""What every request handler works with: the site's settings, this request's database session, the person who asks."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from flask import Flask, current_app, g

from ..config.config import Config
from ..domain.formats import Formats
from ..store.database import Database, Row, Session
from .sessions import Sessions


@dataclass(frozen=True)
class Site:
    config: Config
    database: Database
    sessions: Sessions


def install(app: Flask, site: Site) -> None:
    app.extensions["site"] = site
    app.teardown_request(_abandon)


def site() -> Site:
    found = current_app.extensions["site"]
    assert isinstance(found, Site)
    return found


def config() -> Config:
    return site().config


def db() -> Session:
    """The request's session, opened when first asked for. `settle` ends it; a handler that raises rolls it back."""
    if "db" not in g:
        g.db_stack = ExitStack()
        g.db = g.db_stack.enter_context(site().database.session())
    session = g.db
    assert isinstance(session, Session)
    return session


def settle(*, good: bool) -> None:
    """Commit, or forget what the request changed. Before the answer goes out: what is answered is stored."""
    if "db" not in g:
        return
    stack: ExitStack = g.pop("db_stack")
    session: Session = g.pop("db")
    with stack:
        if not good:
            session.rollback()


def _abandon(error: BaseException | None) -> None:
    if "db" not in g:
        return
    stack: ExitStack = g.pop("db_stack")
    session: Session = g.pop("db")
    with stack:
        if error:
            session.rollback()


def formats() -> Formats:
    return Formats(config(), db())


def me() -> Row | None:
    """The person who asks, or None for a stranger."""
    found: Row | None = g.get("user")
    return found
