"""Check the conditions of pages: a signed-in user, and access to a repository."""

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
from .site import get_config, get_db, get_me

P = ParamSpec("P")
REDIRECT_COOKIE = "redirect_to"
"""name of the cookie with the address to return to"""


def require_signed_in(handler: Callable[P, Response]) -> Callable[P, Response]:
    """Redirect strangers to the login page, which returns them to the requested page."""

    @functools.wraps(handler)
    def guarded(*arguments: P.args, **options: P.kwargs) -> Response:
        if get_me():
            return handler(*arguments, **options)
        answer = redirect("/user/login")
        store_redirect(answer)
        return answer

    return guarded


def store_redirect(answer: Response) -> None:
    """Store the requested address in a cookie for the time after the sign-in."""
    way = request.full_path.removesuffix("?")
    answer.set_cookie(REDIRECT_COOKIE, quote_plus(way))


def read_redirect() -> str:
    """Return the address that the visitor requested before signing in; the home page when it is not of this site."""
    path = unquote_plus(request.cookies.get(REDIRECT_COOKIE, "")).replace("\\", "/")
    return path if path.startswith("/") and "//" not in path else "/"


def get_visitor() -> Row:
    """Return the signed-in user. Only for handlers behind `signed_in`."""
    user = get_me()
    assert user
    return user


def find_repository(owner: str, name: str, at_least: int = access.READ) -> tuple[Row, Row]:
    """Return owner and repository. Raises Missing, also when this visitor's access is below `at_least`."""
    owner_row, row = repositories.find_by_name(get_db(), owner, name)
    if access.read_visitor_mode(get_db(), get_me(), row) < at_least:
        raise Missing(name)
    return owner_row, row


def open_repository(owner: Row, row: Row) -> Repository:
    """Return the bare repository on the disk. It does not check that the folder exists."""
    return Repository(paths.locate_repository(get_config(), owner["name"], row["name"]))


def link(owner: Row, row: Row) -> str:
    """Return the path of the repository's page."""
    return f"/{owner['name']}/{row['name']}"
