"""Serve the SSH keys of users."""

from __future__ import annotations

from flask import Blueprint, Response

from ..domain import keys, users
from ..domain.clock import rfc3339
from ..domain.exceptions import Missing, RequestRefused
from ..store.database import Row
from ..web.responses import api_error, as_json, bare
from ..web.site import config, db
from .request_data import administrator, caller, fields, find_missing_field, signed_in

blueprint = Blueprint("keys", __name__)


def _shape(row: Row) -> dict[str, object]:
    shown = {"id": row["id"], "key": row["content"], "title": row["name"], "created_at": rfc3339(row["created_unix"])}
    return {**shown, "url": f"{config().external_url}api/v1/user/keys/{row['id']}"}


def _add(owner: Row) -> Response:
    data = fields()
    if refusal := find_missing_field(data, title="Title", key="Key"):
        return refusal
    try:
        content = keys.check_type(keys.parse(data["key"]), config().refused_keys)
    except RequestRefused as error:
        return api_error(422, f"Invalid key content: %v: {error.message}")  # recorded
    return as_json(_shape(keys.add(db(), owner["id"], data["title"], content)), 201)


@blueprint.get("/user/keys")
@signed_in
def mine() -> Response:
    """List the caller's own keys."""
    return as_json([_shape(row) for row in keys.of_user(db(), caller()["id"])])


@blueprint.post("/user/keys")
@signed_in
def add() -> Response:
    """Add a key to the caller. Respond 422 to a key that cannot be parsed or whose type is refused."""
    return _add(caller())


@blueprint.get("/users/<name>/keys")
@signed_in
def of_user(name: str) -> Response:
    """List the keys of another user, which are public. Raises Missing."""
    row = users.by_name(db(), name)
    if not row:
        raise Missing(name)
    return as_json([_shape(key) for key in keys.of_user(db(), row["id"])])


@blueprint.delete("/user/keys/<int:number>")
@signed_in
def remove(number: int) -> Response:
    """Delete one of the caller's keys. Respond 204 also when it does not exist."""
    db().run(
        "DELETE FROM public_key WHERE id = %s AND owner_id = %s", number, caller()["id"]
    )  # also when it does not exist
    return bare(204)


@blueprint.post("/admin/users/<name>/keys")
@administrator
def add_for(name: str) -> Response:
    """Add a key to another user, for the site's administrators. Raises Missing."""
    row = users.by_name(db(), name)
    if not row:
        raise Missing(name)
    return _add(row)
