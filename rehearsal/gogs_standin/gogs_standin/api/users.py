"""People and their tokens."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import access, repositories, tokens, users
from ..domain.exceptions import Exists, Missing
from ..web.responses import api_error, as_json
from ..web.site import db, formats, me
from .request_data import caller, fields, lacking, signed_in, with_password

blueprint = Blueprint("users", __name__)


@blueprint.get("/user")
@signed_in
def myself() -> Response:
    return as_json(formats().user(caller()))


@blueprint.get("/users/search")
def search() -> Response:
    word = f"%{request.args.get('q', '').lower()}%"
    limit = request.args.get("limit", 10, type=int)
    rows = db().all("SELECT * FROM `user` WHERE type = 0 AND lower_name LIKE %s ORDER BY id LIMIT %s", word, limit)
    shape = formats().user if me() else formats().user_for_stranger
    # A search names people by their user name only (recorded).
    return as_json({"data": [{**shape(row), "login": ""} for row in rows], "ok": True})


@blueprint.get("/users/<name>")
def user(name: str) -> Response:
    row = users.by_name(db(), name)
    if not row:
        raise Missing(name)
    return as_json(formats().user(row) if me() else formats().user_for_stranger(row))


@blueprint.get("/users/<name>/tokens")
@with_password
def list_tokens(name: str) -> Response:  # noqa: ARG001  (whose they are is told by the password)
    rows = tokens.listed(db(), caller()["id"])
    return as_json([{"name": row["name"], "sha1": row["sha1"]} for row in rows])


@blueprint.post("/users/<name>/tokens")
@with_password
def create_token(name: str) -> Response:  # noqa: ARG001
    data = fields()
    if refusal := lacking(data, name="Name"):
        return refusal
    try:
        token = tokens.create(db(), caller()["id"], data["name"])
    except Exists as error:
        return api_error(422, error.message)
    return as_json({"name": data["name"], "sha1": token}, 201)


@blueprint.get("/users/<name>/repos")
@blueprint.get("/orgs/<name>/repos")
@signed_in
def repositories_of(name: str) -> Response:
    owner = users.by_name(db(), name)
    if not owner:
        raise Missing(name)
    rows = repositories.owned(db(), owner["id"])
    seen = [row for row in rows if access.mode_of_visitor(db(), caller(), row)]
    return as_json([formats().repository(owner, row, None) for row in seen])
