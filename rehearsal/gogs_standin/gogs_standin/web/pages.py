"""Serve the home page, the list of public repositories, and users' profiles."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import access, actions, organisations, repositories, users
from ..domain.exceptions import Missing
from .responses import redirect, render_page
from .site import get_config, get_db, get_me, make_formats

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def show_home() -> Response:
    """Return the user's repositories and feed; the landing page to a visitor who has not signed in."""
    user = get_me()
    if not user:
        return render_page("home.html") if get_config().landing_url == "/" else redirect(get_config().landing_url)
    mine = repositories.list_owned(get_db(), user["id"])
    return render_page(
        "dashboard.html",
        repositories=mine,
        organisations=organisations.list_organisations_of_user(get_db(), user["id"]),
        feed=actions.read_feed(get_db(), user["id"])[: get_config().news],
    )


@blueprint.get("/explore/repos")
def show_explore() -> Response:
    """Return the public repositories; with `q` those whose name contains it."""
    return render_page("explore.html", repositories=repositories.list_public(get_db(), request.args.get("q", "")))


@blueprint.get("/<name>")
def show_profile(name: str) -> Response:
    """Return a user with the repositories that the visitor may see. Raises Missing."""
    row = users.find_by_name(get_db(), name)
    if not row:
        raise Missing(name)
    rows = repositories.list_owned(get_db(), row["id"])
    seen = [found for found in rows if access.read_visitor_mode(get_db(), get_me(), found) >= access.READ]
    return render_page("profile.html", person=row, shape=make_formats().format_user(row), repositories=seen)
