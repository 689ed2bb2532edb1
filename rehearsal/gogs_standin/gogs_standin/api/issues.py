"""Serve the issues of a repository and their labels."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from ..domain import access, issues, labels, users
from ..domain.exceptions import Forbidden, RequestRefused
from ..web.notify import queue_issue_event
from ..web.responses import make_bare_response, make_json_response
from ..web.site import get_db, make_formats
from .request_data import (
    add_links,
    find_missing_field,
    find_repository,
    get_caller,
    parse_fields,
    parse_page_number,
    require_token,
)

blueprint = Blueprint("issues", __name__, url_prefix="/repos/<owner>/<name>/issues")
PAGE = 10


@blueprint.get("")
@require_token
def list_issues(owner: str, name: str) -> Response:
    """List ten issues per page; open ones unless `state` is `closed`."""
    _, row, _ = find_repository(owner, name)
    closed = request.args.get("state") == "closed"
    rows = issues.list_issues(get_db(), row["id"], closed=closed, page=parse_page_number(), size=PAGE)
    answer = make_json_response([make_formats().format_issue(issue) for issue in rows])
    return add_links(answer, issues.count(get_db(), row["id"], closed=closed), PAGE)


@blueprint.post("")
@require_token
def create(owner: str, name: str) -> Response:
    """Create an issue. Labels, milestone and assignee count only for a user with write access."""
    owner_row, row, mode = find_repository(owner, name)
    data = parse_fields()
    if refusal := find_missing_field(data, title="Title"):
        return refusal
    writer = mode >= access.WRITE  # other users only report a problem
    issue = issues.create(
        get_db(),
        get_caller(),
        owner_row,
        row,
        title=data["title"],
        content=data.get("body") or "",
        label_ids=(data.get("labels") or ()) if writer else (),
        milestone_id=(data.get("milestone") or 0) if writer else 0,
        assignee_id=(_find_assignee(data) or 0) if writer else 0,
    )
    queue_issue_event(get_caller(), owner_row, row, issue, "opened")
    if data.get("closed"):
        issue = issues.change_status(get_db(), get_caller(), owner_row, row, issue, closed=True)
    return make_json_response(make_formats().format_issue(issue), 201)


@blueprint.get("/<int:index>")
@require_token
def get(owner: str, name: str, index: int) -> Response:
    """Return one issue. Raises Missing."""
    _, row, _ = find_repository(owner, name)
    return make_json_response(make_formats().format_issue(issues.get(get_db(), row["id"], index)))


@blueprint.patch("/<int:index>")
@require_token
def edit_issue(owner: str, name: str, index: int) -> Response:
    """Change the named fields, and close or reopen the issue. Raises Forbidden for users who neither wrote it nor have write access."""
    owner_row, row, mode = find_repository(owner, name)
    issue, data = issues.get(get_db(), row["id"], index), parse_fields()
    writer = mode >= access.WRITE
    if not writer and issue["poster_id"] != get_caller()["id"]:
        raise Forbidden("only who wrote the issue, or who may write to the repository, changes it")
    issue = issues.edit_issue(
        get_db(),
        issue,
        name=data.get("title") or None,
        content=data.get("body"),
        milestone_id=data.get("milestone") if writer else None,
        assignee_id=_find_assignee(data) if writer else None,
    )
    if data.get("state") is not None:
        closed = data["state"] == "closed"
        issue = issues.change_status(get_db(), get_caller(), owner_row, row, issue, closed=closed)
        queue_issue_event(get_caller(), owner_row, row, issue, "closed" if closed else "reopened")
    return make_json_response(make_formats().format_issue(issue), 201)


@blueprint.get("/<int:index>/labels")
@require_token
def list_issue_labels(owner: str, name: str, index: int) -> Response:
    """List the labels of an issue, by name."""
    _, row, _ = find_repository(owner, name)
    issue = issues.get(get_db(), row["id"], index)
    return make_json_response(
        [make_formats().format_label(label) for label in labels.list_labels_of_issue(get_db(), issue["id"])]
    )


@blueprint.post("/<int:index>/labels")
@require_token
def add_labels(owner: str, name: str, index: int) -> Response:
    """Add labels by id, and return all labels of the issue. Raises Missing for an unknown label."""
    _, row, _ = find_repository(owner, name, access.WRITE)
    issue = issues.get(get_db(), row["id"], index)
    for number in parse_fields().get("labels", []):
        labels.attach(get_db(), issue["id"], labels.get(get_db(), row["id"], number))
    return make_json_response(
        [make_formats().format_label(label) for label in labels.list_labels_of_issue(get_db(), issue["id"])]
    )


@blueprint.put("/<int:index>/labels")
@require_token
def replace_labels(owner: str, name: str, index: int) -> Response:
    """Replace all labels of the issue."""
    _, row, _ = find_repository(owner, name, access.WRITE)
    labels.detach_all(get_db(), issues.get(get_db(), row["id"], index)["id"])
    return add_labels(owner, name, index)


@blueprint.delete("/<int:index>/labels/<int:number>")
@require_token
def remove_label(owner: str, name: str, index: int, number: int) -> Response:
    """Remove one label from the issue. Respond 204 also when the issue did not have it."""
    _, row, _ = find_repository(owner, name, access.WRITE)
    labels.detach(get_db(), issues.get(get_db(), row["id"], index)["id"], labels.get(get_db(), row["id"], number))
    return make_bare_response(204)


@blueprint.delete("/<int:index>/labels")
@require_token
def clear_labels(owner: str, name: str, index: int) -> Response:
    """Remove all labels from the issue."""
    _, row, _ = find_repository(owner, name, access.WRITE)
    labels.detach_all(get_db(), issues.get(get_db(), row["id"], index)["id"])
    return make_bare_response(204)


def _find_assignee(data: dict[str, Any]) -> int | None:
    """Return the user's id; 0 for nobody, None without the field. Raises RequestRefused for an unknown user."""
    name = data.get("assignee")
    if not name:
        return None if name is None else 0
    person = users.find_by_name(get_db(), name)
    if not person:
        raise RequestRefused(f"assignee does not exist: [name: {name}]")
    return int(person["id"])
