"""Serve the labels and milestones of a repository."""

from __future__ import annotations

from flask import Blueprint, Response

from ..domain import access, labels, milestones
from ..web.responses import make_bare_response, make_json_response
from ..web.site import get_db, make_formats
from .request_data import find_missing_field, find_repository, parse_fields, require_token

blueprint = Blueprint("labels", __name__, url_prefix="/repos/<owner>/<name>")


@blueprint.get("/labels")
@require_token
def list_labels(owner: str, name: str) -> Response:
    """List the labels, by name."""
    _, row, _ = find_repository(owner, name)
    return make_json_response([make_formats().format_label(label) for label in labels.list_labels(get_db(), row["id"])])


@blueprint.post("/labels")
@require_token
def create(owner: str, name: str) -> Response:
    """Create a label. The response has the id 0, as recorded."""
    _, row, _ = find_repository(owner, name, access.WRITE)
    data = parse_fields()
    if refusal := find_missing_field(data, name="Name", color="Color"):
        return refusal
    return make_json_response(
        make_formats().format_label(labels.create(get_db(), row["id"], data["name"], data["color"]), new=True), 201
    )


@blueprint.get("/labels/<int:number>")
@require_token
def get(owner: str, name: str, number: int) -> Response:
    """Return one label. Raises Missing."""
    _, row, _ = find_repository(owner, name)
    return make_json_response(make_formats().format_label(labels.get(get_db(), row["id"], number)))


@blueprint.patch("/labels/<int:number>")
@require_token
def change(owner: str, name: str, number: int) -> Response:
    """Change the name and the color that the request has."""
    _, row, _ = find_repository(owner, name, access.WRITE)
    there, data = labels.get(get_db(), row["id"], number), parse_fields()
    return make_json_response(
        make_formats().format_label(
            labels.change(get_db(), there, data.get("name") or there["name"], data.get("color") or there["color"])
        )
    )


@blueprint.get("/milestones/<int:number>")
@require_token
def get_milestone(owner: str, name: str, number: int) -> Response:
    """Return one milestone. Raises Missing."""
    _, row, _ = find_repository(owner, name)
    return make_json_response(make_formats().format_milestone(milestones.get(get_db(), row["id"], number)))


@blueprint.get("/milestones")
@require_token
def list_milestones(owner: str, name: str) -> Response:
    """List the milestones, open ones first."""
    _, row, _ = find_repository(owner, name)
    return make_json_response(
        [make_formats().format_milestone(milestone) for milestone in milestones.list_milestones(get_db(), row["id"])]
    )


@blueprint.post("/milestones")
@require_token
def create_milestone(owner: str, name: str) -> Response:
    """Create a milestone. `due_on` is an ISO 8601 date and time."""
    _, row, _ = find_repository(owner, name, access.WRITE)
    data = parse_fields()
    if refusal := find_missing_field(data, title="Title"):
        return refusal
    created = milestones.create(get_db(), row["id"], data["title"], data.get("description") or "", data.get("due_on"))
    return make_json_response(make_formats().format_milestone(created), 201)


@blueprint.patch("/milestones/<int:number>")
@require_token
def change_milestone(owner: str, name: str, number: int) -> Response:
    """Change the named fields; `state` closes or opens the milestone."""
    _, row, _ = find_repository(owner, name, access.WRITE)
    there, data = milestones.get(get_db(), row["id"], number), parse_fields()
    closed = data["state"] == "closed" if "state" in data else bool(there["is_closed"])
    text = data.get("description")
    changed = milestones.change(
        get_db(),
        there,
        name=data.get("title") or there["name"],
        content=there["content"] if text is None else text,
        closed=closed,
    )
    return make_json_response(make_formats().format_milestone(changed))


@blueprint.delete("/labels/<int:number>")
@require_token
def delete(owner: str, name: str, number: int) -> Response:
    """Delete a label from the repository and all its issues."""
    _, row, _ = find_repository(owner, name, access.WRITE)
    labels.delete(get_db(), labels.get(get_db(), row["id"], number))
    return make_bare_response(204)
