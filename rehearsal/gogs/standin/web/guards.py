"""What pages ask of a visitor."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

from flask import Response

from ..domain import access, places, repositories
from ..domain.errors import Missing
from ..git.repository import Repository
from ..store.database import Row
from .replies import redirect
from .site import config, db, me

P = ParamSpec("P")


def signed_in(handler: Callable[P, Response]) -> Callable[P, Response]:
    """Strangers are sent to the login page."""

    @functools.wraps(handler)
    def guarded(*arguments: P.args, **options: P.kwargs) -> Response:
        return handler(*arguments, **options) if me() else redirect("/user/login")

    return guarded


def visitor() -> Row:
    """The person, where `signed_in` has made sure that there is one."""
    user = me()
    assert user
    return user


def repository(owner: str, name: str, at_least: int = access.READ) -> tuple[Row, Row]:
    """Owner and repository. Raises Missing, also for what this visitor may not do."""
    owner_row, row = repositories.by_name(db(), owner, name)
    if access.mode_of_visitor(db(), me(), row) < at_least:
        raise Missing(name)
    return owner_row, row


def opened(owner: Row, row: Row) -> Repository:
    return Repository(places.repository(config(), owner["name"], row["name"]))


def link(owner: Row, row: Row) -> str:
    return f"/{owner['name']}/{row['name']}"
