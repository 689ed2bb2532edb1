"""Serve the SSH keys of users."""

from __future__ import annotations

from flask import Blueprint, Response

from ..domain import keys, users
from ..domain.clock import format_rfc3339
from ..domain.exceptions import Missing, RequestRefused
from ..store.database import Row
from ..web.responses import make_api_error, make_bare_response, make_json_response
from ..web.site import get_config, get_db
from .request_data import find_missing_field, get_caller, parse_fields, require_administrator, require_token

blueprint = Blueprint("keys", __name__)


def _format_key(row: Row) -> dict[str, object]:
    shown = {
        "id": row["id"],
        "key": row["content"],
        "title": row["name"],
        "created_at": format_rfc3339(row["created_unix"]),
    }
    return {**shown, "url": f"{get_config().external_url}api/v1/user/keys/{row['id']}"}


def _add(owner: Row) -> Response:
    data = parse_fields()
    if refusal := find_missing_field(data, title="Title", key="Key"):
        return refusal
    try:
        content = keys.check_type(keys.parse(data["key"]), get_config().refused_keys)
    except RequestRefused as error:
        return make_api_error(422, f"Invalid key content: %v: {error.message}")  # recorded
    return make_json_response(_format_key(keys.add(get_db(), owner["id"], data["title"], content)), 201)


@blueprint.get("/user/keys")
@require_token
def list_own_keys() -> Response:
    """List the caller's own keys."""
    return make_json_response([_format_key(row) for row in keys.list_keys_of_user(get_db(), get_caller()["id"])])


@blueprint.post("/user/keys")
@require_token
def add() -> Response:
    """Add a key to the caller. Respond 422 to a key that cannot be parsed or whose type is refused."""
    return _add(get_caller())


@blueprint.get("/users/<name>/keys")
@require_token
def list_keys_of_user(name: str) -> Response:
    """List the keys of another user, which are public. Raises Missing."""
    row = users.find_by_name(get_db(), name)
    if not row:
        raise Missing(name)
    return make_json_response([_format_key(key) for key in keys.list_keys_of_user(get_db(), row["id"])])


@blueprint.delete("/user/keys/<int:number>")
@require_token
def remove(number: int) -> Response:
    """Delete one of the caller's keys. Respond 204 also when it does not exist."""
    get_db().run(
        "DELETE FROM public_key WHERE id = %s AND owner_id = %s", number, get_caller()["id"]
    )  # also when it does not exist
    return make_bare_response(204)


@blueprint.post("/admin/users/<name>/keys")
@require_administrator
def add_for(name: str) -> Response:
    """Add a key to another user, for the site's administrators. Raises Missing."""
    row = users.find_by_name(get_db(), name)
    if not row:
        raise Missing(name)
    return _add(row)
