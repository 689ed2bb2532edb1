"""Serve sign-in, sign-out and the user's own settings."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import attachments, avatars, keys, tokens, users
from ..domain.exceptions import RequestRefused
from ..store.database import Row
from .guards import REDIRECT_COOKIE, get_visitor, read_redirect, require_signed_in
from .responses import make_json_response, redirect, render_page
from .site import get_config, get_db, get_me
from .visitor import sign_in, sign_out, start_second_factor

blueprint = Blueprint("account", __name__)
SETTINGS = "/user/settings"
SECOND_FACTOR = "/user/login/two_factor"


@blueprint.get("/user/login")
def show_login() -> Response:
    """Return the form; redirect a signed-in user to the home page."""
    return redirect("/") if get_me() else render_page("login.html")


@blueprint.post("/user/login")
def log_in() -> Response:
    """Sign in, or continue with the second factor. Respond 401 to a wrong name or password."""
    found = users.authenticate(get_db(), request.form.get("user_name", ""), request.form.get("password", ""))
    if not found:
        return render_page("login.html", 401, problem="Nobody here has this name and this password.")
    if users.has_second_factor(get_db(), found["id"]):
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
def log_out() -> Response:
    """Sign out and start a new session."""
    sign_out()
    return redirect("/")


@blueprint.get(SETTINGS)
@blueprint.get(f"{SETTINGS}/<part>")
@require_signed_in
def show_settings(part: str = "") -> Response:
    """Return the user's settings. One page has all parts."""
    return _render_settings(part)


def _render_settings(part: str, problem: str = "") -> Response:
    number = get_visitor()["id"]
    return render_page(
        "settings.html",
        200 if not problem else 422,
        part=part,
        keys=keys.list_keys_of_user(get_db(), number),
        tokens=tokens.list_tokens(get_db(), number),
        problem=problem,
    )


@blueprint.post(SETTINGS)
@require_signed_in
def change_profile() -> Response:
    """Set full name and location; a missing field becomes empty."""
    users.update(
        get_db(), get_visitor()["id"], **{name: request.form.get(name, "") for name in ("full_name", "location")}
    )
    return redirect(SETTINGS)


@blueprint.post(f"{SETTINGS}/avatar")
@require_signed_in
def change_avatar() -> Response:
    """Replace the avatar. It refuses a file that is no picture."""
    upload = request.files.get("avatar")
    data = upload.read() if upload else b""
    if not attachments.detect_mime_type(data).startswith("image/"):
        return _render_settings("avatar", "This is no picture.")
    avatars.save(get_config().avatars, get_visitor()["id"], data)
    users.update(get_db(), get_visitor()["id"], use_custom_avatar=1)
    return redirect(f"{SETTINGS}/avatar")


@blueprint.post(f"{SETTINGS}/ssh")
@require_signed_in
def add_key() -> Response:
    """Add an SSH key. It shows the reason of a refusal on the page."""
    try:
        keys.add(
            get_db(), get_visitor()["id"], request.form.get("title", ""), keys.parse(request.form.get("content", ""))
        )
    except RequestRefused as error:
        return _render_settings("ssh", error.message)
    return redirect(f"{SETTINGS}/ssh")


@blueprint.post(f"{SETTINGS}/applications/delete")
@require_signed_in
def delete_token() -> Response:
    """Delete one of the user's tokens. Respond with JSON, because the page's script sends the request."""
    tokens.delete(get_db(), get_visitor()["id"], request.values.get("id", 0, type=int))
    return make_json_response({"redirect": f"{SETTINGS}/applications"})
