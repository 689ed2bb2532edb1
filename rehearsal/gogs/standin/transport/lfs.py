"""Git LFS, basic transfer. Objects lie at <objects>/<first digit>/<second>/<oid>, one file however many repositories use it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, Response, request
from werkzeug.wsgi import wrap_file

from ..domain import access, places, repositories
from ..store.database import Row
from ..web.replies import as_json, bare
from ..web.site import config, db, site
from ..web.visitor import basic
from .gate import person, split

blueprint = Blueprint("lfs", __name__, url_prefix="/<owner>/<name>/info/lfs/objects")
_TYPE = "application/vnd.git-lfs+json"
_OID = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20


class _Denied(Exception):
    def __init__(self, answer: Response) -> None:
        self.answer = answer


@blueprint.errorhandler(_Denied)
def _denied(error: _Denied) -> Response:
    return error.answer


def _message(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    answer = as_json({"message": text}, status, _TYPE)
    answer.headers.extend(headers or {})
    return answer


def _repository(owner: str, name: str, *, writes: bool) -> Row:
    """Raises _Denied, Missing."""
    credentials = basic(request)
    user = person(db(), *credentials) if credentials else None
    if not user:
        raise _Denied(_message(401, "Credentials needed", {"Lfs-Authenticate": 'Basic realm="Git LFS"'}))
    _, repository = repositories.by_name(db(), owner, split(name)[0])
    if access.mode(db(), user, repository) < (access.WRITE if writes else access.READ):
        raise _Denied(bare(404))
    return repository


def _object(repository: Row, oid: str) -> Row | None:
    return db().one("SELECT * FROM lfs_object WHERE repo_id = %s AND oid = %s", repository["id"], oid)


@blueprint.post("/batch")
def batch(owner: str, name: str) -> Response:
    asked = json.loads(request.get_data())
    upload = asked.get("operation") == "upload"
    if not upload and asked.get("operation") != "download":
        return _message(400, "Operation not recognized")
    repository = _repository(owner, name, writes=upload)
    base = f"{config().external_url}{owner}/{name}/info/lfs/objects/basic"
    objects = [
        _described(repository, base, upload=upload, oid=item["oid"], size=item["size"]) for item in asked["objects"]
    ]
    return as_json({"transfer": "basic", "objects": objects}, content_type=_TYPE)


def _described(repository: Row, base: str, *, upload: bool, oid: str, size: int) -> dict[str, object]:
    stored = _object(repository, oid) if _OID.fullmatch(oid) else None
    actions: dict[str, object]
    if upload:
        actions = {
            "upload": {"href": f"{base}/{oid}", "header": {"Content-Type": "application/octet-stream"}},
            "verify": {"href": f"{base}/verify"},
        }
    elif not stored:
        actions = {"error": {"code": 404, "message": "Object does not exist"}}
    elif stored["size"] != size:
        actions = {"error": {"code": 422, "message": "Object size mismatch"}}
    else:
        actions = {"download": {"href": f"{base}/{oid}"}}
    return {"oid": oid, "size": size, "actions": actions}


@blueprint.put("/basic/<oid>")
def put(owner: str, name: str, oid: str) -> Response:
    if not _OID.fullmatch(oid):
        return _message(400, "Invalid oid")
    repository = _repository(owner, name, writes=True)
    db().commit()  # nothing is held while the object comes in
    if not _object(repository, oid):
        size = _store(oid)
        if size is None:
            return _message(400, "oid mismatch")
        db().insert(
            "lfs_object",
            repo_id=repository["id"],
            oid=oid,
            size=size,
            storage="local",
            created_at=datetime.now(UTC).replace(tzinfo=None),
        )
    return bare(200)


def _store(oid: str) -> int | None:
    """Bytes written, or None when they are not the object. Complete under its name or not there at all."""
    target = places.by_uuid(config().lfs_objects, oid)
    target.parent.mkdir(parents=True, exist_ok=True)
    config().lfs_incoming.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    descriptor, half = tempfile.mkstemp(dir=config().lfs_incoming)
    try:
        with os.fdopen(descriptor, "wb") as file:
            while chunk := request.stream.read(_CHUNK):
                digest.update(chunk)
                size += file.write(chunk)
        if digest.hexdigest() != oid:
            return None
        Path(half).chmod(0o644)
        Path(half).rename(target)
    finally:
        Path(half).unlink(missing_ok=True)
    return size


@blueprint.get("/basic/<oid>")
def get(owner: str, name: str, oid: str) -> Response:
    repository = _repository(owner, name, writes=False)
    stored = _object(repository, oid)
    if not stored:
        return _message(404, "Object does not exist")
    file = places.by_uuid(site().config.lfs_objects, oid).open("rb")
    answer = Response(
        wrap_file(request.environ, file, _CHUNK), content_type="application/octet-stream", direct_passthrough=True
    )
    answer.content_length = stored["size"]
    return answer


@blueprint.post("/basic/verify")
def verify(owner: str, name: str) -> Response:
    asked = json.loads(request.get_data())
    repository = _repository(owner, name, writes=True)
    if not _OID.fullmatch(asked.get("oid", "")):
        return _message(400, "Invalid oid")
    stored = _object(repository, asked["oid"])
    if not stored:
        return _message(404, "Object does not exist")
    return bare(200) if stored["size"] == asked.get("size") else _message(400, "Object size mismatch")
