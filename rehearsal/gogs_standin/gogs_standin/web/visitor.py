"""Identify the visitor by token, session, or name and password, and set the three cookies of every page."""

from __future__ import annotations

import logging

import pymysql
from flask import Request, Response, g, request

from ..domain import tokens, users
from ..store.database import Row
from . import csrf
from .responses import render_error, render_page
from .sessions import generate_id, is_id
from .site import get_config, get_db, get_site

_log = logging.getLogger(__name__)


def identify_visitor() -> Response | None:
    """Identify the visitor of a page or an API call. Return a response only to refuse: a wrong form token, or a prohibited account."""
    cookie = request.cookies.get(get_config().session_cookie, "")
    g.session_id = cookie if is_id(cookie) else generate_id()
    g.session = get_site().sessions.load(g.session_id) if is_id(cookie) else {}
    g.by_token = g.basic = False
    g.user = _find_user()
    given = request.cookies.get(get_config().csrf_cookie, "")
    number = g.user["id"] if g.user else 0
    g.csrf = (
        given
        if csrf.is_valid(get_config().secret_key, number, given)
        else csrf.issue_token(get_config().secret_key, number)
    )
    if g.user and g.user["prohibit_login"]:
        return render_page(
            "error.html", 200, message="This account is prohibited from signing in.", code="Login prohibited"
        )
    if request.method == "POST" and not request.path.startswith("/api/"):
        token = request.headers.get("X-CSRF-Token") or request.form.get("_csrf", "")
        if not csrf.is_valid(get_config().secret_key, number, token):
            return render_error(400, "This form is not from this site, or too old: open it again.")
    return None


def set_cookies(response: Response) -> Response:
    """Add security headers, and the cookies that the visitor does not have yet."""
    settings = get_config()
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
    get_site().sessions.save(g.session_id, g.session)
    g.csrf = csrf.issue_token(get_config().secret_key, user["id"])


def start_second_factor(user: Row) -> None:
    """Store that the password was right. The user is not signed in yet."""
    g.session = {"second_factor_of": user["id"]}
    get_site().sessions.save(g.session_id, g.session)


def sign_out() -> None:
    """Delete the session and start a new one."""
    get_site().sessions.drop(g.session_id)
    g.session_id, g.session, g.session_renewed = generate_id(), {}, True
    g.csrf = csrf.issue_token(get_config().secret_key, 0)


def parse_basic(request: Request) -> tuple[str, str] | None:
    """Return name and password of HTTP Basic authentication, or None."""
    found = request.authorization
    return (found.username or "", found.password or "") if found and found.type == "basic" else None


def _find_user() -> Row | None:
    """Return the user, or None. Without a response of the database everybody is a stranger."""
    try:
        return _find_user_by_token() or _find_user_by_session() or _find_user_by_password()
    except pymysql.MySQLError as error:
        _log.error("nobody can be identifyd: %s", error)
        return None


def _find_user_by_token() -> Row | None:
    words = request.headers.get("Authorization", "").split()
    if not request.path.startswith("/api/") or len(words) != 2 or words[0] != "token":
        return None
    found = tokens.find_owner(get_db(), words[1])
    g.by_token = found is not None
    return found


def _find_user_by_session() -> Row | None:
    return users.find_by_id(get_db(), g.session["uid"]) if "uid" in g.session else None


def _find_user_by_password() -> Row | None:
    credentials = parse_basic(request)
    found = users.authenticate(get_db(), *credentials) if credentials else None
    g.basic = found is not None
    return found
