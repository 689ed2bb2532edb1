"""Serve branches, tags and commits."""

from __future__ import annotations

from flask import Blueprint, Response

from ..domain import paths, users
from ..domain.clock import format_rfc3339
from ..domain.exceptions import Missing
from ..domain.formats import Shape
from ..git.command import GitError
from ..git.repository import Commit, Repository, Signature
from ..web.responses import make_json_response
from ..web.site import get_config, get_db, make_formats
from .request_data import find_repository, require_token

blueprint = Blueprint("commits", __name__, url_prefix="/repos/<owner>/<name>")


def open_repository(owner: str, name: str) -> tuple[str, Repository]:
    """Return `owner/name` in its stored spelling, and the bare repository. Raises Missing."""
    owner_row, row, _ = find_repository(owner, name)
    return f"{owner_row['name']}/{row['name']}", Repository(paths.locate_repository(get_config(), owner, name))


@blueprint.get("/branches")
@require_token
def list_branches(owner: str, name: str) -> Response:
    """List the branches. An empty repository has none and gets 500, as recorded."""
    _, bare = open_repository(owner, name)
    heads = bare.read_refs("refs/heads")
    if not heads:
        raise GitError("no branch")
    shapes = [
        {"name": branch, "commit": make_formats().format_payload_commit(bare.commit(head))}
        for branch, head in heads.items()
    ]
    return make_json_response(shapes)


@blueprint.get("/branches/<path:branch>")
@require_token
def get_branch(owner: str, name: str, branch: str) -> Response:
    """Return a branch with its last commit. Raises Missing."""
    _, bare = open_repository(owner, name)
    head = bare.read_refs("refs/heads").get(branch)
    if not head:
        raise Missing(branch)
    return make_json_response({"name": branch, "commit": make_formats().format_payload_commit(bare.commit(head))})


@blueprint.get("/tags")
@require_token
def list_tags(owner: str, name: str) -> Response:
    """List the tags. A tag of something else than a commit is left out."""
    _, bare = open_repository(owner, name)
    found = [(tag, bare.resolve(f"refs/tags/{tag}")) for tag in bare.read_refs("refs/tags")]
    return make_json_response(
        [
            {"name": tag, "commit": make_formats().format_payload_commit(bare.commit(head))}
            for tag, head in found
            if head
        ]
    )


@blueprint.get("/commits/<revision>")
@require_token
def commit(owner: str, name: str, revision: str) -> Response:
    """Return the commit of any revision. Raises Missing."""
    full, bare = open_repository(owner, name)
    found = bare.resolve(revision)
    if not found:
        raise Missing(revision)
    return make_json_response(format_commit(full, bare.commit(found), f"commits/{revision}"))


def format_commit(full_name: str, commit: Commit, path: str) -> Shape:
    """Return a commit with its users. `path` is the requested path below the repository's address."""
    url = f"{get_config().external_url}api/v1/repos/{full_name}"

    def format_person(signature: Signature) -> Shape | None:
        row = users.find_by_email(get_db(), signature.email)
        return make_formats().format_user(row) if row else None

    def format_signature(signature: Signature) -> Shape:
        return {"name": signature.name, "email": signature.email, "date": format_rfc3339(signature.seconds)}

    return {
        "url": f"{url}/{path}",
        "sha": commit.id,
        "html_url": f"{get_config().external_url}{full_name}/commits/{commit.id}",
        "commit": {
            "url": f"{url}/{path}",
            "author": format_signature(commit.author),
            "committer": format_signature(commit.committer),
            "message": commit.summary,
            "tree": {"url": f"{url}/tree/{commit.tree}", "sha": commit.tree},
        },
        "author": format_person(commit.author),
        "committer": format_person(commit.committer),
        "parents": [{"url": f"{url}/commits/{parent}", "sha": parent} for parent in commit.parents],
    }
