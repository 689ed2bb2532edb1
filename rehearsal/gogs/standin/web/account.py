"""Signing in and out; one's own settings."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import attachments, avatars, keys, tokens, users
from ..domain.errors import Refused
from .guards import signed_in, visitor
from .replies import as_json, page, redirect
from .site import config, db, me
from .visitor import sign_in, sign_out

blueprint = Blueprint("account", __name__)


@blueprint.get("/user/login")
def login_page() -> Response:
    return redirect(f"{config().subpath}/") if me() else page("login.html")


@blueprint.post("/user/login")
def login() -> Response:
    found = users.authenticate(db(), request.form.get("user_name", ""), request.form.get("password", ""))
    if not found or found["prohibit_login"]:
        return page("login.html", 401, problem="Username or password is not correct.")
    sign_in(found)
    return redirect(f"{config().subpath}/")


@blueprint.post("/user/logout")
def logout() -> Response:
    sign_out()
    return redirect(f"{config().subpath}/")


@blueprint.get("/user/settings")
@blueprint.get("/user/settings/<part>")
@signed_in
def settings(part: str = "profile") -> Response:
    return page(
        "settings.html",
        part=part,
        keys=keys.of_user(db(), visitor()["id"]),
        tokens=tokens.listed(db(), visitor()["id"]),
    )


@blueprint.post("/user/settings")
@signed_in
def change_profile() -> Response:
    fields = {name: request.form.get(name, "") for name in ("full_name", "website", "location")}
    users.update(db(), visitor()["id"], **fields)
    return redirect(f"{config().subpath}/user/settings")


@blueprint.post("/user/settings/avatar")
@signed_in
def change_avatar() -> Response:
    picture = request.files.get("avatar")
    if picture and picture.filename:
        data = picture.read()
        if not attachments.kind_of(data).startswith("image/"):
            return redirect(f"{config().subpath}/user/settings/avatar")
        avatars.save(config().avatars, visitor()["id"], data)
        users.update(db(), visitor()["id"], use_custom_avatar=1)
    return redirect(f"{config().subpath}/user/settings/avatar")


@blueprint.post("/user/settings/ssh")
@signed_in
def add_key() -> Response:
    try:
        keys.add(db(), visitor()["id"], request.form.get("title", ""), keys.parsed(request.form.get("content", "")))
    except Refused as error:
        return page("settings.html", part="ssh", keys=keys.of_user(db(), visitor()["id"]), problem=error.message)
    return redirect(f"{config().subpath}/user/settings/ssh")


@blueprint.post("/user/settings/applications/delete")
@signed_in
def delete_token() -> Response:
    db().run(
        "DELETE FROM access_token WHERE id = %s AND uid = %s", request.values.get("id", 0, type=int), visitor()["id"]
    )
    return as_json({"redirect": f"{config().subpath}/user/settings/applications"})
