"""Git LFS, basic transfer (its docs/api). Objects lie at <objects>/<first digit>/<second>/<oid>, one file for all repositories."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.wsgi import wrap_file

from ..domain import places
from ..domain.errors import Missing
from ..store.database import Row
from ..web.replies import as_json, bare
from ..web.site import config, db
from ..web.visitor import basic
from . import gate
from .lfs_upload import receive

blueprint = Blueprint("lfs", __name__, url_prefix="/<owner>/<name>/info/lfs/objects")
_TYPE = "application/vnd.git-lfs+json"
_OID = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20


class _Answered(Exception):
    """The request ends with this answer."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        self.answer = as_json({"message": message}, status, _TYPE)
        self.answer.headers.extend({name.replace("_", "-"): value for name, value in headers.items()})


@blueprint.errorhandler(_Answered)
def _answered(error: _Answered) -> Response:
    return error.answer


def _repository(owner: str, name: str, *, writes: bool) -> Row:
    """Raises _Answered without credentials; Missing for what is not there, and for what this person may not do."""
    credentials = basic(request)
    user = gate.person(db(), *credentials) if credentials else None
    if not user:
        raise _Answered(401, "Credentials needed", LFS_Authenticate='Basic realm="Gogs"')  # recorded
    repository = gate.target(db(), config(), owner, name).repository
    if not gate.admits(db(), user, repository, writes=writes):
        raise Missing(name)
    return repository


def _known(repository: Row, oid: str) -> Row | None:
    if not _OID.fullmatch(oid):
        raise _Answered(422, f"{oid} is no SHA-256")
    return db().one("SELECT * FROM lfs_object WHERE repo_id = %s AND oid = %s", repository["id"], oid)


@blueprint.post("/batch")
def batch(owner: str, name: str) -> Response:
    asked = json.loads(request.get_data())
    operation = asked.get("operation")
    if operation not in ("upload", "download"):
        raise _Answered(422, f"operation {operation} is neither upload nor download")
    repository = _repository(owner, name, writes=operation == "upload")
    base = f"{config().external_url}{owner}/{name}/info/lfs/objects/basic"
    offer = _upload if operation == "upload" else _download
    objects = [
        {"oid": item["oid"], "size": item["size"], **offer(base, item, _known(repository, item["oid"]))}
        for item in asked["objects"]
    ]
    return as_json({"transfer": "basic", "objects": objects}, content_type=_TYPE)


def _upload(base: str, item: dict[str, Any], _stored: Row | None) -> dict[str, object]:
    upload = {"href": f"{base}/{item['oid']}", "header": {"Content-Type": "application/octet-stream"}}
    return {"actions": {"upload": upload, "verify": {"href": f"{base}/verify"}}}


def _download(base: str, item: dict[str, Any], stored: Row | None) -> dict[str, object]:
    if stored and stored["size"] == item["size"]:
        return {"actions": {"download": {"href": f"{base}/{item['oid']}"}}}
    return {"error": {"code": 404, "message": "there is no such object of this size"}}


@blueprint.put("/basic/<oid>")
def put(owner: str, name: str, oid: str) -> Response:
    repository = _repository(owner, name, writes=True)
    _require_storage()
    stored = _known(repository, oid)
    db().commit()  # nothing is held while the object comes in
    if not stored:
        size = receive(request.stream, oid, places.file(config().lfs_objects, oid), config().lfs_incoming)
        if size is None:
            raise _Answered(422, f"what was sent is not {oid}")
        now = datetime.now(UTC).replace(tzinfo=None)
        db().insert("lfs_object", repo_id=repository["id"], oid=oid, size=size, storage="local", created_at=now)
    return bare(200)


def _require_storage() -> None:
    """There is one; the real one too ends with 500 when app.ini names another."""
    if config().lfs_storage != "local":
        raise _Answered(500, "Internal server error")


@blueprint.get("/basic/<oid>")
def get(owner: str, name: str, oid: str) -> Response:
    stored = _known(_repository(owner, name, writes=False), oid)
    if not stored:
        raise _Answered(404, f"there is no object {oid}")
    file = places.file(config().lfs_objects, oid).open("rb")
    answer = Response(
        wrap_file(request.environ, file, _CHUNK), content_type="application/octet-stream", direct_passthrough=True
    )
    answer.content_length = stored["size"]
    return answer


@blueprint.post("/basic/verify")
def verify(owner: str, name: str) -> Response:
    asked = json.loads(request.get_data())
    stored = _known(_repository(owner, name, writes=True), asked.get("oid", ""))
    if not stored or stored["size"] != asked.get("size"):
        raise _Answered(404, "there is no such object of this size")
    return bare(200)
