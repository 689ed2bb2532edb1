"""Serve a repository's files, commits and archives."""

from __future__ import annotations

from flask import Blueprint, Response, send_file

from ..domain import attachments
from ..domain.exceptions import Missing
from ..git.repository import Repository
from .guards import opened, repository
from .responses import page
from .site import formats

_ARCHIVES = {".zip": "zip", ".tar.gz": "targz"}
"""file name endings of archives, and the folder for each"""
blueprint = Blueprint("repository_pages", __name__, url_prefix="/<owner>/<name>")


@blueprint.get("", defaults={"path": ""})
@blueprint.get("/src/<path:path>")
def files(owner: str, name: str, path: str) -> Response:
    """Return a folder or a file. The page of an empty repository has neither. Raises Missing."""
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
    """Return a file's content; the browser downloads all but text and images."""
    data = opened(*repository(owner, name)).content(path)
    if data is None:
        raise Missing(path)
    answer = Response(data, content_type=attachments.detect_mime_type(data))
    if not (answer.mimetype or "").startswith(("text/", "image/")):
        answer.headers["Content-Disposition"] = f'attachment; filename="{path.rpartition("/")[2]}"'
        answer.headers["Content-Transfer-Encoding"] = "binary"
    return answer


@blueprint.get("/commits/<path:path>")
def commits(owner: str, name: str, path: str) -> Response:
    """Return the last 50 commits of a revision. Raises Missing."""
    owner_row, row = repository(owner, name)
    bare = opened(owner_row, row)
    return page("commits.html", owner=owner_row, repository=row, commits=list(bare.log(_resolved(bare, path), "-50")))


@blueprint.get("/commit/<path:path>")
def commit(owner: str, name: str, path: str) -> Response:
    """Return one commit. Raises Missing."""
    owner_row, row = repository(owner, name)
    bare = opened(owner_row, row)
    return page("commits.html", owner=owner_row, repository=row, commits=[bare.commit(_resolved(bare, path))])


@blueprint.get("/archive/<path:file>")
def archive(owner: str, name: str, file: str) -> Response:
    """Return an archive of a revision. It is created once in the repository's folder, so a read writes there, as in Gogs."""
    owner_row, row = repository(owner, name)
    bare = opened(owner_row, row)
    kind = next((kind for kind in _ARCHIVES if file.endswith(kind)), None)
    if kind is None:
        raise Missing(file)
    ref = file.removesuffix(kind)
    path = bare.archive(_resolved(bare, ref), kind, _ARCHIVES[kind], prefix=f"{row['lower_name']}/")
    answer = send_file(
        path,
        "application/octet-stream",
        as_attachment=True,
        download_name=f"{row['name']}-{ref}{kind}",
        conditional=True,
    )
    answer.headers["Content-Disposition"] = f"attachment; filename={row['name']}-{ref}{kind}"
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["Content-Transfer-Encoding"] = "binary"
    return answer


def _resolved(bare: Repository, revision: str) -> str:
    found = bare.resolve(revision)
    if not found:
        raise Missing(revision)
    return found
