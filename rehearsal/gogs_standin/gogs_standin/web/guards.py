"""What pages ask of a visitor."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec
from urllib.parse import quote_plus, unquote_plus

from flask import Response, request

from ..domain import access, paths, repositories
from ..domain.exceptions import Missing
from ..git.repository import Repository
from ..store.database import Row
from .responses import redirect
from .site import config, db, me

P = ParamSpec("P")
REDIRECT_COOKIE = "redirect_to"
"""The cookie's name."""


def signed_in(handler: Callable[P, Response]) -> Callable[P, Response]:
    """Strangers are sent to the login page, and come back here from it."""

    @functools.wraps(handler)
    def guarded(*arguments: P.args, **options: P.kwargs) -> Response:
        if me():
            return handler(*arguments, **options)
        answer = redirect("/user/login")
        remember_redirect(answer)
        return answer

    return guarded


def remember_redirect(answer: Response) -> None:
    way = request.full_path.removesuffix("?")
    answer.set_cookie(REDIRECT_COOKIE, quote_plus(way))


def read_redirect() -> str:
    """Where the visitor wanted to go before signing in; the home page when it is not of this site."""
    path = unquote_plus(request.cookies.get(REDIRECT_COOKIE, "")).replace("\\", "/")
    return path if path.startswith("/") and "//" not in path else "/"


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
    return Repository(paths.repository(config(), owner["name"], row["name"]))


def link(owner: Row, row: Row) -> str:
    return f"/{owner['name']}/{row['name']}"
