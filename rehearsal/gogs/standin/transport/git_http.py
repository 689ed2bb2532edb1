"""Git over HTTP, the smart protocol: packs go through, as streams, to `git upload-pack` and `git receive-pack`."""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from flask import Blueprint, Response, request

from ..domain import access, places, repositories
from ..domain.errors import Missing
from ..git import hooks
from ..git.command import git
from ..store.database import Row
from ..web.replies import bare
from ..web.site import config, site
from ..web.visitor import basic
from .gate import person, split

blueprint = Blueprint("git", __name__)
_log = logging.getLogger(__name__)
_CHUNK = 64 * 1024
_NO_CACHE = {
    "Expires": "Fri, 01 Jan 1980 00:00:00 GMT",
    "Pragma": "no-cache",
    "Cache-Control": "no-cache, max-age=0, must-revalidate",
}


@blueprint.get("/<owner>/<name>/info/refs")
def advertise(owner: str, name: str) -> Response:
    service = request.args.get("service", "").removeprefix("git-")
    admitted = _admit(owner, name, writes=service == "receive-pack")
    if isinstance(admitted, Response):
        return admitted
    path, _ = admitted
    if service not in ("upload-pack", "receive-pack"):
        git("update-server-info", cwd=path)
        return Response(
            (path / "info" / "refs").read_bytes(), content_type="text/plain; charset=utf-8", headers=_NO_CACHE
        )
    head = f"# service=git-{service}\n"
    refs = git(service, "--stateless-rpc", "--advertise-refs", ".", cwd=path, env=_protocol())
    body = f"{len(head) + 4:04x}{head}0000".encode() + refs
    return Response(body, content_type=f"application/x-git-{service}-advertisement", headers=_NO_CACHE)


@blueprint.post("/<owner>/<name>/git-upload-pack")
def upload_pack(owner: str, name: str) -> Response:
    admitted = _admit(owner, name, writes=False)
    if isinstance(admitted, Response):
        return admitted
    path, _ = admitted
    if request.content_type != "application/x-git-upload-pack-request":
        return bare(401)
    wishes = tempfile.TemporaryFile()  # noqa: SIM115  (closed by the process's end)
    shutil.copyfileobj(_body(), wishes)
    wishes.seek(0)
    process = _serve("upload-pack", path, {}, stdin=wishes)
    wishes.close()
    return Response(_answer(process), content_type="application/x-git-upload-pack-result", headers=_NO_CACHE)


@blueprint.post("/<owner>/<name>/git-receive-pack")
def receive_pack(owner: str, name: str) -> Response:
    admitted = _admit(owner, name, writes=True)
    if isinstance(admitted, Response):
        return admitted
    path, environment = admitted
    if request.content_type != "application/x-git-receive-pack-request":
        return bare(401)
    process = _serve("receive-pack", path, environment, stdin=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    output = process.stdout
    report: list[bytes] = []
    reader = threading.Thread(target=lambda: report.append(output.read()))
    reader.start()
    try:
        shutil.copyfileobj(_body(), process.stdin, _CHUNK)
    except BrokenPipeError:
        _log.error("git receive-pack in %s ended before it had read the pack", path)
    except OSError:
        process.kill()
        raise
    finally:
        _close(process.stdin)
        reader.join()
        status = process.wait()
        process.stdout.close()
    if status:
        _log.error("git receive-pack in %s: exit status %s", path, status)
        return bare(500)
    site().deliveries.tell()
    return Response(report[0], content_type="application/x-git-receive-pack-result", headers=_NO_CACHE)


@blueprint.get("/<owner>/<name>/HEAD")
def head(owner: str, name: str) -> Response:
    admitted = _admit(owner, name, writes=False)
    return (
        admitted
        if isinstance(admitted, Response)
        else Response((admitted[0] / "HEAD").read_bytes(), content_type="text/plain")
    )


@blueprint.get("/<owner>/<name>/tasks/trigger")
def trigger(owner: str, name: str) -> Response:
    """A hook's process asks this one to deliver what it has left in the database."""
    with site().database.session() as db:
        owner_row, _ = repositories.by_name(db, owner, name)
    if request.args.get("secret") != hashlib.md5(owner_row["salt"].encode(), usedforsecurity=False).hexdigest():
        return bare(404)
    site().deliveries.tell()
    return bare(202)


def _admit(owner: str, name: str, *, writes: bool) -> tuple[Path, dict[str, str]] | Response:
    """The repository's folder and its hooks' environment, or the refusal. Holds no database session afterwards."""
    if config().http_git_disabled:
        return bare(403)
    plain, wiki = split(name)
    with site().database.session() as db:
        owner_row, repository = repositories.by_name(db, owner, plain)
        path = (places.wiki if wiki else places.repository)(config(), owner_row["name"], repository["name"])
        if not path.is_dir():
            raise Missing("no such folder")
        if not writes and not repository["is_private"] and not config().sign_in_required:
            return path, {}
        credentials = basic(request)
        user = person(db, *credentials) if credentials else None
        if not user:
            return bare(401, {"WWW-Authenticate": 'Basic realm="."'})
        if access.mode(db, user, repository) < (access.WRITE if writes else access.READ):
            return bare(403, {"WWW-Authenticate": 'Basic realm="."'})
        if writes and repository["is_mirror"]:
            return bare(403)
    return path, hook_environment(user, owner_row, repository, path)


def hook_environment(user: Row, owner: Row, repository: Row, path: Path) -> dict[str, str]:
    return hooks.environment(
        user_id=user["id"],
        user_name=user["name"],
        user_email=user["email"],
        owner=owner["name"],
        owner_salt_md5=hashlib.md5(owner["salt"].encode(), usedforsecurity=False).hexdigest(),
        repository_id=repository["id"],
        name=repository["name"],
        path=path,
    )


def _protocol() -> dict[str, str]:
    version = request.headers.get("Git-Protocol", "")
    return {"GIT_PROTOCOL": version} if version else {}


def _body() -> IO[bytes]:
    stream = request.stream
    return cast("IO[bytes]", gzip.GzipFile(fileobj=stream)) if request.content_encoding == "gzip" else stream


def _serve(service: str, path: Path, environment: dict[str, str], stdin: int | IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["git", service, "--stateless-rpc", str(path)],
        cwd=path,
        env={**os.environ, **environment, **_protocol()},
        stdin=stdin,
        stdout=subprocess.PIPE,
    )


def _answer(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """A client that goes away ends the process."""
    assert process.stdout
    try:
        while chunk := os.read(process.stdout.fileno(), _CHUNK):
            yield chunk
    finally:
        process.stdout.close()
        if process.poll() is None:
            process.terminate()
        process.wait()


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return
