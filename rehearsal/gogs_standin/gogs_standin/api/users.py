"""Serve users and their access tokens."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import access, repositories, tokens, users
from ..domain.exceptions import Exists, Missing
from ..web.responses import make_api_error, make_json_response
from ..web.site import get_db, get_me, make_formats
from .request_data import find_missing_field, get_caller, parse_fields, require_password, require_token

blueprint = Blueprint("users", __name__)


@blueprint.get("/user")
@require_token
def get_own_user() -> Response:
    """Return the user to whom the token belongs."""
    return make_json_response(make_formats().format_user(get_caller()))


@blueprint.get("/users/search")
def search() -> Response:
    """Find persons by a part of their name. Strangers see no email addresses."""
    word = f"%{request.args.get('q', '').lower()}%"
    limit = request.args.get("limit", 10, type=int)
    rows = get_db().fetch_all(
        "SELECT * FROM `user` WHERE type = 0 AND lower_name LIKE %s ORDER BY id LIMIT %s", word, limit
    )
    shape = make_formats().format_user if get_me() else make_formats().format_user_for_stranger
    # A search returns an empty `login` (recorded).
    return make_json_response({"data": [{**shape(row), "login": ""} for row in rows], "ok": True})


@blueprint.get("/users/<name>")
def get_user(name: str) -> Response:
    """Return a user. Strangers see no email address. Raises Missing."""
    row = users.find_by_name(get_db(), name)
    if not row:
        raise Missing(name)
    return make_json_response(
        make_formats().format_user(row) if get_me() else make_formats().format_user_for_stranger(row)
    )


@blueprint.get("/users/<name>/tokens")
@require_password
def list_tokens(name: str) -> Response:  # noqa: ARG001  (the password identifies the user)
    """List the caller's tokens. The column sha1 is not the token itself."""
    rows = tokens.list_tokens(get_db(), get_caller()["id"])
    return make_json_response([{"name": row["name"], "sha1": row["sha1"]} for row in rows])


@blueprint.post("/users/<name>/tokens")
@require_password
def create_token(name: str) -> Response:  # noqa: ARG001
    """Create a token for the caller. Respond 422 to a name that exists."""
    data = parse_fields()
    if refusal := find_missing_field(data, name="Name"):
        return refusal
    try:
        token = tokens.create(get_db(), get_caller()["id"], data["name"])
    except Exists as error:
        return make_api_error(422, error.message)
    return make_json_response({"name": data["name"], "sha1": token}, 201)


@blueprint.get("/users/<name>/repos")
@blueprint.get("/orgs/<name>/repos")
@require_token
def list_repositories(name: str) -> Response:
    """List the repositories of a user or organisation that the caller may see. Raises Missing."""
    owner = users.find_by_name(get_db(), name)
    if not owner:
        raise Missing(name)
    rows = repositories.list_owned(get_db(), owner["id"])
    seen = [row for row in rows if access.read_visitor_mode(get_db(), get_caller(), row)]
    return make_json_response([make_formats().format_repository(owner, row, None) for row in seen])
