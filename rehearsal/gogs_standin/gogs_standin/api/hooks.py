"""Serve the webhooks of a repository."""

from __future__ import annotations

from flask import Blueprint, Response

from ..domain import access, webhooks
from ..web.responses import as_json, bare
from ..web.site import db, formats
from .request_data import fields, find_missing_field, repository, signed_in

blueprint = Blueprint("hooks", __name__, url_prefix="/repos/<owner>/<name>/hooks")


@blueprint.get("")
@signed_in
def list_hooks(owner: str, name: str) -> Response:
    """List the webhooks, for an administrator of the repository."""
    _, row, _ = repository(owner, name, access.ADMIN)
    return as_json([formats().hook(hook) for hook in webhooks.list_webhooks(db(), row["id"])])


@blueprint.post("")
@signed_in
def create(owner: str, name: str) -> Response:
    """Create a webhook; without `events` for pushes only. Raises RequestRefused for another type than gogs."""
    _, row, _ = repository(owner, name, access.ADMIN)
    data = fields()
    if refusal := find_missing_field(data, type="Type", config="Config"):
        return refusal
    active, events = bool(data.get("active")), data.get("events") or []
    return as_json(
        formats().hook(webhooks.create(db(), row["id"], data["config"], events, active=active, kind=data["type"])), 201
    )


@blueprint.delete("/<int:number>")
@signed_in
def delete(owner: str, name: str, number: int) -> Response:
    """Delete a webhook. Respond 204 also when it does not exist, as recorded."""
    _, row, _ = repository(owner, name, access.ADMIN)
    db().run(
        "DELETE FROM webhook WHERE id = %s AND repo_id = %s", number, row["id"]
    )  # also when it does not exist, as recorded
    return bare(204)
