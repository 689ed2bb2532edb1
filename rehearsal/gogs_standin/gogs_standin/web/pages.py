"""The home page, people, what there is to see."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import access, actions, organisations, repositories, users
from ..domain.exceptions import Missing
from .responses import page, redirect
from .site import config, db, formats, me

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def home() -> Response:
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
    """What everybody may see; with `q`, whose name has that in it."""
    return page("explore.html", repositories=repositories.public(db(), request.args.get("q", "")))


@blueprint.get("/<name>")
def profile(name: str) -> Response:
    row = users.by_name(db(), name)
    if not row:
        raise Missing(name)
    rows = repositories.owned(db(), row["id"])
    seen = [found for found in rows if access.mode_of_visitor(db(), me(), found) >= access.READ]
    return page("profile.html", person=row, shape=formats().user(row), repositories=seen)
