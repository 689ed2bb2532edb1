"""Serve issues and their forms."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import access, attachments, comments, issues, labels, users
from .guards import find_repository, get_visitor, link, require_signed_in
from .notify import queue_comment_event, queue_issue_event
from .responses import redirect, render_page
from .site import get_db, get_me

blueprint = Blueprint("issue_pages", __name__, url_prefix="/<owner>/<name>")


@blueprint.get("/issues")
def list_issues(owner: str, name: str) -> Response:
    """Return 20 issues per page; open ones unless `state` is `closed`."""
    owner_row, row = find_repository(owner, name)
    closed, number = request.args.get("state") == "closed", request.args.get("page", 1, type=int)
    rows = issues.list_issues(get_db(), row["id"], closed=closed, page=max(number, 1), size=20)
    return render_page(
        "issues.html", owner=owner_row, repository=row, issues=rows, labels=labels.list_labels(get_db(), row["id"])
    )


@blueprint.get("/issues/new")
@require_signed_in
def show_form(owner: str, name: str) -> Response:
    """Return the form for a new issue."""
    owner_row, row = find_repository(owner, name)
    return render_page("new_issue.html", owner=owner_row, repository=row)


@blueprint.post("/issues/new")
@require_signed_in
def create(owner: str, name: str) -> Response:
    """Create an issue. Labels, milestone and assignee count only for a user with write access."""
    owner_row, row = find_repository(owner, name)
    title = request.form.get("title", "").strip()
    if not title:
        return render_page("new_issue.html", owner=owner_row, repository=row, problem="An issue needs a title.")
    writer = access.read_visitor_mode(get_db(), get_visitor(), row) >= access.WRITE
    wanted = [int(word) for word in request.form.get("label_ids", "").split(",") if word.isdecimal()]
    issue = issues.create(
        get_db(),
        get_visitor(),
        owner_row,
        row,
        title=title,
        content=request.form.get("content", ""),
        label_ids=wanted if writer else (),
        milestone_id=request.form.get("milestone_id", 0, type=int) if writer else 0,
        assignee_id=request.form.get("assignee_id", 0, type=int) if writer else 0,
        uuids=_list_files(),
    )
    queue_issue_event(get_visitor(), owner_row, row, issue, "opened")
    return redirect(f"{link(owner_row, row)}/issues/{issue['index']}")


@blueprint.get("/issues/<int:index>")
def show_issue(owner: str, name: str, index: int) -> Response:
    """Return an issue with its comments, and record that the user has read it."""
    owner_row, row = find_repository(owner, name)
    issue = issues.get(get_db(), row["id"], index)
    if user := get_me():
        issues.mark_read(get_db(), issue["id"], user["id"])
    events = [
        {
            **comment,
            "poster": users.get_by_id(get_db(), comment["poster_id"]),
            "files": attachments.list_attachments(get_db(), comment_id=comment["id"]),
        }
        for comment in comments.list_events(get_db(), issue["id"])
    ]
    return render_page(
        "issue.html",
        owner=owner_row,
        repository=row,
        issue=issue,
        poster=users.get_by_id(get_db(), issue["poster_id"]),
        labels=labels.list_labels_of_issue(get_db(), issue["id"]),
        files=attachments.list_attachments(get_db(), issue_id=issue["id"], comment_id=0),
        comments=events,
        comment_kinds={comments.CLOSED: "closed", comments.REOPENED: "reopened"},
    )


@blueprint.post("/issues/<int:index>/comments")
@require_signed_in
def add_comment(owner: str, name: str, index: int) -> Response:
    """Add a comment. With `status` = close or reopen, change the issue's state too."""
    owner_row, row = find_repository(owner, name)
    issue = issues.get(get_db(), row["id"], index)
    target = f"{link(owner_row, row)}/issues/{index}"
    content, files, status = request.form.get("content", ""), _list_files(), request.form.get("status", "")
    may_change = (
        access.read_visitor_mode(get_db(), get_visitor(), row) >= access.WRITE
        or issue["poster_id"] == get_visitor()["id"]
    )
    if status in ("close", "reopen") and may_change:
        issue = issues.change_status(get_db(), get_visitor(), owner_row, row, issue, closed=status == "close")
        queue_issue_event(get_visitor(), owner_row, row, issue, "closed" if status == "close" else "reopened")
    if not content and not files:
        return redirect(target)
    written = comments.create(get_db(), get_visitor(), owner_row, row, issue, content, files)
    queue_comment_event(get_visitor(), owner_row, row, issue, written)
    return redirect(f"{target}#issuecomment-{written['id']}")


def _list_files() -> list[str]:
    return [number for number in request.form.getlist("files") if number]
