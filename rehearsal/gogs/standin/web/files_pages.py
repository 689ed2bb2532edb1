"""Files that users have uploaded: attachments and pictures."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, request

from ..domain import access, attachments, avatars, repositories, users
from ..domain.errors import Missing, Refused
from .guards import signed_in
from .replies import as_json
from .site import config, db, me

blueprint = Blueprint("files", __name__)


def _upload(allowed: tuple[str, ...], megabytes: int) -> Response:
    file = request.files.get("file")
    if not file:
        return Response("get file: no such file", 500, content_type="text/plain; charset=utf-8")
    data = file.read()
    if len(data) > megabytes << 20:
        return Response("File is too big.", 400, content_type="text/plain; charset=utf-8")
    try:
        number = attachments.store(db(), config(), file.filename or "", data, allowed)
    except Refused as error:
        return Response(error.message, 400, content_type="text/plain; charset=utf-8")
    return as_json({"uuid": number})


@blueprint.post("/issues/attachments")
@signed_in
def upload_for_issue() -> Response:
    return _upload(config().attachment_types, config().attachment_megabytes)


@blueprint.post("/releases/attachments")
@signed_in
def upload_for_release() -> Response:
    return _upload(config().release_types, config().release_megabytes)


@blueprint.get("/attachments/<number>")
def attachment(number: str) -> Response:
    """For those who may see the repository that it belongs to."""
    found = attachments.by_uuid(db(), config(), number)
    repository_id = attachments.repository_id(db(), found[0]) if found else None
    if not found or not repository_id:
        raise Missing(number)
    if access.mode_of_visitor(db(), me(), repositories.by_id(db(), repository_id)) < access.READ:
        raise Missing(number)
    row, path = found
    data = path.read_bytes()
    answer = Response(data, content_type=attachments.kind_of(data))
    answer.headers["Content-Disposition"] = f'inline; filename="{row["name"].encode("ascii", "replace").decode()}"'
    answer.headers["Cache-Control"] = "private,max-age=86400"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return answer


@blueprint.get("/avatars/<int:number>")
def avatar(number: int) -> Response:
    return _picture(config().avatars / str(number))


@blueprint.get("/repo-avatars/<int:number>")
def repository_avatar(number: int) -> Response:
    return _picture(config().repository_avatars / str(number))


@blueprint.get("/img/avatar_default.png")
def nobody() -> Response:
    return Response(avatars.identicon("nobody"), content_type="image/png")


def _picture(path: Path) -> Response:
    if not path.is_file():
        raise Missing(path.name)
    data = path.read_bytes()
    return Response(data, content_type=attachments.kind_of(data))


@blueprint.get("/<name>.png")
def avatar_by_name(name: str) -> Response:
    row = users.by_name(db(), name)
    if not row:
        raise Missing(name)
    return _picture(config().avatars / str(row["id"]))
