"""Serve the files of a repository. A write is a commit of the caller."""

from __future__ import annotations

import base64
import binascii
import posixpath

from flask import Blueprint, Response, request

from ..domain import access, attachments
from ..domain.exceptions import Missing, RequestRefused
from ..domain.formats import Shape
from ..git.repository import Entry, Repository
from ..web.commits import commit_for, draft_commit
from ..web.responses import make_json_response
from ..web.site import get_config
from .commits import format_commit, open_repository
from .request_data import find_missing_field, find_repository, get_caller, parse_fields, require_token

blueprint = Blueprint("contents", __name__, url_prefix="/repos/<owner>/<name>")


@blueprint.get("/raw/<path:path>")
@require_token
def get_raw(owner: str, name: str, path: str) -> Response:
    """Return the content of a file. `path` begins with a branch, a tag or a commit."""
    _, bare = open_repository(owner, name)
    data = bare.read_content(path)
    if data is None:
        raise Missing(path)
    return Response(data, content_type=attachments.detect_mime_type(data))


@blueprint.get("/contents", defaults={"path": ""})
@blueprint.get("/contents/<path:path>")
@require_token
def get(owner: str, name: str, path: str) -> Response:
    """Return a file with its content, or list a folder. Without `ref` it is of the default branch. Raises Missing."""
    full, bare = open_repository(owner, name)
    _, row, _ = find_repository(owner, name)
    ref = request.args.get("ref") or row["default_branch"]
    number, path = bare.resolve(ref), _clean(path)
    if not number:
        raise Missing(ref)
    entry = bare.find_entry(number, path) if path else None
    if entry and entry.kind == "blob":
        return make_json_response(_format_entry(full, ref, bare, entry))
    if path and not entry:
        raise Missing(path)
    return make_json_response([_format_entry(full, ref, bare, found) for found in bare.list_entries(number, path)])


@blueprint.put("/contents/<path:path>")
@require_token
def put(owner: str, name: str, path: str) -> Response:
    """Commit the content of one file, and return the file with the commit. Raises RequestRefused for content that is not base64."""
    owner_row, row, _ = find_repository(owner, name, access.WRITE)
    data, path = parse_fields(), _clean(path)
    if refusal := find_missing_field(data, message="Message", content="Content"):
        return refusal
    try:
        content = base64.b64decode(data["content"], validate=True)
    except binascii.Error as error:
        raise RequestRefused(f"the content is not base64: {error}") from error
    branch, what = (
        data.get("branch") or row["default_branch"],
        draft_commit(get_caller(), data["message"], {path: content}),
    )
    change = commit_for(get_caller(), owner_row, row, what, to=branch, base=row["default_branch"])
    full, bare = open_repository(owner, name)
    entry = bare.find_entry(change.new, path)
    assert entry
    made = format_commit(full, bare.commit(change.new), f"contents/{path}")
    return make_json_response({"content": _format_entry(full, branch, bare, entry), "commit": made}, 201)


def _clean(path: str) -> str:
    """Return the path in its normal form. Raises RequestRefused for a path into .git."""
    cleaned = posixpath.normpath("/" + path).strip("/")
    if ".git" in cleaned.lower().split("/"):
        raise RequestRefused("nobody writes into .git")
    return cleaned


def _format_entry(full_name: str, ref: str, bare: Repository, entry: Entry) -> Shape:
    api, site = f"{get_config().external_url}api/v1/repos/{full_name}", f"{get_config().external_url}{full_name}"
    folder = entry.kind == "tree"
    git_url = f"{api}/git/{'trees' if folder else 'blobs'}/{entry.id}"
    addresses = {"self": f"{api}/contents/{entry.path}", "git": git_url, "html": f"{site}/src/{ref}/{entry.path}"}
    found: Shape = {
        "type": "dir" if folder else "file",
        "size": entry.size,
        "name": entry.name,
        "path": entry.path,
        "sha": entry.id,
        "url": addresses["self"],
        "git_url": git_url,
        "html_url": addresses["html"],
        "download_url": f"{site}/raw/{ref}/{entry.path}",
        "_links": addresses,
    }
    if not folder:
        found |= {"encoding": "base64", "content": base64.b64encode(bare.read_blob(entry.id)).decode()}
    return found
