"""Serve repositories, their collaborators and forks."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import access, followers, organisations, releases, repositories, repository_creation, users
from ..domain.exceptions import Forbidden, Missing
from ..store.database import Row
from ..web.responses import make_bare_response, make_json_response
from ..web.site import get_config, get_db, get_me, make_formats
from .request_data import (
    find_invalid_name,
    find_missing_field,
    find_repository,
    get_caller,
    parse_fields,
    require_token,
)

blueprint = Blueprint("repositories", __name__)


def create_for(owner: Row) -> Response:
    """Create a repository that `owner` owns. Respond 422 without a name or to a name with other characters."""
    data = parse_fields()
    if refusal := find_missing_field(data, name="Name") or find_invalid_name(data, "name", "Name"):
        return refusal
    row = repository_creation.create(
        get_db(),
        get_config(),
        get_caller(),
        owner,
        data["name"],
        description=data.get("description") or "",
        private=bool(data.get("private")),
        auto_init=bool(data.get("auto_init")),
    )
    return make_json_response(make_formats().format_repository(owner, row, access.OWNER, new=True), 201)


@blueprint.get("/user/repos")
@require_token
def list_own_repositories() -> Response:
    """List the caller's repositories, then those of others that the caller may access."""
    rows = [(row, access.OWNER) for row in repositories.list_owned(get_db(), get_caller()["id"])]
    rows += repositories.list_accessible(get_db(), get_caller()["id"])
    return make_json_response(
        [make_formats().format_repository(users.get_by_id(get_db(), row["owner_id"]), row, mode) for row, mode in rows]
    )


@blueprint.post("/user/repos")
@require_token
def create() -> Response:
    """Create a repository that the caller owns."""
    return create_for(get_caller())


@blueprint.post("/org/<name>/repos")
@require_token
def create_in_organisation(name: str) -> Response:
    """Create a repository that an organisation owns. Raises Forbidden for a caller who does not own the organisation."""
    owner = users.find_by_name(get_db(), name)
    if not owner or owner["type"] != users.ORGANISATION:
        raise Missing(name)
    if not organisations.is_owned_by(get_db(), owner["id"], get_caller()["id"]):
        raise Forbidden(f"{get_caller()['name']} does not own {name}")
    return create_for(owner)


@blueprint.get("/repos/search")
def search() -> Response:
    """Find public repositories by a part of their name."""
    rows = repositories.list_public(get_db(), request.args.get("q", ""), request.args.get("limit", 10, type=int))
    shapes = [make_formats().format_repository(users.get_by_id(get_db(), row["owner_id"]), row, None) for row in rows]
    return make_json_response({"data": shapes, "ok": True})


@blueprint.get("/repos/<owner>/<name>")
def get(owner: str, name: str) -> Response:
    """Return one repository with the caller's permissions. Raises Missing."""
    owner_row, row, mode = find_repository(owner, name)
    return make_json_response(make_formats().format_repository(owner_row, row, mode))


@blueprint.delete("/repos/<owner>/<name>")
@require_token
def delete(owner: str, name: str) -> Response:
    """Delete a repository with its files. Only its owner may."""
    owner_row, row, _ = find_repository(owner, name, access.OWNER)
    repositories.delete(get_db(), get_config(), owner_row, row)
    return make_bare_response(204)


@blueprint.get("/repos/<owner>/<name>/forks")
@require_token
def list_forks(owner: str, name: str) -> Response:
    """List the forks that the caller may see."""
    _, row, _ = find_repository(owner, name)
    rows = [
        found
        for found in repositories.list_forks(get_db(), row["id"])
        if access.read_visitor_mode(get_db(), get_me(), found)
    ]
    return make_json_response(
        [
            make_formats().format_repository(users.get_by_id(get_db(), found["owner_id"]), found, access.READ)
            for found in rows
        ]
    )


@blueprint.get("/repos/<owner>/<name>/releases")
def list_releases(owner: str, name: str) -> Response:
    """List the releases, newest first."""
    _, row, _ = find_repository(owner, name)
    return make_json_response(
        [make_formats().release(release) for release in releases.list_releases(get_db(), row["id"])]
    )


@blueprint.get("/repos/<owner>/<name>/collaborators")
@require_token
def list_collaborators(owner: str, name: str) -> Response:
    """List the collaborators with their permissions."""
    _, row, _ = find_repository(owner, name, access.ADMIN)
    found = get_db().fetch_all(
        "SELECT u.*, c.mode FROM collaboration c JOIN `user` u ON u.id = c.user_id WHERE c.repo_id = %s ORDER BY c.id",
        row["id"],
    )
    shapes = []
    for person in found:
        permissions = {"admin": person["mode"] >= access.ADMIN, "push": person["mode"] >= access.WRITE, "pull": True}
        shapes.append({**make_formats().format_user(person), "permissions": permissions})
    return make_json_response(shapes)


@blueprint.put("/repos/<owner>/<name>/collaborators/<person>")
@require_token
def put_collaborator(owner: str, name: str, person: str) -> Response:
    """Add a collaborator or change the permission. Respond 422 to an unknown user."""
    _, row, _ = find_repository(owner, name, access.ADMIN)
    user = users.find_by_name(get_db(), person)
    if not user:
        return make_bare_response(422)
    followers.add_collaborator(
        get_db(), row, user, access.NAMES.get(parse_fields().get("permission", "write"), access.WRITE)
    )
    return make_bare_response(204)


@blueprint.get("/repos/<owner>/<name>/collaborators/<person>")
@require_token
def is_collaborator(owner: str, name: str, person: str) -> Response:
    """Respond 204 for a collaborator, 404 for another user, 422 for an unknown user."""
    _, row, _ = find_repository(owner, name, access.ADMIN)
    user = users.find_by_name(get_db(), person)
    if not user:
        return make_bare_response(422)
    return make_bare_response(204 if followers.is_collaborator(get_db(), row, user) else 404)


@blueprint.delete("/repos/<owner>/<name>/collaborators/<person>")
@require_token
def end_collaboration(owner: str, name: str, person: str) -> Response:
    """Remove a collaborator. Respond 204 also when the user was none."""
    _, row, _ = find_repository(owner, name, access.ADMIN)
    user = users.find_by_name(get_db(), person)
    if not user:
        return make_bare_response(422)
    followers.end_collaboration(get_db(), row, user)
    return make_bare_response(204)
