"""Serve the actions on a repository: fork, star, watch, change its picture."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import access, attachments, avatars, followers, forks, organisations, repositories, users
from ..domain.exceptions import Forbidden, Missing, RequestRefused
from ..store.database import Row
from .guards import link, repository, signed_in, visitor
from .notify import fork_event
from .responses import page, redirect
from .site import config, db

blueprint = Blueprint("repository_actions", __name__)
_ACTIONS = {
    "star": followers.star,
    "unstar": followers.unstar,
    "watch": followers.watch,
    "unwatch": followers.unwatch,
}


@blueprint.get("/repo/fork/<int:number>")
@signed_in
def fork_page(number: int) -> Response:
    """Return the form with the possible owners of the fork."""
    _, base = _base(number)
    return page("fork.html", base=base, owners=[visitor(), *organisations.of_user(db(), visitor()["id"])])


@blueprint.post("/repo/fork/<int:number>")
@signed_in
def fork(number: int) -> Response:
    """Fork for the user or an organisation that the user owns. Redirect to the owner's existing fork, if there is one.

    Raises Forbidden for another owner.
    """
    base_owner, base = _base(number)
    owner = users.existing(db(), request.form.get("user_id", 0, type=int))
    if owner["id"] != visitor()["id"] and not organisations.is_owned_by(db(), owner["id"], visitor()["id"]):
        raise Forbidden(f"You do not own {owner['name']}.")
    there = forks.of_owner(db(), base, owner)
    if there:
        return redirect(link(owner, there))
    name, description = request.form.get("repo_name", ""), request.form.get("description", "")
    row = forks.create(db(), config(), visitor(), owner, base_owner, base, name, description)
    fork_event(visitor(), base_owner, base, owner, row)
    return redirect(link(owner, row))


@blueprint.post("/<owner>/<name>/action/<action>")
@signed_in
def act(owner: str, name: str, action: str) -> Response:
    """Star, unstar, watch or unwatch the repository. Raises Missing for another action."""
    owner_row, row = repository(owner, name)
    if action not in _ACTIONS:
        raise Missing(action)
    _ACTIONS[action](db(), visitor()["id"], row["id"])
    return redirect(link(owner_row, row))


@blueprint.get("/<owner>/<name>/settings")
@signed_in
def settings(owner: str, name: str) -> Response:
    """Return the settings, for administrators of the repository."""
    owner_row, row = repository(owner, name, access.ADMIN)
    return page("repository_settings.html", owner=owner_row, repository=row)


@blueprint.post("/<owner>/<name>/settings/avatar")
@signed_in
def change_avatar(owner: str, name: str) -> Response:
    """Replace the repository's picture. Raises RequestRefused for a file that is no picture."""
    owner_row, row = repository(owner, name, access.ADMIN)
    upload = request.files.get("avatar")
    data = upload.read() if upload else b""
    if not attachments.detect_mime_type(data).startswith("image/"):
        raise RequestRefused("This is no picture.")
    avatars.save(config().repository_avatars, row["id"], data)
    db().run("UPDATE repository SET use_custom_avatar = 1 WHERE id = %s", row["id"])
    return redirect(f"{link(owner_row, row)}/settings")


def _base(number: int) -> tuple[Row, Row]:
    """Return owner and repository. Raises Missing, also when this visitor may not see it."""
    base = repositories.by_id(db(), number)
    return repository(users.existing(db(), base["owner_id"])["name"], base["name"])
