"""Serve Git LFS, basic transfer (its docs/api).

Objects are at <objects>/<first digit>/<second>/<oid>, one file for all repositories.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.wsgi import wrap_file

from ..domain import paths
from ..domain.exceptions import Missing
from ..store.database import Row
from ..web.responses import make_bare_response, make_json_response
from ..web.site import get_config, get_db
from ..web.visitor import parse_basic
from . import gate
from .lfs_upload import receive

blueprint = Blueprint("lfs", __name__, url_prefix="/<owner>/<name>/info/lfs/objects")
_TYPE = "application/vnd.git-lfs+json"
_OID = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20
_SECOND_FACTOR = "Users with 2FA enabled are not allowed to authenticate via username and password."
"""recorded, as every message here"""


class _Answered(Exception):
    """The request ends with this response: a message as JSON, or only the status."""

    def __init__(self, status: int, message: str = "", **headers: str) -> None:
        self.answer = make_json_response({"message": message}, status, _TYPE) if message else make_bare_response(status)
        self.answer.headers.extend({name.replace("_", "-"): value for name, value in headers.items()})


@blueprint.errorhandler(_Answered)
def _return_response(error: _Answered) -> Response:
    return error.answer


def _find_person() -> Row:
    """Return the authenticated user. Raises _Answered without valid credentials."""
    credentials = parse_basic(request)
    try:
        user = gate.find_person(get_db(), *credentials) if credentials else None
    except gate.SecondFactorNeeded:
        refusal = _Answered(400)
        refusal.answer = Response(_SECOND_FACTOR, 400, content_type="text/plain; charset=utf-8")
        raise refusal from None
    if not user:
        raise _Answered(401, "Credentials needed", LFS_Authenticate='Basic realm="Git LFS"')  # recorded
    return user


def _find_repository(user: Row, owner: str, name: str, *, writes: bool) -> Row:
    """Return the repository. Raises Missing when it does not exist or this user has no access."""
    repository = gate.find_target(get_db(), get_config(), owner, name).repository
    if not gate.has_access(get_db(), user, repository, writes=writes):
        raise Missing(name)
    return repository


def _require_header(header: str, kind: str, status: int) -> None:
    """Raise _Answered when a header does not have this type."""
    if kind not in request.headers.get(header, ""):
        raise _Answered(status)


def _parse_request() -> Any:
    """Return the request's JSON. Raises _Answered."""
    _require_header("Accept", _TYPE, 406)
    _require_header("Content-Type", _TYPE, 400)
    data = request.get_data()
    try:
        return json.loads(data)
    except ValueError as error:
        raise _Answered(400, "EOF" if not data else str(error)) from error


def _require_valid_oid(oid: object) -> str:
    """Return the oid. Raises _Answered for one that is no SHA-256."""
    if not isinstance(oid, str) or not _OID.fullmatch(oid):
        raise _Answered(400, "Invalid oid")
    return oid


def _find_known(repository: Row, oid: object) -> Row | None:
    return get_db().fetch_one("SELECT * FROM lfs_object WHERE repo_id = %s AND oid = %s", repository["id"], oid)


@blueprint.post("/batch")
def make_batch(owner: str, name: str) -> Response:
    """Return the addresses for upload or download. Read access is sufficient, also for an upload, which `put` then refuses."""
    repository = _find_repository(_find_person(), owner, name, writes=False)
    asked = _parse_request()
    operation = asked.get("operation")
    if operation not in ("upload", "download"):
        raise _Answered(400, "Operation not recognized")
    base = f"{get_config().external_url}{owner}/{name}/info/lfs/objects/basic"
    offer = _upload if operation == "upload" else _download
    objects = [
        {"oid": item["oid"], "size": item["size"], "actions": offer(base, item, _find_known(repository, item["oid"]))}
        for item in asked["objects"]
    ]
    return make_json_response({"transfer": "basic", "objects": objects}, content_type=_TYPE)


def _upload(base: str, item: dict[str, Any], _stored: Row | None) -> dict[str, object]:
    if not _OID.fullmatch(item["oid"]):
        return {"error": {"code": 422, "message": "Object has invalid oid"}}
    upload = {"href": f"{base}/{item['oid']}", "header": {"Content-Type": "application/octet-stream"}}
    return {"upload": upload, "verify": {"href": f"{base}/verify"}}


def _download(base: str, item: dict[str, Any], stored: Row | None) -> dict[str, object]:
    if not stored:
        return {"error": {"code": 404, "message": "Object does not exist"}}
    if stored["size"] != item["size"]:
        return {"error": {"code": 422, "message": "Object size mismatch"}}
    return {"download": {"href": f"{base}/{item['oid']}"}}


@blueprint.put("/basic/<oid>")
def put(owner: str, name: str, oid: str) -> Response:
    """Store an object. Respond 400 when its content does not match the oid. An object that the repository has is not read again."""
    user = _find_person()
    _require_valid_oid(oid)
    repository = _find_repository(user, owner, name, writes=True)
    _require_storage()
    _require_header("Content-Type", "application/octet-stream", 400)
    stored = _find_known(repository, oid)
    get_db().commit()  # no transaction stays open during the upload
    if not stored:
        size = receive(request.stream, oid, paths.locate_file(get_config().lfs_objects, oid), get_config().lfs_incoming)
        if size is None:
            raise _Answered(400, "content hash does not match OID")
        now = datetime.now(UTC).replace(tzinfo=None)
        get_db().insert("lfs_object", repo_id=repository["id"], oid=oid, size=size, storage="local", created_at=now)
    return make_bare_response(200)


def _require_storage() -> None:
    """Raise _Answered with 500 when app.ini names another storage than `local`. Gogs responds in the same way."""
    if get_config().lfs_storage != "local":
        raise _Answered(500, "Internal server error")


@blueprint.get("/basic/<oid>")
def get(owner: str, name: str, oid: str) -> Response:
    """Return an object's content. Respond 404 when this repository does not have it."""
    user = _find_person()
    _require_valid_oid(oid)
    stored = _find_known(_find_repository(user, owner, name, writes=False), oid)
    if not stored:
        raise _Answered(404, "Object does not exist")
    file = paths.locate_file(get_config().lfs_objects, oid).open("rb")
    answer = Response(
        wrap_file(request.environ, file, _CHUNK), content_type="application/octet-stream", direct_passthrough=True
    )
    answer.content_length = stored["size"]
    return answer


@blueprint.post("/basic/verify")
def verify(owner: str, name: str) -> Response:
    """Respond 200 when the repository has the object with this size, as clients ask after an upload."""
    repository = _find_repository(_find_person(), owner, name, writes=True)
    asked = _parse_request()
    stored = _find_known(repository, _require_valid_oid(asked.get("oid")))
    if not stored:
        raise _Answered(404, "Object does not exist")
    if stored["size"] != asked.get("size"):
        raise _Answered(400, "Object size mismatch")
    return make_bare_response(200)
