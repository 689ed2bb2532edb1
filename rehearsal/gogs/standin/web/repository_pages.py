"""A repository's files, commits and branches; forks, stars, watching, its picture."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

from flask import Blueprint, Response, request

from ..domain import access, attachments, audience, avatars, organisations, repositories, users
from ..domain.errors import Forbidden, Missing
from ..git.repository import Repository
from .guards import link, opened, repository, signed_in, visitor
from .notify import fork_event
from .replies import page, redirect
from .site import config, db, formats

blueprint = Blueprint("repository", __name__)


@blueprint.get("/<owner>/<name>")
@blueprint.get("/<owner>/<name>/src/<path:path>")
def files(owner: str, name: str, path: str = "") -> Response:
    owner_row, row = repository(owner, name.removesuffix(".git"))
    bare = opened(owner_row, row)
    ref, number, below = _located(bare, path or row["default_branch"])
    entries = bare.entries(number, below) if number and (not below or _is_folder(bare, number, below)) else []
    entry = bare.entry(number, below) if number and below and not entries else None
    if path and not number:
        raise Missing(path)
    return page(
        "repository.html",
        owner=owner_row,
        repository=row,
        clone=formats().repository(owner_row, row, None),
        ref=ref,
        folder=below,
        entries=entries,
        text=bare.blob(entry.id).decode(errors="replace") if entry else None,
        branches=bare.refs("refs/heads"),
        tags=bare.refs("refs/tags"),
    )


@blueprint.get("/<owner>/<name>/raw/<path:path>")
def raw(owner: str, name: str, path: str) -> Response:
    bare = opened(*repository(owner, name))
    _, number, below = _located(bare, path)
    entry = bare.entry(number, below) if number else None
    if not entry or entry.kind != "blob":
        raise Missing(path)
    data = bare.blob(entry.id)
    return Response(data, content_type=attachments.kind_of(data))


@blueprint.get("/<owner>/<name>/commits/<path:path>")
def commits(owner: str, name: str, path: str) -> Response:
    owner_row, row = repository(owner, name)
    bare = opened(owner_row, row)
    _, number, _ = _located(bare, path)
    if not number:
        raise Missing(path)
    return page("commits.html", owner=owner_row, repository=row, commits=list(bare.log(number, "--max-count=50")))


@blueprint.get("/<owner>/<name>/commit/<revision>")
def commit(owner: str, name: str, revision: str) -> Response:
    owner_row, row = repository(owner, name)
    bare = opened(owner_row, row)
    number = bare.resolve(revision)
    if not number:
        raise Missing(revision)
    return page("commits.html", owner=owner_row, repository=row, commits=[bare.commit(number)])


@blueprint.get("/<owner>/<name>/archive/<path:path>")
def archive(owner: str, name: str, path: str) -> Response:
    bare = opened(*repository(owner, name))
    kind = "zip" if path.endswith(".zip") else "tar.gz"
    number = bare.resolve(path.removesuffix(f".{kind}"))
    if not number:
        raise Missing(path)
    process = subprocess.Popen(
        ["git", "archive", f"--format={kind}", f"--prefix={name}/", number], cwd=bare.path, stdout=subprocess.PIPE
    )
    return Response(_output(process), content_type="application/octet-stream")


@blueprint.get("/repo/fork/<int:number>")
@signed_in
def fork_page(number: int) -> Response:
    base = repositories.by_id(db(), number)
    owners = [visitor(), *organisations.of_user(db(), visitor()["id"])]
    return page("fork.html", base=base, owners=owners)


@blueprint.post("/repo/fork/<int:number>")
@signed_in
def fork(number: int) -> Response:
    base = repositories.by_id(db(), number)
    base_owner = users.existing(db(), base["owner_id"])
    repository(base_owner["name"], base["name"])
    owner = users.existing(db(), request.form.get("user_id", 0, type=int))
    there = db().one("SELECT name FROM repository WHERE owner_id = %s AND fork_id = %s", owner["id"], base["id"])
    if there:
        return redirect(f"{config().subpath}/{owner['name']}/{there['name']}")
    if owner["id"] != visitor()["id"] and not organisations.is_owned_by(db(), owner["id"], visitor()["id"]):
        raise Forbidden("not an owner of the organization")
    name, description = request.form.get("repo_name", ""), request.form.get("description", "")
    row = repositories.fork(db(), config(), visitor(), owner, base_owner, base, name, description)
    fork_event(visitor(), base_owner, base, owner, row)
    return redirect(link(owner, row))


@blueprint.post("/<owner>/<name>/action/<action>")
@signed_in
def act(owner: str, name: str, action: str) -> Response:
    owner_row, row = repository(owner, name)
    if action in ("star", "unstar"):
        audience.star(db(), visitor()["id"], row["id"], on=action == "star")
    elif action == "watch":
        audience.watch(db(), visitor()["id"], row["id"])
    elif action == "unwatch":
        audience.unwatch(db(), visitor()["id"], row["id"])
    else:
        raise Missing(action)
    return redirect(link(owner_row, row))


@blueprint.get("/<owner>/<name>/stars")
def stars(owner: str, name: str) -> Response:
    _, row = repository(owner, name)
    return page(
        "people.html",
        people=db().all("SELECT u.* FROM star s JOIN `user` u ON u.id = s.uid WHERE s.repo_id = %s", row["id"]),
    )


@blueprint.get("/<owner>/<name>/settings")
@blueprint.get("/<owner>/<name>/settings/avatar")
@signed_in
def settings(owner: str, name: str) -> Response:
    owner_row, row = repository(owner, name, access.ADMIN)
    return page("repository_settings.html", owner=owner_row, repository=row)


@blueprint.post("/<owner>/<name>/settings/avatar")
@signed_in
def change_avatar(owner: str, name: str) -> Response:
    owner_row, row = repository(owner, name, access.ADMIN)
    picture = request.files.get("avatar")
    data = picture.read() if picture else b""
    if attachments.kind_of(data).startswith("image/"):
        avatars.save(config().repository_avatars, row["id"], data)
        db().run("UPDATE repository SET use_custom_avatar = 1 WHERE id = %s", row["id"])
    return redirect(f"{link(owner_row, row)}/settings")


def _located(bare: Repository, path: str) -> tuple[str, str | None, str]:
    """Ref, commit, and the path below: the shortest beginning of `path` that names a commit is the ref."""
    words = path.split("/")
    for count in range(1, len(words) + 1):
        ref = "/".join(words[:count])
        if number := bare.resolve(ref):
            return ref, number, "/".join(words[count:])
    return path, None, ""


def _is_folder(bare: Repository, number: str, path: str) -> bool:
    entry = bare.entry(number, path)
    return entry is not None and entry.kind == "tree"


def _output(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    assert process.stdout
    try:
        while chunk := process.stdout.read(1 << 16):
            yield chunk
    finally:
        process.stdout.close()
        process.wait()
