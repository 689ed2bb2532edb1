"""Serve the home page, the list of public repositories, and users' profiles."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import access, actions, organisations, repositories, users
from ..domain.exceptions import Missing
from .responses import page, redirect
from .site import config, db, formats, me

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def home() -> Response:
    """Return the user's repositories and feed; the landing page to a visitor who has not signed in."""
    user = me()
    if not user:
        return page("home.html") if config().landing_url == "/" else redirect(config().landing_url)
    mine = repositories.owned(db(), user["id"])
    return page(
        "dashboard.html",
        repositories=mine,
        organisations=organisations.of_user(db(), user["id"]),
        feed=actions.feed(db(), user["id"])[: config().news],
    )


@blueprint.get("/explore/repos")
def explore() -> Response:
    """Return the public repositories; with `q` those whose name contains it."""
    return page("explore.html", repositories=repositories.public(db(), request.args.get("q", "")))


@blueprint.get("/<name>")
def profile(name: str) -> Response:
    """Return a user with the repositories that the visitor may see. Raises Missing."""
    row = users.by_name(db(), name)
    if not row:
        raise Missing(name)
    rows = repositories.owned(db(), row["id"])
    seen = [found for found in rows if access.mode_of_visitor(db(), me(), found) >= access.READ]
    return page("profile.html", person=row, shape=formats().user(row), repositories=seen)
