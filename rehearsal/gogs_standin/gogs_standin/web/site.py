"""Provide what every request handler needs: the settings, the request's database session, and its user."""

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
    """The parts of one running site."""

    config: Config
    database: Database
    sessions: Sessions


def install(app: Flask, site: Site) -> None:
    """Attach the site to the application, and end each request's database session."""
    app.extensions["site"] = site
    app.teardown_request(_abandon_session)


def get_site() -> Site:
    """Return the site of the current application."""
    found = current_app.extensions["site"]
    assert isinstance(found, Site)
    return found


def get_config() -> Config:
    """Return the settings of the current application's site."""
    return get_site().config


def get_db() -> Session:
    """Return the request's database session, and open it at the first call.

    `end_session` ends it. A handler that raises rolls it back.
    """
    if "db" not in g:
        g.db_stack = ExitStack()
        g.db = g.db_stack.enter_context(get_site().database.open_session())
    session = g.db
    assert isinstance(session, Session)
    return session


def end_session(*, good: bool) -> None:
    """Commit or discard the request's changes before the response is sent, so that a confirmed change is stored."""
    if "db" not in g:
        return
    stack: ExitStack = g.pop("db_stack")
    session: Session = g.pop("db")
    with stack:
        if not good:
            session.roll_back()


def _abandon_session(error: BaseException | None) -> None:
    if "db" not in g:
        return
    stack: ExitStack = g.pop("db_stack")
    session: Session = g.pop("db")
    with stack:
        if error:
            session.roll_back()


def make_formats() -> Formats:
    """Return the formats with the request's database session."""
    return Formats(get_config(), get_db())


def get_me() -> Row | None:
    """Return the request's user, or None for a visitor who has not signed in."""
    found: Row | None = g.get("user")
    return found
