"""Serve branches, tags and commits."""

from __future__ import annotations

from flask import Blueprint, Response

from ..domain import paths, users
from ..domain.clock import rfc3339
from ..domain.exceptions import Missing
from ..domain.formats import Shape
from ..git.command import GitError
from ..git.repository import Commit, Repository, Signature
from ..web.responses import as_json
from ..web.site import config, db, formats
from .request_data import repository, signed_in

blueprint = Blueprint("commits", __name__, url_prefix="/repos/<owner>/<name>")


def opened(owner: str, name: str) -> tuple[str, Repository]:
    """Return `owner/name` in its stored spelling, and the bare repository. Raises Missing."""
    owner_row, row, _ = repository(owner, name)
    return f"{owner_row['name']}/{row['name']}", Repository(paths.repository(config(), owner, name))


@blueprint.get("/branches")
@signed_in
def branches(owner: str, name: str) -> Response:
    """List the branches. An empty repository has none and gets 500, as recorded."""
    _, bare = opened(owner, name)
    heads = bare.refs("refs/heads")
    if not heads:
        raise GitError("no branch")
    shapes = [{"name": branch, "commit": formats().payload_commit(bare.commit(head))} for branch, head in heads.items()]
    return as_json(shapes)


@blueprint.get("/branches/<path:branch>")
@signed_in
def one_branch(owner: str, name: str, branch: str) -> Response:
    """Return a branch with its last commit. Raises Missing."""
    _, bare = opened(owner, name)
    head = bare.refs("refs/heads").get(branch)
    if not head:
        raise Missing(branch)
    return as_json({"name": branch, "commit": formats().payload_commit(bare.commit(head))})


@blueprint.get("/tags")
@signed_in
def tags(owner: str, name: str) -> Response:
    """List the tags. A tag of something else than a commit is left out."""
    _, bare = opened(owner, name)
    found = [(tag, bare.resolve(f"refs/tags/{tag}")) for tag in bare.refs("refs/tags")]
    return as_json(
        [{"name": tag, "commit": formats().payload_commit(bare.commit(head))} for tag, head in found if head]
    )


@blueprint.get("/commits/<revision>")
@signed_in
def commit(owner: str, name: str, revision: str) -> Response:
    """Return the commit of any revision. Raises Missing."""
    full, bare = opened(owner, name)
    found = bare.resolve(revision)
    if not found:
        raise Missing(revision)
    return as_json(shape(full, bare.commit(found), f"commits/{revision}"))


def shape(full_name: str, commit: Commit, path: str) -> Shape:
    """Return a commit with its users. `path` is the requested path below the repository's address."""
    url = f"{config().external_url}api/v1/repos/{full_name}"

    def person(signature: Signature) -> Shape | None:
        row = users.by_email(db(), signature.email)
        return formats().user(row) if row else None

    def signed(signature: Signature) -> Shape:
        return {"name": signature.name, "email": signature.email, "date": rfc3339(signature.seconds)}

    return {
        "url": f"{url}/{path}",
        "sha": commit.id,
        "html_url": f"{config().external_url}{full_name}/commits/{commit.id}",
        "commit": {
            "url": f"{url}/{path}",
            "author": signed(commit.author),
            "committer": signed(commit.committer),
            "message": commit.summary,
            "tree": {"url": f"{url}/tree/{commit.tree}", "sha": commit.tree},
        },
        "author": person(commit.author),
        "committer": person(commit.committer),
        "parents": [{"url": f"{url}/commits/{parent}", "sha": parent} for parent in commit.parents],
    }
