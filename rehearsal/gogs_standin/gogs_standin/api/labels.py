"""Serve the labels and milestones of a repository."""

from __future__ import annotations

from flask import Blueprint, Response

from ..domain import access, labels, milestones
from ..web.responses import as_json, bare
from ..web.site import db, formats
from .request_data import fields, find_missing_field, repository, signed_in

blueprint = Blueprint("labels", __name__, url_prefix="/repos/<owner>/<name>")


@blueprint.get("/labels")
@signed_in
def list_labels(owner: str, name: str) -> Response:
    """List the labels, by name."""
    _, row, _ = repository(owner, name)
    return as_json([formats().label(label) for label in labels.list_labels(db(), row["id"])])


@blueprint.post("/labels")
@signed_in
def create(owner: str, name: str) -> Response:
    """Create a label. The response has the id 0, as recorded."""
    _, row, _ = repository(owner, name, access.WRITE)
    data = fields()
    if refusal := find_missing_field(data, name="Name", color="Color"):
        return refusal
    return as_json(formats().label(labels.create(db(), row["id"], data["name"], data["color"]), new=True), 201)


@blueprint.get("/labels/<int:number>")
@signed_in
def get(owner: str, name: str, number: int) -> Response:
    """Return one label. Raises Missing."""
    _, row, _ = repository(owner, name)
    return as_json(formats().label(labels.get(db(), row["id"], number)))


@blueprint.patch("/labels/<int:number>")
@signed_in
def change(owner: str, name: str, number: int) -> Response:
    """Change the name and the color that the request has."""
    _, row, _ = repository(owner, name, access.WRITE)
    there, data = labels.get(db(), row["id"], number), fields()
    return as_json(
        formats().label(
            labels.change(db(), there, data.get("name") or there["name"], data.get("color") or there["color"])
        )
    )


@blueprint.get("/milestones/<int:number>")
@signed_in
def get_milestone(owner: str, name: str, number: int) -> Response:
    """Return one milestone. Raises Missing."""
    _, row, _ = repository(owner, name)
    return as_json(formats().milestone(milestones.get(db(), row["id"], number)))


@blueprint.get("/milestones")
@signed_in
def list_milestones(owner: str, name: str) -> Response:
    """List the milestones, open ones first."""
    _, row, _ = repository(owner, name)
    return as_json([formats().milestone(milestone) for milestone in milestones.list_milestones(db(), row["id"])])


@blueprint.post("/milestones")
@signed_in
def create_milestone(owner: str, name: str) -> Response:
    """Create a milestone. `due_on` is an ISO 8601 date and time."""
    _, row, _ = repository(owner, name, access.WRITE)
    data = fields()
    if refusal := find_missing_field(data, title="Title"):
        return refusal
    created = milestones.create(db(), row["id"], data["title"], data.get("description") or "", data.get("due_on"))
    return as_json(formats().milestone(created), 201)


@blueprint.patch("/milestones/<int:number>")
@signed_in
def change_milestone(owner: str, name: str, number: int) -> Response:
    """Change the named fields; `state` closes or opens the milestone."""
    _, row, _ = repository(owner, name, access.WRITE)
    there, data = milestones.get(db(), row["id"], number), fields()
    closed = data["state"] == "closed" if "state" in data else bool(there["is_closed"])
    text = data.get("description")
    changed = milestones.change(
        db(),
        there,
        name=data.get("title") or there["name"],
        content=there["content"] if text is None else text,
        closed=closed,
    )
    return as_json(formats().milestone(changed))


@blueprint.delete("/labels/<int:number>")
@signed_in
def delete(owner: str, name: str, number: int) -> Response:
    """Delete a label from the repository and all its issues."""
    _, row, _ = repository(owner, name, access.WRITE)
    labels.delete(db(), labels.get(db(), row["id"], number))
    return bare(204)
