"""A repository's files, commits and branches, to look at."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

from flask import Blueprint, Response

from ..domain import attachments
from ..domain.errors import Missing
from ..git.repository import Repository
from .guards import opened, repository
from .replies import page
from .site import formats

blueprint = Blueprint("repository_pages", __name__, url_prefix="/<owner>/<name>")


@blueprint.get("", defaults={"path": ""})
@blueprint.get("/src/<path:path>")
def files(owner: str, name: str, path: str) -> Response:
    """A folder, or a file. An empty repository is shown as such."""
    owner_row, row = repository(owner, name.removesuffix(".git"))
    bare = opened(owner_row, row)
    ref, commit_id, below = bare.located(path or row["default_branch"])
    if path and not commit_id:
        raise Missing(path)
    entry = bare.entry(commit_id, below) if commit_id and below else None
    is_file = entry is not None and entry.kind == "blob"
    return page(
        "repository.html",
        owner=owner_row,
        repository=row,
        clone=formats().repository(owner_row, row, None),
        ref=ref,
        folder=below,
        entries=bare.entries(commit_id, below) if commit_id and not is_file else [],
        text=bare.blob(entry.id).decode(errors="replace") if entry and is_file else None,
        branches=bare.refs("refs/heads"),
        tags=bare.refs("refs/tags"),
    )


@blueprint.get("/raw/<path:path>")
def raw(owner: str, name: str, path: str) -> Response:
    data = opened(*repository(owner, name)).content(path)
    if data is None:
        raise Missing(path)
    return Response(data, content_type=attachments.kind_of(data))


@blueprint.get("/commits/<path:path>")
def commits(owner: str, name: str, path: str) -> Response:
    owner_row, row = repository(owner, name)
    bare = opened(owner_row, row)
    return page("commits.html", owner=owner_row, repository=row, commits=list(bare.log(_resolved(bare, path), "-50")))


@blueprint.get("/commit/<path:path>")
def commit(owner: str, name: str, path: str) -> Response:
    owner_row, row = repository(owner, name)
    bare = opened(owner_row, row)
    return page("commits.html", owner=owner_row, repository=row, commits=[bare.commit(_resolved(bare, path))])


@blueprint.get("/archive/<path:ref>.<any(zip, 'tar.gz'):kind>")
def archive(owner: str, name: str, ref: str, kind: str) -> Response:
    bare = opened(*repository(owner, name))
    command = ["git", "archive", f"--format={kind}", f"--prefix={name}/", _resolved(bare, ref)]
    process = subprocess.Popen(command, cwd=bare.path, stdout=subprocess.PIPE)
    return Response(_output(process), content_type="application/octet-stream")


def _resolved(bare: Repository, revision: str) -> str:
    found = bare.resolve(revision)
    if not found:
        raise Missing(revision)
    return found


def _output(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """When nobody wants the rest, git notices at its next write."""
    assert process.stdout
    try:
        while chunk := process.stdout.read(1 << 16):
            yield chunk
    finally:
        process.stdout.close()
        process.wait()
