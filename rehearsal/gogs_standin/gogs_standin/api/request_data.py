"""Read what a call must have: its fields, an authenticated user, a repository with sufficient access."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, ParamSpec

from flask import Response, g, request

from ..domain import access, repositories
from ..domain.exceptions import Forbidden, Missing, RequestRefused
from ..store.database import Row
from ..web.responses import make_bare_response, make_json_response
from ..web.site import get_config, get_db, get_me

P = ParamSpec("P")
Handler = Callable[P, Response]
_NAME = re.compile(r"[\w.-]+")


def require_token(handler: Handler[P]) -> Handler[P]:
    """Require an access token; else respond 401.

    Neither a browser's session nor a name and password is sufficient for the API.
    """

    @functools.wraps(handler)
    def guarded(*arguments: P.args, **options: P.kwargs) -> Response:
        return handler(*arguments, **options) if g.by_token else make_bare_response(401)

    return guarded


def require_password(handler: Handler[P]) -> Handler[P]:
    """Require a name and password; else respond 401. An access token is not sufficient."""

    @functools.wraps(handler)
    def guarded(*arguments: P.args, **options: P.kwargs) -> Response:
        return handler(*arguments, **options) if g.basic else make_bare_response(401)

    return guarded


def require_administrator(handler: Handler[P]) -> Handler[P]:
    """Require an administrator of the site; else respond 403."""

    @functools.wraps(handler)
    def guarded(*arguments: P.args, **options: P.kwargs) -> Response:
        user = get_me()
        return handler(*arguments, **options) if user and user["is_admin"] else make_bare_response(403)

    return guarded


def get_caller() -> Row:
    """Return the authenticated user. Only for handlers behind a guard that requires one."""
    user = get_me()
    assert user
    return user


def find_repository(owner: str, name: str, at_least: int = access.READ) -> tuple[Row, Row, int]:
    """Return owner, repository and the caller's access. Raises Missing without read access, Forbidden below `at_least`."""
    owner_row, row = repositories.find_by_name(get_db(), owner, name)
    mode = access.read_visitor_mode(get_db(), get_me(), row)
    if mode < access.READ:
        raise Missing(name)
    if mode < at_least:
        raise Forbidden("you may read this repository, and not do this with it")
    return owner_row, row, mode


def parse_fields() -> dict[str, Any]:
    """Return the JSON object, or the form; empty without a body. Raises RequestRefused for other JSON."""
    if request.mimetype == "application/json" or not request.form:
        found = request.get_json(force=True, silent=True)
        if found is None and not request.get_data():
            return {}
        if not isinstance(found, dict):
            raise RequestRefused("the request's body is no JSON object")
        return found
    return dict(request.form)


def find_missing_field(data: dict[str, Any], **required: str) -> Response | None:
    """Return the refusal that names the first missing field, or None.

    `required` maps the JSON name to the name in the response.
    """
    for key, shown in required.items():
        if not data.get(key):
            return make_invalid_response(shown, "RequiredError", "Required")
    return None


def find_invalid_name(data: dict[str, Any], key: str, shown: str) -> Response | None:
    """Return the refusal of a name with characters other than letters, digits, `_`, `-` and `.`, or None."""
    if not _NAME.fullmatch(str(data[key])):
        return make_invalid_response(shown, "AlphaDashDotError", "AlphaDashDot")
    return None


def make_invalid_response(field: str, classification: str, message: str) -> Response:
    """Return the response 422 to an invalid field, in the recorded form of Gogs's binding errors."""
    shape = [{"fieldNames": [field], "classification": classification, "message": message}]
    return make_json_response(shape, 422, "application/json; charset=utf-8")


def parse_page_number() -> int:
    """Return the requested page, 1 or more."""
    return max(request.args.get("page", 1, type=int), 1)


def add_links(answer: Response, total: int, size: int) -> Response:
    """Add the header Link with the addresses of the other pages."""
    last = max(-(-total // size), 1)
    page = min(parse_page_number(), last)
    pages = {
        "next": page + 1 if page < last else 0,
        "last": last if page < last else 0,
        "first": 1 if page > 1 else 0,
        "prev": page - 1,
    }
    base = f"{get_config().external_url.rstrip('/')}{request.path}"
    if links := [f'<{base}?page={number}>; rel="{name}"' for name, number in pages.items() if number]:
        answer.headers["Link"] = ",".join(links)
    return answer
