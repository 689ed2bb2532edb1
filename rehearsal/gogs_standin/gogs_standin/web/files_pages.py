"""Serve files that users have uploaded: attachments and pictures."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, request

from ..domain import access, attachments, repositories
from ..domain.exceptions import Missing, RequestRefused
from .guards import require_signed_in
from .responses import make_json_response
from .site import get_config, get_db, get_me

blueprint = Blueprint("files", __name__)


def _upload(allowed: tuple[str, ...], megabytes: int) -> Response:
    file = request.files.get("file")
    if not file:
        return _make_refusal("there is no file in this form")
    data = file.read()
    if len(data) > megabytes << 20:
        return _make_refusal(f"files over {megabytes} MB are not taken here")
    try:
        number = attachments.store(get_db(), get_config(), file.filename or "", data, allowed)
    except RequestRefused as error:
        return _make_refusal(error.message)
    return make_json_response({"uuid": number})


def _make_refusal(message: str) -> Response:
    return Response(message, 400, content_type="text/plain; charset=utf-8")


@blueprint.post("/issues/attachments")
@require_signed_in
def upload_for_issue() -> Response:
    """Store a file for a later issue and return its UUID. Raises Missing when attachments are disabled."""
    if not get_config().attachments_enabled:
        raise Missing("attachments")
    return _upload(get_config().attachment_types, get_config().attachment_megabytes)


@blueprint.post("/releases/attachments")
@require_signed_in
def upload_for_release() -> Response:
    """Store a file for a later release and return its UUID."""
    return _upload(get_config().release_types, get_config().release_megabytes)


@blueprint.get("/attachments/<number>")
def get_attachment(number: str) -> Response:
    """Return a file to users who may see its repository. Raises Missing for other users."""
    found = attachments.find_by_uuid(get_db(), get_config(), number)
    repository_id = attachments.find_repository_id(get_db(), found[0]) if found else None
    if not found or not repository_id:
        raise Missing(number)
    if access.read_visitor_mode(get_db(), get_me(), repositories.get_by_id(get_db(), repository_id)) < access.READ:
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
def get_avatar(number: int) -> Response:
    """Return a user's picture. It is public."""
    return _send_picture(get_config().avatars / str(number))


@blueprint.get("/repo-avatars/<int:number>")
def get_repository_avatar(number: int) -> Response:
    """Return a repository's picture. It is public."""
    return _send_picture(get_config().repository_avatars / str(number))


def _send_picture(path: Path) -> Response:
    if not path.is_file():
        raise Missing(path.name)
    data = path.read_bytes()
    return Response(data, content_type=attachments.detect_mime_type(data))
