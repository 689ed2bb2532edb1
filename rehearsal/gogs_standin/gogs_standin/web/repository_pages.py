"""Serve a repository's files, commits and archives."""

from __future__ import annotations

from flask import Blueprint, Response, send_file

from ..domain import attachments
from ..domain.exceptions import Missing
from ..git.repository import Repository
from .guards import find_repository, open_repository
from .responses import render_page
from .site import make_formats

_ARCHIVES = {".zip": "zip", ".tar.gz": "targz"}
"""file name endings of archives, and the folder for each"""
blueprint = Blueprint("repository_pages", __name__, url_prefix="/<owner>/<name>")


@blueprint.get("", defaults={"path": ""})
@blueprint.get("/src/<path:path>")
def show_files(owner: str, name: str, path: str) -> Response:
    """Return a folder or a file. The page of an empty repository has neither. Raises Missing."""
    owner_row, row = find_repository(owner, name.removesuffix(".git"))
    bare = open_repository(owner_row, row)
    ref, commit_id, below = bare.locate_path(path or row["default_branch"])
    if path and not commit_id:
        raise Missing(path)
    entry = bare.find_entry(commit_id, below) if commit_id and below else None
    is_file = entry is not None and entry.kind == "blob"
    return render_page(
        "repository.html",
        owner=owner_row,
        repository=row,
        clone=make_formats().format_repository(owner_row, row, None),
        ref=ref,
        folder=below,
        entries=bare.list_entries(commit_id, below) if commit_id and not is_file else [],
        text=bare.read_blob(entry.id).decode(errors="replace") if entry and is_file else None,
        branches=bare.read_refs("refs/heads"),
        tags=bare.read_refs("refs/tags"),
    )


@blueprint.get("/raw/<path:path>")
def get_raw(owner: str, name: str, path: str) -> Response:
    """Return a file's content; the browser downloads all but text and images."""
    data = open_repository(*find_repository(owner, name)).read_content(path)
    if data is None:
        raise Missing(path)
    answer = Response(data, content_type=attachments.detect_mime_type(data))
    if not (answer.mimetype or "").startswith(("text/", "image/")):
        answer.headers["Content-Disposition"] = f'attachment; filename="{path.rpartition("/")[2]}"'
        answer.headers["Content-Transfer-Encoding"] = "binary"
    return answer


@blueprint.get("/commits/<path:path>")
def show_commits(owner: str, name: str, path: str) -> Response:
    """Return the last 50 commits of a revision. Raises Missing."""
    owner_row, row = find_repository(owner, name)
    bare = open_repository(owner_row, row)
    return render_page(
        "commits.html", owner=owner_row, repository=row, commits=list(bare.log(_resolve(bare, path), "-50"))
    )


@blueprint.get("/commit/<path:path>")
def commit(owner: str, name: str, path: str) -> Response:
    """Return one commit. Raises Missing."""
    owner_row, row = find_repository(owner, name)
    bare = open_repository(owner_row, row)
    return render_page("commits.html", owner=owner_row, repository=row, commits=[bare.commit(_resolve(bare, path))])


@blueprint.get("/archive/<path:file>")
def archive(owner: str, name: str, file: str) -> Response:
    """Return an archive of a revision. It is created once in the repository's folder, so a read writes there, as in Gogs."""
    owner_row, row = find_repository(owner, name)
    bare = open_repository(owner_row, row)
    kind = next((kind for kind in _ARCHIVES if file.endswith(kind)), None)
    if kind is None:
        raise Missing(file)
    ref = file.removesuffix(kind)
    path = bare.archive(_resolve(bare, ref), kind, _ARCHIVES[kind], prefix=f"{row['lower_name']}/")
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


def _resolve(bare: Repository, revision: str) -> str:
    found = bare.resolve(revision)
    if not found:
        raise Missing(revision)
    return found
