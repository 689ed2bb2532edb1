"""Serve files that users have uploaded: attachments and pictures."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, request

from ..domain import access, attachments, repositories
from ..domain.exceptions import Missing, RequestRefused
from .guards import signed_in
from .responses import as_json
from .site import config, db, me

blueprint = Blueprint("files", __name__)


def _upload(allowed: tuple[str, ...], megabytes: int) -> Response:
    file = request.files.get("file")
    if not file:
        return _refused("there is no file in this form")
    data = file.read()
    if len(data) > megabytes << 20:
        return _refused(f"files over {megabytes} MB are not taken here")
    try:
        number = attachments.store(db(), config(), file.filename or "", data, allowed)
    except RequestRefused as error:
        return _refused(error.message)
    return as_json({"uuid": number})


def _refused(message: str) -> Response:
    return Response(message, 400, content_type="text/plain; charset=utf-8")


@blueprint.post("/issues/attachments")
@signed_in
def upload_for_issue() -> Response:
    """Store a file for a later issue and return its UUID. Raises Missing when attachments are disabled."""
    if not config().attachments_enabled:
        raise Missing("attachments")
    return _upload(config().attachment_types, config().attachment_megabytes)


@blueprint.post("/releases/attachments")
@signed_in
def upload_for_release() -> Response:
    """Store a file for a later release and return its UUID."""
    return _upload(config().release_types, config().release_megabytes)


@blueprint.get("/attachments/<number>")
def attachment(number: str) -> Response:
    """Return a file to users who may see its repository. Raises Missing for other users."""
    found = attachments.by_uuid(db(), config(), number)
    repository_id = attachments.repository_id(db(), found[0]) if found else None
    if not found or not repository_id:
        raise Missing(number)
    if access.mode_of_visitor(db(), me(), repositories.by_id(db(), repository_id)) < access.READ:
        raise Missing(number)
    row, path = found
    data = path.read_bytes()
    answer = Response(data, content_type=attachments.detect_mime_type(data))
    answer.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(row['name'])}"
    # The browser must not run an uploaded file with this site's rights.
    answer.headers["Content-Security-Policy"] = "sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@blueprint.get("/avatars/<int:number>")
def avatar(number: int) -> Response:
    """Return a user's picture. It is public."""
    return _picture(config().avatars / str(number))


@blueprint.get("/repo-avatars/<int:number>")
def repository_avatar(number: int) -> Response:
    """Return a repository's picture. It is public."""
    return _picture(config().repository_avatars / str(number))


def _picture(path: Path) -> Response:
    if not path.is_file():
        raise Missing(path.name)
    data = path.read_bytes()
    return Response(data, content_type=attachments.detect_mime_type(data))
