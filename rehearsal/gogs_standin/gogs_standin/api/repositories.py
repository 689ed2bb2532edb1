"""Serve repositories, their collaborators and forks."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import access, followers, organisations, releases, repositories, repository_creation, users
from ..domain.exceptions import Forbidden, Missing
from ..store.database import Row
from ..web.responses import as_json, bare
from ..web.site import config, db, formats, me
from .request_data import caller, fields, find_invalid_name, find_missing_field, repository, signed_in

blueprint = Blueprint("repositories", __name__)


def create_for(owner: Row) -> Response:
    """Create a repository that `owner` owns. Respond 422 without a name or to a name with other characters."""
    data = fields()
    if refusal := find_missing_field(data, name="Name") or find_invalid_name(data, "name", "Name"):
        return refusal
    row = repository_creation.create(
        db(),
        config(),
        caller(),
        owner,
        data["name"],
        description=data.get("description") or "",
        private=bool(data.get("private")),
        auto_init=bool(data.get("auto_init")),
    )
    return as_json(formats().repository(owner, row, access.OWNER, new=True), 201)


@blueprint.get("/user/repos")
@signed_in
def mine() -> Response:
    """List the caller's repositories, then those of others that the caller may access."""
    rows = [(row, access.OWNER) for row in repositories.owned(db(), caller()["id"])]
    rows += repositories.accessible(db(), caller()["id"])
    return as_json([formats().repository(users.existing(db(), row["owner_id"]), row, mode) for row, mode in rows])


@blueprint.post("/user/repos")
@signed_in
def create() -> Response:
    """Create a repository that the caller owns."""
    return create_for(caller())


@blueprint.post("/org/<name>/repos")
@signed_in
def create_in_organisation(name: str) -> Response:
    """Create a repository that an organisation owns. Raises Forbidden for a caller who does not own the organisation."""
    owner = users.by_name(db(), name)
    if not owner or owner["type"] != users.ORGANISATION:
        raise Missing(name)
    if not organisations.is_owned_by(db(), owner["id"], caller()["id"]):
        raise Forbidden(f"{caller()['name']} does not own {name}")
    return create_for(owner)


@blueprint.get("/repos/search")
def search() -> Response:
    """Find public repositories by a part of their name."""
    rows = repositories.public(db(), request.args.get("q", ""), request.args.get("limit", 10, type=int))
    shapes = [formats().repository(users.existing(db(), row["owner_id"]), row, None) for row in rows]
    return as_json({"data": shapes, "ok": True})


@blueprint.get("/repos/<owner>/<name>")
def get(owner: str, name: str) -> Response:
    """Return one repository with the caller's permissions. Raises Missing."""
    owner_row, row, mode = repository(owner, name)
    return as_json(formats().repository(owner_row, row, mode))


@blueprint.delete("/repos/<owner>/<name>")
@signed_in
def delete(owner: str, name: str) -> Response:
    """Delete a repository with its files. Only its owner may."""
    owner_row, row, _ = repository(owner, name, access.OWNER)
    repositories.delete(db(), config(), owner_row, row)
    return bare(204)


@blueprint.get("/repos/<owner>/<name>/forks")
@signed_in
def forks(owner: str, name: str) -> Response:
    """List the forks that the caller may see."""
    _, row, _ = repository(owner, name)
    rows = [found for found in repositories.forks_of(db(), row["id"]) if access.mode_of_visitor(db(), me(), found)]
    return as_json(
        [formats().repository(users.existing(db(), found["owner_id"]), found, access.READ) for found in rows]
    )


@blueprint.get("/repos/<owner>/<name>/releases")
def list_releases(owner: str, name: str) -> Response:
    """List the releases, newest first."""
    _, row, _ = repository(owner, name)
    return as_json([formats().release(release) for release in releases.list_releases(db(), row["id"])])


@blueprint.get("/repos/<owner>/<name>/collaborators")
@signed_in
def collaborators(owner: str, name: str) -> Response:
    """List the collaborators with their permissions."""
    _, row, _ = repository(owner, name, access.ADMIN)
    found = db().all(
        "SELECT u.*, c.mode FROM collaboration c JOIN `user` u ON u.id = c.user_id WHERE c.repo_id = %s ORDER BY c.id",
        row["id"],
    )
    shapes = []
    for person in found:
        permissions = {"admin": person["mode"] >= access.ADMIN, "push": person["mode"] >= access.WRITE, "pull": True}
        shapes.append({**formats().user(person), "permissions": permissions})
    return as_json(shapes)


@blueprint.put("/repos/<owner>/<name>/collaborators/<person>")
@signed_in
def collaborate(owner: str, name: str, person: str) -> Response:
    """Add a collaborator or change the permission. Respond 422 to an unknown user."""
    _, row, _ = repository(owner, name, access.ADMIN)
    user = users.by_name(db(), person)
    if not user:
        return bare(422)
    followers.collaborate(db(), row, user, access.NAMES.get(fields().get("permission", "write"), access.WRITE))
    return bare(204)


@blueprint.get("/repos/<owner>/<name>/collaborators/<person>")
@signed_in
def is_collaborator(owner: str, name: str, person: str) -> Response:
    """Respond 204 for a collaborator, 404 for another user, 422 for an unknown user."""
    _, row, _ = repository(owner, name, access.ADMIN)
    user = users.by_name(db(), person)
    if not user:
        return bare(422)
    return bare(204 if followers.collaborates(db(), row, user) else 404)


@blueprint.delete("/repos/<owner>/<name>/collaborators/<person>")
@signed_in
def end_collaboration(owner: str, name: str, person: str) -> Response:
    """Remove a collaborator. Respond 204 also when the user was none."""
    _, row, _ = repository(owner, name, access.ADMIN)
    user = users.by_name(db(), person)
    if not user:
        return bare(422)
    followers.end_collaboration(db(), row, user)
    return bare(204)
