"""Issues."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import access, issues, labels, users
from ..domain.errors import Forbidden
from ..web.notify import issue_event
from ..web.replies import api_error, as_json, bare
from ..web.site import config, db, formats
from .request_data import caller, fields, lacking, page_number, repository, signed_in

blueprint = Blueprint("issues", __name__, url_prefix="/repos/<owner>/<name>/issues")
PAGE = 10


@blueprint.get("")
@signed_in
def listed(owner: str, name: str) -> Response:
    """Ten a page, open ones unless `state` says otherwise; the header Link says where the other pages are."""
    _, row, _ = repository(owner, name)
    closed, page = request.args.get("state") == "closed", page_number()
    answer = as_json(
        [formats().issue(issue) for issue in issues.listed(db(), row["id"], closed=closed, page=page, size=PAGE)]
    )
    last = max(-(-issues.count(db(), row["id"], closed=closed) // PAGE), 1)
    base = f"{config().external_url}{request.path.lstrip('/')}"
    pages = {"next": page + 1, "last": last} if page < last else {}
    pages |= {"first": 1, "prev": page - 1} if page > 1 else {}
    if pages:
        answer.headers["Link"] = ",".join(f'<{base}?page={number}>; rel="{name}"' for name, number in pages.items())
    return answer


@blueprint.post("")
@signed_in
def create(owner: str, name: str) -> Response:
    owner_row, row, mode = repository(owner, name)
    data = fields()
    if refusal := lacking(data, title="Title"):
        return refusal
    writer, assignee = mode >= access.WRITE, 0
    if writer and data.get("assignee"):
        person = users.by_name(db(), data["assignee"])
        if not person:
            return api_error(422, f"assignee does not exist: [name: {data['assignee']}]")
        assignee = person["id"]
    issue = issues.create(
        db(),
        caller(),
        owner_row,
        row,
        title=data["title"],
        content=data.get("body") or "",
        label_ids=data.get("labels") or () if writer else (),
        milestone_id=data.get("milestone") or 0 if writer else 0,
        assignee_id=assignee,
    )
    issue_event(caller(), owner_row, row, issue, "opened")
    if data.get("closed"):
        issue = issues.change_status(db(), caller(), owner_row, row, issue, closed=True)
    return as_json(formats().issue(issue), 201)


@blueprint.get("/<int:index>")
@signed_in
def get(owner: str, name: str, index: int) -> Response:
    _, row, _ = repository(owner, name)
    return as_json(formats().issue(issues.get(db(), row["id"], index)))


@blueprint.patch("/<int:index>")
@signed_in
def edit(owner: str, name: str, index: int) -> Response:
    owner_row, row, mode = repository(owner, name)
    issue, data = issues.get(db(), row["id"], index), fields()
    writer = mode >= access.WRITE
    if not writer and issue["poster_id"] != caller()["id"]:
        raise Forbidden("neither the poster nor a writer")
    assignee = None
    if writer and data.get("assignee") is not None:
        person = users.by_name(db(), data["assignee"]) if data["assignee"] else {"id": 0}
        if not person:
            return api_error(422, f"assignee does not exist: [name: {data['assignee']}]")
        assignee = person["id"]
    issue = issues.edit(
        db(),
        issue,
        title=data.get("title") or None,
        content=data.get("body"),
        milestone_id=data.get("milestone") if writer else None,
        assignee_id=assignee,
    )
    if data.get("state") is not None:
        closed = data["state"] == "closed"
        issue = issues.change_status(db(), caller(), owner_row, row, issue, closed=closed)
        issue_event(caller(), owner_row, row, issue, "closed" if closed else "reopened")
    return as_json(formats().issue(issue), 201)


@blueprint.get("/<int:index>/labels")
@signed_in
def issue_labels(owner: str, name: str, index: int) -> Response:
    _, row, _ = repository(owner, name)
    issue = issues.get(db(), row["id"], index)
    return as_json([formats().label(label) for label in labels.of_issue(db(), issue["id"])])


@blueprint.post("/<int:index>/labels")
@signed_in
def add_labels(owner: str, name: str, index: int) -> Response:
    _, row, _ = repository(owner, name, access.WRITE)
    issue = issues.get(db(), row["id"], index)
    for number in fields().get("labels", []):
        labels.attach(db(), issue, labels.get(db(), row["id"], number))
    return as_json([formats().label(label) for label in labels.of_issue(db(), issue["id"])])


@blueprint.delete("/<int:index>/labels")
@signed_in
def clear_labels(owner: str, name: str, index: int) -> Response:
    _, row, _ = repository(owner, name, access.WRITE)
    labels.detach_all(db(), issues.get(db(), row["id"], index))
    return bare(204)
