"""Serve issues and their forms."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import access, attachments, comments, issues, labels, users
from .guards import link, repository, signed_in, visitor
from .notify import comment_event, issue_event
from .responses import page, redirect
from .site import db, me

blueprint = Blueprint("issue_pages", __name__, url_prefix="/<owner>/<name>")


@blueprint.get("/issues")
def list_issues(owner: str, name: str) -> Response:
    """Return 20 issues per page; open ones unless `state` is `closed`."""
    owner_row, row = repository(owner, name)
    closed, number = request.args.get("state") == "closed", request.args.get("page", 1, type=int)
    rows = issues.list_issues(db(), row["id"], closed=closed, page=max(number, 1), size=20)
    return page("issues.html", owner=owner_row, repository=row, issues=rows, labels=labels.list_labels(db(), row["id"]))


@blueprint.get("/issues/new")
@signed_in
def new(owner: str, name: str) -> Response:
    """Return the form for a new issue."""
    owner_row, row = repository(owner, name)
    return page("new_issue.html", owner=owner_row, repository=row)


@blueprint.post("/issues/new")
@signed_in
def create(owner: str, name: str) -> Response:
    """Create an issue. Labels, milestone and assignee count only for a user with write access."""
    owner_row, row = repository(owner, name)
    title = request.form.get("title", "").strip()
    if not title:
        return page("new_issue.html", owner=owner_row, repository=row, problem="An issue needs a title.")
    writer = access.mode_of_visitor(db(), visitor(), row) >= access.WRITE
    wanted = [int(word) for word in request.form.get("label_ids", "").split(",") if word.isdecimal()]
    issue = issues.create(
        db(),
        visitor(),
        owner_row,
        row,
        title=title,
        content=request.form.get("content", ""),
        label_ids=wanted if writer else (),
        milestone_id=request.form.get("milestone_id", 0, type=int) if writer else 0,
        assignee_id=request.form.get("assignee_id", 0, type=int) if writer else 0,
        uuids=_files(),
    )
    issue_event(visitor(), owner_row, row, issue, "opened")
    return redirect(f"{link(owner_row, row)}/issues/{issue['index']}")


@blueprint.get("/issues/<int:index>")
def view(owner: str, name: str, index: int) -> Response:
    """Return an issue with its comments, and record that the user has read it."""
    owner_row, row = repository(owner, name)
    issue = issues.get(db(), row["id"], index)
    if user := me():
        issues.mark_read(db(), issue["id"], user["id"])
    events = [
        {
            **comment,
            "poster": users.existing(db(), comment["poster_id"]),
            "files": attachments.of(db(), comment_id=comment["id"]),
        }
        for comment in comments.list_events(db(), issue["id"])
    ]
    return page(
        "issue.html",
        owner=owner_row,
        repository=row,
        issue=issue,
        poster=users.existing(db(), issue["poster_id"]),
        labels=labels.of_issue(db(), issue["id"]),
        files=attachments.of(db(), issue_id=issue["id"], comment_id=0),
        comments=events,
        comment_kinds={comments.CLOSED: "closed", comments.REOPENED: "reopened"},
    )


@blueprint.post("/issues/<int:index>/comments")
@signed_in
def comment(owner: str, name: str, index: int) -> Response:
    """Add a comment. With `status` = close or reopen, change the issue's state too."""
    owner_row, row = repository(owner, name)
    issue = issues.get(db(), row["id"], index)
    target = f"{link(owner_row, row)}/issues/{index}"
    content, files, status = request.form.get("content", ""), _files(), request.form.get("status", "")
    may_change = access.mode_of_visitor(db(), visitor(), row) >= access.WRITE or issue["poster_id"] == visitor()["id"]
    if status in ("close", "reopen") and may_change:
        issue = issues.change_status(db(), visitor(), owner_row, row, issue, closed=status == "close")
        issue_event(visitor(), owner_row, row, issue, "closed" if status == "close" else "reopened")
    if not content and not files:
        return redirect(target)
    written = comments.create(db(), visitor(), owner_row, row, issue, content, files)
    comment_event(visitor(), owner_row, row, issue, written)
    return redirect(f"{target}#issuecomment-{written['id']}")


def _files() -> list[str]:
    return [number for number in request.form.getlist("files") if number]
