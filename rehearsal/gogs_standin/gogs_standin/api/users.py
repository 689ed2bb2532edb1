"""Serve users and their access tokens."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import access, repositories, tokens, users
from ..domain.exceptions import Exists, Missing
from ..web.responses import api_error, as_json
from ..web.site import db, formats, me
from .request_data import caller, fields, find_missing_field, signed_in, with_password

blueprint = Blueprint("users", __name__)


@blueprint.get("/user")
@signed_in
def myself() -> Response:
    """Return the user to whom the token belongs."""
    return as_json(formats().user(caller()))


@blueprint.get("/users/search")
def search() -> Response:
    """Find persons by a part of their name. Strangers see no email addresses."""
    word = f"%{request.args.get('q', '').lower()}%"
    limit = request.args.get("limit", 10, type=int)
    rows = db().all("SELECT * FROM `user` WHERE type = 0 AND lower_name LIKE %s ORDER BY id LIMIT %s", word, limit)
    shape = formats().user if me() else formats().user_for_stranger
    # A search returns an empty `login` (recorded).
    return as_json({"data": [{**shape(row), "login": ""} for row in rows], "ok": True})


@blueprint.get("/users/<name>")
def user(name: str) -> Response:
    """Return a user. Strangers see no email address. Raises Missing."""
    row = users.by_name(db(), name)
    if not row:
        raise Missing(name)
    return as_json(formats().user(row) if me() else formats().user_for_stranger(row))


@blueprint.get("/users/<name>/tokens")
@with_password
def list_tokens(name: str) -> Response:  # noqa: ARG001  (the password identifies the user)
    """List the caller's tokens. The column sha1 is not the token itself."""
    rows = tokens.list_tokens(db(), caller()["id"])
    return as_json([{"name": row["name"], "sha1": row["sha1"]} for row in rows])


@blueprint.post("/users/<name>/tokens")
@with_password
def create_token(name: str) -> Response:  # noqa: ARG001
    """Create a token for the caller. Respond 422 to a name that exists."""
    data = fields()
    if refusal := find_missing_field(data, name="Name"):
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
    """List the repositories of a user or organisation that the caller may see. Raises Missing."""
    owner = users.by_name(db(), name)
    if not owner:
        raise Missing(name)
    rows = repositories.owned(db(), owner["id"])
    seen = [row for row in rows if access.mode_of_visitor(db(), caller(), row)]
    return as_json([formats().repository(owner, row, None) for row in seen])
