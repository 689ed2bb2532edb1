"""Organisations and teams."""

from __future__ import annotations

from flask import Blueprint, Response

from ..domain import access, organisations, users
from ..domain.errors import Missing
from ..store.database import Row
from ..web.replies import as_json, bare
from ..web.site import config, db, formats
from .request_data import administrator, caller, fields, lacking, signed_in

blueprint = Blueprint("organisations", __name__)


def _create(owner: Row) -> Response:
    data = fields()
    if refusal := lacking(data, username="UserName"):
        return refusal
    more = {key: data.get(key, "") for key in ("description", "website", "location")}
    row = organisations.create(db(), config(), owner, data["username"], data.get("full_name", ""), **more)
    return as_json(formats().organisation(row), 201)


def named(name: str) -> Row:
    row = users.by_name(db(), name)
    if not row or row["type"] != users.ORGANISATION:
        raise Missing(name)
    return row


@blueprint.post("/admin/users/<name>/orgs")
@administrator
def create_for(name: str) -> Response:
    owner = users.by_name(db(), name)
    if not owner:
        raise Missing(name)
    return _create(owner)


@blueprint.post("/user/orgs")
@signed_in
def create() -> Response:
    return _create(caller())


@blueprint.get("/user/orgs")
@signed_in
def mine() -> Response:
    return as_json([formats().organisation(row) for row in organisations.of_user(db(), caller()["id"])])


@blueprint.get("/users/<name>/orgs")
def of_user(name: str) -> Response:
    row = users.by_name(db(), name)
    if not row:
        raise Missing(name)
    return as_json([formats().organisation(found) for found in organisations.of_user(db(), row["id"])])


@blueprint.get("/orgs/<name>")
@signed_in
def organisation(name: str) -> Response:
    return as_json(formats().organisation(named(name)))


def _team(row: Row) -> dict[str, object]:
    level = {access.READ: "read", access.WRITE: "write", access.ADMIN: "admin", access.OWNER: "owner"}[row["authorize"]]
    return {"id": row["id"], "name": row["name"], "description": row["description"], "permission": level}


@blueprint.get("/orgs/<name>/teams")
@signed_in
def teams(name: str) -> Response:
    rows = db().all("SELECT * FROM team WHERE org_id = %s ORDER BY id", named(name)["id"])
    return as_json([_team(row) for row in rows])


@blueprint.post("/admin/orgs/<name>/teams")
@administrator
def create_team(name: str) -> Response:
    data = fields()
    if refusal := lacking(data, name="Name"):
        return refusal
    level = access.NAMES.get(data.get("permission", "read"), access.READ)
    number = organisations.create_team(db(), named(name)["id"], data["name"], data.get("description", ""), level)
    return as_json(_team(db().all("SELECT * FROM team WHERE id = %s", number)[0]), 201)


@blueprint.put("/admin/teams/<int:number>/members/<name>")
@administrator
def add_member(number: int, name: str) -> Response:
    team, user = db().one("SELECT * FROM team WHERE id = %s", number), users.by_name(db(), name)
    if not team or not user:
        raise Missing(name)
    organisations.add_member(db(), team, user)
    return bare(204)
