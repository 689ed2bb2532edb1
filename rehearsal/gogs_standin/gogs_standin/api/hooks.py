"""Serve the webhooks of a repository."""

from __future__ import annotations

from flask import Blueprint, Response

from ..domain import access, webhooks
from ..web.responses import make_bare_response, make_json_response
from ..web.site import get_db, make_formats
from .request_data import find_missing_field, find_repository, parse_fields, require_token

blueprint = Blueprint("hooks", __name__, url_prefix="/repos/<owner>/<name>/hooks")


@blueprint.get("")
@require_token
def list_hooks(owner: str, name: str) -> Response:
    """List the webhooks, for an administrator of the repository."""
    _, row, _ = find_repository(owner, name, access.ADMIN)
    return make_json_response(
        [make_formats().format_hook(hook) for hook in webhooks.list_webhooks(get_db(), row["id"])]
    )


@blueprint.post("")
@require_token
def create(owner: str, name: str) -> Response:
    """Create a webhook; without `events` for pushes only. Raises RequestRefused for another type than gogs."""
    _, row, _ = find_repository(owner, name, access.ADMIN)
    data = parse_fields()
    if refusal := find_missing_field(data, type="Type", config="Config"):
        return refusal
    active, events = bool(data.get("active")), data.get("events") or []
    return make_json_response(
        make_formats().format_hook(
            webhooks.create(get_db(), row["id"], data["config"], events, active=active, kind=data["type"])
        ),
        201,
    )


@blueprint.delete("/<int:number>")
@require_token
def delete(owner: str, name: str, number: int) -> Response:
    """Delete a webhook. Respond 204 also when it does not exist, as recorded."""
    _, row, _ = find_repository(owner, name, access.ADMIN)
    get_db().run(
        "DELETE FROM webhook WHERE id = %s AND repo_id = %s", number, row["id"]
    )  # also when it does not exist, as recorded
    return make_bare_response(204)
