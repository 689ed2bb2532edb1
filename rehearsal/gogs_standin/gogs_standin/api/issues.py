"""Serve the issues of a repository and their labels."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from ..domain import access, issues, labels, users
from ..domain.exceptions import Forbidden, RequestRefused
from ..web.notify import issue_event
from ..web.responses import as_json, bare
from ..web.site import db, formats
from .request_data import caller, fields, find_missing_field, page_number, repository, signed_in, with_links

blueprint = Blueprint("issues", __name__, url_prefix="/repos/<owner>/<name>/issues")
PAGE = 10


@blueprint.get("")
@signed_in
def list_issues(owner: str, name: str) -> Response:
    """List ten issues per page; open ones unless `state` is `closed`."""
    _, row, _ = repository(owner, name)
    closed = request.args.get("state") == "closed"
    rows = issues.list_issues(db(), row["id"], closed=closed, page=page_number(), size=PAGE)
    answer = as_json([formats().issue(issue) for issue in rows])
    return with_links(answer, issues.count(db(), row["id"], closed=closed), PAGE)


@blueprint.post("")
@signed_in
def create(owner: str, name: str) -> Response:
    """Create an issue. Labels, milestone and assignee count only for a user with write access."""
    owner_row, row, mode = repository(owner, name)
    data = fields()
    if refusal := find_missing_field(data, title="Title"):
        return refusal
    writer = mode >= access.WRITE  # other users only report a problem
    issue = issues.create(
        db(),
        caller(),
        owner_row,
        row,
        title=data["title"],
        content=data.get("body") or "",
        label_ids=(data.get("labels") or ()) if writer else (),
        milestone_id=(data.get("milestone") or 0) if writer else 0,
        assignee_id=(_assignee(data) or 0) if writer else 0,
    )
    issue_event(caller(), owner_row, row, issue, "opened")
    if data.get("closed"):
        issue = issues.change_status(db(), caller(), owner_row, row, issue, closed=True)
    return as_json(formats().issue(issue), 201)


@blueprint.get("/<int:index>")
@signed_in
def get(owner: str, name: str, index: int) -> Response:
    """Return one issue. Raises Missing."""
    _, row, _ = repository(owner, name)
    return as_json(formats().issue(issues.get(db(), row["id"], index)))


@blueprint.patch("/<int:index>")
@signed_in
def edit(owner: str, name: str, index: int) -> Response:
    """Change the named fields, and close or reopen the issue. Raises Forbidden for users who neither wrote it nor have write access."""
    owner_row, row, mode = repository(owner, name)
    issue, data = issues.get(db(), row["id"], index), fields()
    writer = mode >= access.WRITE
    if not writer and issue["poster_id"] != caller()["id"]:
        raise Forbidden("only who wrote the issue, or who may write to the repository, changes it")
    issue = issues.edit(
        db(),
        issue,
        name=data.get("title") or None,
        content=data.get("body"),
        milestone_id=data.get("milestone") if writer else None,
        assignee_id=_assignee(data) if writer else None,
    )
    if data.get("state") is not None:
        closed = data["state"] == "closed"
        issue = issues.change_status(db(), caller(), owner_row, row, issue, closed=closed)
        issue_event(caller(), owner_row, row, issue, "closed" if closed else "reopened")
    return as_json(formats().issue(issue), 201)


@blueprint.get("/<int:index>/labels")
@signed_in
def issue_labels(owner: str, name: str, index: int) -> Response:
    """List the labels of an issue, by name."""
    _, row, _ = repository(owner, name)
    issue = issues.get(db(), row["id"], index)
    return as_json([formats().label(label) for label in labels.of_issue(db(), issue["id"])])


@blueprint.post("/<int:index>/labels")
@signed_in
def add_labels(owner: str, name: str, index: int) -> Response:
    """Add labels by id, and return all labels of the issue. Raises Missing for an unknown label."""
    _, row, _ = repository(owner, name, access.WRITE)
    issue = issues.get(db(), row["id"], index)
    for number in fields().get("labels", []):
        labels.attach(db(), issue["id"], labels.get(db(), row["id"], number))
    return as_json([formats().label(label) for label in labels.of_issue(db(), issue["id"])])


@blueprint.put("/<int:index>/labels")
@signed_in
def replace_labels(owner: str, name: str, index: int) -> Response:
    """Replace all labels of the issue."""
    _, row, _ = repository(owner, name, access.WRITE)
    labels.detach_all(db(), issues.get(db(), row["id"], index)["id"])
    return add_labels(owner, name, index)


@blueprint.delete("/<int:index>/labels/<int:number>")
@signed_in
def remove_label(owner: str, name: str, index: int, number: int) -> Response:
    """Remove one label from the issue. Respond 204 also when the issue did not have it."""
    _, row, _ = repository(owner, name, access.WRITE)
    labels.detach(db(), issues.get(db(), row["id"], index)["id"], labels.get(db(), row["id"], number))
    return bare(204)


@blueprint.delete("/<int:index>/labels")
@signed_in
def clear_labels(owner: str, name: str, index: int) -> Response:
    """Remove all labels from the issue."""
    _, row, _ = repository(owner, name, access.WRITE)
    labels.detach_all(db(), issues.get(db(), row["id"], index)["id"])
    return bare(204)


def _assignee(data: dict[str, Any]) -> int | None:
    """Return the user's id; 0 for nobody, None without the field. Raises RequestRefused for an unknown user."""
    name = data.get("assignee")
    if not name:
        return None if name is None else 0
    person = users.by_name(db(), name)
    if not person:
        raise RequestRefused(f"assignee does not exist: [name: {name}]")
    return int(person["id"])
