"""Identify the visitor by token, session, or name and password, and set the three cookies of every page."""

from __future__ import annotations

import logging

import pymysql
from flask import Request, Response, g, request

from ..domain import tokens, users
from ..store.database import Row
from . import csrf
from .responses import page, page_error
from .sessions import is_id, new_id
from .site import config, db, site

_log = logging.getLogger(__name__)


def identify() -> Response | None:
    """Identify the visitor of a page or an API call. Return a response only to refuse: a wrong form token, or a prohibited account."""
    cookie = request.cookies.get(config().session_cookie, "")
    g.session_id = cookie if is_id(cookie) else new_id()
    g.session = site().sessions.load(g.session_id) if is_id(cookie) else {}
    g.by_token = g.basic = False
    g.user = _user()
    given = request.cookies.get(config().csrf_cookie, "")
    number = g.user["id"] if g.user else 0
    g.csrf = given if csrf.valid(config().secret_key, number, given) else csrf.issue(config().secret_key, number)
    if g.user and g.user["prohibit_login"]:
        return page("error.html", 200, message="This account is prohibited from signing in.", code="Login prohibited")
    if request.method == "POST" and not request.path.startswith("/api/"):
        token = request.headers.get("X-CSRF-Token") or request.form.get("_csrf", "")
        if not csrf.valid(config().secret_key, number, token):
            return page_error(400, "This form is not from this site, or too old: open it again.")
    return None


def set_cookies(response: Response) -> Response:
    """Add security headers, and the cookies that the visitor does not have yet."""
    settings = config()
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "deny"
    if settings.session_cookie not in request.cookies or g.get("session_renewed"):
        response.set_cookie(
            settings.session_cookie, g.session_id, httponly=True, secure=settings.cookie_secure, samesite="Lax"
        )
    if request.cookies.get(settings.csrf_cookie) != g.csrf:
        response.set_cookie(
            settings.csrf_cookie,
            g.csrf,
            httponly=True,
            secure=settings.https,
            domain=settings.host,
            max_age=csrf.LIFE_SECONDS,
        )
    return set_language_cookie(response)


def set_language_cookie(response: Response) -> Response:
    """Set the cookie of the language, for parts without a session."""
    if "lang" not in request.cookies:
        response.set_cookie("lang", "en-US")
    return response


def sign_in(user: Row) -> None:
    """Store the user in the current session, which keeps its id, as in Gogs."""
    g.session = {"uid": user["id"]}
    site().sessions.save(g.session_id, g.session)
    g.csrf = csrf.issue(config().secret_key, user["id"])


def start_second_factor(user: Row) -> None:
    """Store that the password was right. The user is not signed in yet."""
    g.session = {"second_factor_of": user["id"]}
    site().sessions.save(g.session_id, g.session)


def sign_out() -> None:
    """Delete the session and start a new one."""
    site().sessions.drop(g.session_id)
    g.session_id, g.session, g.session_renewed = new_id(), {}, True
    g.csrf = csrf.issue(config().secret_key, 0)


def basic(request: Request) -> tuple[str, str] | None:
    """Return name and password of HTTP Basic authentication, or None."""
    found = request.authorization
    return (found.username or "", found.password or "") if found and found.type == "basic" else None


def _user() -> Row | None:
    """Return the user, or None. Without a response of the database everybody is a stranger."""
    try:
        return _from_token() or _from_session() or _from_password()
    except pymysql.MySQLError as error:
        _log.error("nobody can be identifyd: %s", error)
        return None


def _from_token() -> Row | None:
    words = request.headers.get("Authorization", "").split()
    if not request.path.startswith("/api/") or len(words) != 2 or words[0] != "token":
        return None
    found = tokens.user_of(db(), words[1])
    g.by_token = found is not None
    return found


def _from_session() -> Row | None:
    return users.by_id(db(), g.session["uid"]) if "uid" in g.session else None


def _from_password() -> Row | None:
    credentials = basic(request)
    found = users.authenticate(db(), *credentials) if credentials else None
    g.basic = found is not None
    return found
