"""Serve the comments of issues."""

from __future__ import annotations

from flask import Blueprint, Response

from ..domain import access, comments, issues
from ..domain.exceptions import Forbidden
from ..store.database import Row
from ..web.notify import queue_comment_event
from ..web.responses import make_bare_response, make_json_response
from ..web.site import get_db, make_formats
from .request_data import find_missing_field, find_repository, get_caller, parse_fields, require_token

blueprint = Blueprint("issue_comments", __name__, url_prefix="/repos/<owner>/<name>/issues")


@blueprint.get("/<int:index>/comments")
@require_token
def list_comments(owner: str, name: str, index: int) -> Response:
    """List the comments of an issue. Closing and reopening are no comments."""
    owner_row, row, _ = find_repository(owner, name)
    issue = issues.get(get_db(), row["id"], index)
    full = f"{owner_row['name']}/{row['name']}"
    return make_json_response(
        [
            make_formats().format_comment(full, index, comment)
            for comment in comments.list_comments(get_db(), issue["id"])
        ]
    )


@blueprint.post("/<int:index>/comments")
@require_token
def create(owner: str, name: str, index: int) -> Response:
    """Comment on an issue, and queue its webhooks."""
    owner_row, row, _ = find_repository(owner, name)
    data = parse_fields()
    if refusal := find_missing_field(data, body="Body"):
        return refusal
    issue = issues.get(get_db(), row["id"], index)
    comment = comments.create(get_db(), get_caller(), owner_row, row, issue, data["body"])
    queue_comment_event(get_caller(), owner_row, row, issue, comment)
    return make_json_response(make_formats().format_comment(f"{owner_row['name']}/{row['name']}", index, comment), 201)


@blueprint.patch("/<int:index>/comments/<int:number>")
@require_token
def edit_comment(owner: str, name: str, index: int, number: int) -> Response:
    """Replace a comment's text. Raises Forbidden for other users than its writer and the repository's administrators."""
    owner_row, row, mode = find_repository(owner, name)
    issue, comment = issues.get(get_db(), row["id"], index), comments.get(get_db(), number)
    _check_writer(mode, comment)
    changed = comments.rewrite(get_db(), number, parse_fields().get("body", ""))
    return make_json_response(
        make_formats().format_comment(f"{owner_row['name']}/{row['name']}", issue["index"], changed)
    )


@blueprint.delete("/<int:index>/comments/<int:number>")
@require_token
def delete(owner: str, name: str, index: int, number: int) -> Response:
    """Delete a comment. Raises Forbidden for other users than its writer and the repository's administrators."""
    _, row, mode = find_repository(owner, name)
    issue, comment = issues.get(get_db(), row["id"], index), comments.get(get_db(), number)
    _check_writer(mode, comment)
    comments.delete(get_db(), issue, comment)
    return make_bare_response(204)


def _check_writer(mode: int, comment: Row) -> None:
    """Raise Forbidden unless the caller wrote the comment or administers the repository."""
    if comment["poster_id"] != get_caller()["id"] and mode < access.ADMIN:
        raise Forbidden("only who wrote a comment, or who administers the repository, changes it")
