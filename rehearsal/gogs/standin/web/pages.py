"""The home page, people, what there is to see."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import access, actions, organisations, repositories, users
from ..domain.errors import Missing
from .guards import signed_in, visitor
from .replies import page, redirect
from .site import config, db, formats, me

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def home() -> Response:
    user = me()
    if not user:
        return page("home.html")
    mine = repositories.owned(db(), user["id"], private=True)
    return page(
        "dashboard.html",
        repositories=mine,
        organisations=organisations.of_user(db(), user["id"]),
        feed=actions.feed(db(), user["id"]),
    )


@blueprint.get("/explore")
@blueprint.get("/explore/repos")
def explore() -> Response:
    word = f"%{request.args.get('q', '').lower()}%"
    rows = db().all(
        "SELECT r.*, u.name AS owner FROM repository r JOIN `user` u ON u.id = r.owner_id"
        " WHERE r.is_private = 0 AND r.is_unlisted = 0 AND r.lower_name LIKE %s ORDER BY r.updated_unix DESC LIMIT 50",
        word,
    )
    return page("explore.html", repositories=rows)


@blueprint.get("/explore/users")
def explore_users() -> Response:
    return page("people.html", people=db().all("SELECT * FROM `user` WHERE type = 0 ORDER BY id LIMIT 50"))


@blueprint.get("/explore/organizations")
def explore_organisations() -> Response:
    return page("people.html", people=db().all("SELECT * FROM `user` WHERE type = 1 ORDER BY id LIMIT 50"))


@blueprint.get("/<name>")
def profile(name: str) -> Response:
    row = users.by_name(db(), name)
    if not row:
        raise Missing(name)
    rows = repositories.owned(db(), row["id"], private=True)
    seen = [found for found in rows if access.mode_of_visitor(db(), me(), found) >= access.READ]
    return page("profile.html", person=row, shape=formats().user(row), repositories=seen)


@blueprint.get("/repo/create")
@signed_in
def new_repository() -> Response:
    return page("new_repository.html")


@blueprint.post("/repo/create")
@signed_in
def create_repository() -> Response:
    owner = users.by_id(db(), request.form.get("user_id", visitor()["id"], type=int))
    if not owner or (
        owner["id"] != visitor()["id"] and not organisations.is_owned_by(db(), owner["id"], visitor()["id"])
    ):
        raise Missing("owner")
    form = request.form
    row = repositories.create(
        db(),
        config(),
        visitor(),
        owner,
        form["repo_name"],
        description=form.get("description", ""),
        private=form.get("private") == "on",
        auto_init=form.get("auto_init") == "on",
    )
    return redirect(f"{config().subpath}/{owner['name']}/{row['name']}")
