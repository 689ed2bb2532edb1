"""Serve the comments of issues."""

from __future__ import annotations

from flask import Blueprint, Response

from ..domain import access, comments, issues
from ..domain.exceptions import Forbidden
from ..store.database import Row
from ..web.notify import comment_event
from ..web.responses import as_json, bare
from ..web.site import db, formats
from .request_data import caller, fields, find_missing_field, repository, signed_in

blueprint = Blueprint("issue_comments", __name__, url_prefix="/repos/<owner>/<name>/issues")


@blueprint.get("/<int:index>/comments")
@signed_in
def list_comments(owner: str, name: str, index: int) -> Response:
    """List the comments of an issue. Closing and reopening are no comments."""
    owner_row, row, _ = repository(owner, name)
    issue = issues.get(db(), row["id"], index)
    full = f"{owner_row['name']}/{row['name']}"
    return as_json([formats().comment(full, index, comment) for comment in comments.list_comments(db(), issue["id"])])


@blueprint.post("/<int:index>/comments")
@signed_in
def create(owner: str, name: str, index: int) -> Response:
    """Comment on an issue, and queue its webhooks."""
    owner_row, row, _ = repository(owner, name)
    data = fields()
    if refusal := find_missing_field(data, body="Body"):
        return refusal
    issue = issues.get(db(), row["id"], index)
    comment = comments.create(db(), caller(), owner_row, row, issue, data["body"])
    comment_event(caller(), owner_row, row, issue, comment)
    return as_json(formats().comment(f"{owner_row['name']}/{row['name']}", index, comment), 201)


@blueprint.patch("/<int:index>/comments/<int:number>")
@signed_in
def edit(owner: str, name: str, index: int, number: int) -> Response:
    """Replace a comment's text. Raises Forbidden for other users than its writer and the repository's administrators."""
    owner_row, row, mode = repository(owner, name)
    issue, comment = issues.get(db(), row["id"], index), comments.get(db(), number)
    _check_writer(mode, comment)
    changed = comments.rewrite(db(), number, fields().get("body", ""))
    return as_json(formats().comment(f"{owner_row['name']}/{row['name']}", issue["index"], changed))


@blueprint.delete("/<int:index>/comments/<int:number>")
@signed_in
def delete(owner: str, name: str, index: int, number: int) -> Response:
    """Delete a comment. Raises Forbidden for other users than its writer and the repository's administrators."""
    _, row, mode = repository(owner, name)
    issue, comment = issues.get(db(), row["id"], index), comments.get(db(), number)
    _check_writer(mode, comment)
    comments.delete(db(), issue, comment)
    return bare(204)


def _check_writer(mode: int, comment: Row) -> None:
    """Raise Forbidden unless the caller wrote the comment or administers the repository."""
    if comment["poster_id"] != caller()["id"] and mode < access.ADMIN:
        raise Forbidden("only who wrote a comment, or who administers the repository, changes it")
