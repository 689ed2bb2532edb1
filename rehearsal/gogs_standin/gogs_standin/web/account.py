"""Serve sign-in, sign-out and the user's own settings."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import attachments, avatars, keys, tokens, users
from ..domain.exceptions import RequestRefused
from ..store.database import Row
from .guards import REDIRECT_COOKIE, read_redirect, signed_in, visitor
from .responses import as_json, page, redirect
from .site import config, db, me
from .visitor import sign_in, sign_out, start_second_factor

blueprint = Blueprint("account", __name__)
SETTINGS = "/user/settings"
SECOND_FACTOR = "/user/login/two_factor"


@blueprint.get("/user/login")
def login_page() -> Response:
    """Return the form; redirect a signed-in user to the home page."""
    return redirect("/") if me() else page("login.html")


@blueprint.post("/user/login")
def login() -> Response:
    """Sign in, or continue with the second factor. Respond 401 to a wrong name or password."""
    found = users.authenticate(db(), request.form.get("user_name", ""), request.form.get("password", ""))
    if not found:
        return page("login.html", 401, problem="Nobody here has this name and this password.")
    if users.has_second_factor(db(), found["id"]):
        start_second_factor(found)
        return redirect(SECOND_FACTOR)
    return finish_sign_in(found)


def finish_sign_in(user: Row) -> Response:
    """Sign in and redirect to the page that the visitor requested first."""
    sign_in(user)
    answer = redirect(read_redirect())
    answer.delete_cookie(REDIRECT_COOKIE)
    return answer


@blueprint.post("/user/logout")
def logout() -> Response:
    """Sign out and start a new session."""
    sign_out()
    return redirect("/")


@blueprint.get(SETTINGS)
@blueprint.get(f"{SETTINGS}/<part>")
@signed_in
def settings(part: str = "") -> Response:
    """Return the user's settings. One page has all parts."""
    return _settings_page(part)


def _settings_page(part: str, problem: str = "") -> Response:
    number = visitor()["id"]
    return page(
        "settings.html",
        200 if not problem else 422,
        part=part,
        keys=keys.of_user(db(), number),
        tokens=tokens.list_tokens(db(), number),
        problem=problem,
    )


@blueprint.post(SETTINGS)
@signed_in
def change_profile() -> Response:
    """Set full name and location; a missing field becomes empty."""
    users.update(db(), visitor()["id"], **{name: request.form.get(name, "") for name in ("full_name", "location")})
    return redirect(SETTINGS)


@blueprint.post(f"{SETTINGS}/avatar")
@signed_in
def change_avatar() -> Response:
    """Replace the avatar. It refuses a file that is no picture."""
    upload = request.files.get("avatar")
    data = upload.read() if upload else b""
    if not attachments.detect_mime_type(data).startswith("image/"):
        return _settings_page("avatar", "This is no picture.")
    avatars.save(config().avatars, visitor()["id"], data)
    users.update(db(), visitor()["id"], use_custom_avatar=1)
    return redirect(f"{SETTINGS}/avatar")


@blueprint.post(f"{SETTINGS}/ssh")
@signed_in
def add_key() -> Response:
    """Add an SSH key. It shows the reason of a refusal on the page."""
    try:
        keys.add(db(), visitor()["id"], request.form.get("title", ""), keys.parse(request.form.get("content", "")))
    except RequestRefused as error:
        return _settings_page("ssh", error.message)
    return redirect(f"{SETTINGS}/ssh")


@blueprint.post(f"{SETTINGS}/applications/delete")
@signed_in
def delete_token() -> Response:
    """Delete one of the user's tokens. Respond with JSON, because the page's script sends the request."""
    tokens.delete(db(), visitor()["id"], request.values.get("id", 0, type=int))
    return as_json({"redirect": f"{SETTINGS}/applications"})
