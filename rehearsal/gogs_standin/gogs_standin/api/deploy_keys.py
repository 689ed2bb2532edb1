"""Serve deploy keys: SSH keys that read one repository."""

from __future__ import annotations

from flask import Blueprint, Response

from ..domain import access, keys
from ..domain.clock import format_rfc3339
from ..domain.exceptions import RequestRefused
from ..store.database import Row
from ..web.responses import make_api_error, make_bare_response, make_json_response
from ..web.site import get_config, get_db
from .request_data import find_missing_field, find_repository, parse_fields, require_token

blueprint = Blueprint("deploy_keys", __name__, url_prefix="/repos/<owner>/<name>/keys")


def _format_key(owner: Row, repository_row: Row, row: Row) -> dict[str, object]:
    address = f"{get_config().external_url}api/v1/repos/{owner['name']}/{repository_row['name']}/keys/{row['id']}"
    return {
        "id": row["id"],
        "key": row["content"],
        "url": address,
        "title": row["name"],
        "created_at": format_rfc3339(row["created_unix"]),
        "read_only": True,
    }


@blueprint.get("")
@require_token
def list_deploy_keys(owner: str, name: str) -> Response:
    """List the deploy keys, for an administrator of the repository."""
    owner_row, row, _ = find_repository(owner, name, access.ADMIN)
    return make_json_response([_format_key(owner_row, row, key) for key in keys.list_deploy_keys(get_db(), row["id"])])


@blueprint.get("/<int:number>")
@require_token
def get_key(owner: str, name: str, number: int) -> Response:
    """Return one deploy key. Raises Missing."""
    owner_row, row, _ = find_repository(owner, name, access.ADMIN)
    return make_json_response(_format_key(owner_row, row, keys.get_deploy_key(get_db(), row["id"], number)))


@blueprint.post("")
@require_token
def add(owner: str, name: str) -> Response:
    """Add a read-only key. Respond 422 to a key that cannot be parsed."""
    owner_row, row, _ = find_repository(owner, name, access.ADMIN)
    data = parse_fields()
    if refusal := find_missing_field(data, title="Title", key="Key"):
        return refusal
    try:
        content = keys.parse(data["key"])
    except RequestRefused as error:
        return make_api_error(422, f"Invalid key content: %v: {error.message}")  # recorded
    return make_json_response(
        _format_key(owner_row, row, keys.add_deploy_key(get_db(), row["id"], data["title"], content)), 201
    )


@blueprint.delete("/<int:number>")
@require_token
def remove(owner: str, name: str, number: int) -> Response:
    """Remove the key from this repository. Raises Missing."""
    _, row, _ = find_repository(owner, name, access.ADMIN)
    keys.remove_deploy_key(get_db(), keys.get_deploy_key(get_db(), row["id"], number))
    return make_bare_response(204)
