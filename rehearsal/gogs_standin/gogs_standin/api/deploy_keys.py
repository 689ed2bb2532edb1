"""Serve deploy keys: SSH keys that read one repository."""

from __future__ import annotations

from flask import Blueprint, Response

from ..domain import access, keys
from ..domain.clock import rfc3339
from ..domain.exceptions import RequestRefused
from ..store.database import Row
from ..web.responses import api_error, as_json, bare
from ..web.site import config, db
from .request_data import fields, find_missing_field, repository, signed_in

blueprint = Blueprint("deploy_keys", __name__, url_prefix="/repos/<owner>/<name>/keys")


def _shape(owner: Row, repository_row: Row, row: Row) -> dict[str, object]:
    address = f"{config().external_url}api/v1/repos/{owner['name']}/{repository_row['name']}/keys/{row['id']}"
    return {
        "id": row["id"],
        "key": row["content"],
        "url": address,
        "title": row["name"],
        "created_at": rfc3339(row["created_unix"]),
        "read_only": True,
    }


@blueprint.get("")
@signed_in
def list_deploy_keys(owner: str, name: str) -> Response:
    """List the deploy keys, for an administrator of the repository."""
    owner_row, row, _ = repository(owner, name, access.ADMIN)
    return as_json([_shape(owner_row, row, key) for key in keys.deploy_keys(db(), row["id"])])


@blueprint.get("/<int:number>")
@signed_in
def one(owner: str, name: str, number: int) -> Response:
    """Return one deploy key. Raises Missing."""
    owner_row, row, _ = repository(owner, name, access.ADMIN)
    return as_json(_shape(owner_row, row, keys.deploy_key(db(), row["id"], number)))


@blueprint.post("")
@signed_in
def add(owner: str, name: str) -> Response:
    """Add a read-only key. Respond 422 to a key that cannot be parsed."""
    owner_row, row, _ = repository(owner, name, access.ADMIN)
    data = fields()
    if refusal := find_missing_field(data, title="Title", key="Key"):
        return refusal
    try:
        content = keys.parse(data["key"])
    except RequestRefused as error:
        return api_error(422, f"Invalid key content: %v: {error.message}")  # recorded
    return as_json(_shape(owner_row, row, keys.add_deploy_key(db(), row["id"], data["title"], content)), 201)


@blueprint.delete("/<int:number>")
@signed_in
def remove(owner: str, name: str, number: int) -> Response:
    """Remove the key from this repository. Raises Missing."""
    _, row, _ = repository(owner, name, access.ADMIN)
    keys.remove_deploy_key(db(), keys.deploy_key(db(), row["id"], number))
    return bare(204)
