"""Serve the actions on a repository: fork, star, watch, change its picture."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import access, attachments, avatars, followers, forks, organisations, repositories, users
from ..domain.exceptions import Forbidden, Missing, RequestRefused
from ..store.database import Row
from .guards import find_repository, get_visitor, link, require_signed_in
from .notify import queue_fork_event
from .responses import redirect, render_page
from .site import get_config, get_db

blueprint = Blueprint("repository_actions", __name__)
_ACTIONS = {
    "star": followers.star_repository,
    "unstar": followers.unstar_repository,
    "watch": followers.watch,
    "unwatch": followers.unwatch_repository,
}


@blueprint.get("/repo/fork/<int:number>")
@require_signed_in
def show_fork_form(number: int) -> Response:
    """Return the form with the possible owners of the fork."""
    _, base = _find_base(number)
    return render_page(
        "fork.html",
        base=base,
        owners=[get_visitor(), *organisations.list_organisations_of_user(get_db(), get_visitor()["id"])],
    )


@blueprint.post("/repo/fork/<int:number>")
@require_signed_in
def fork_repository(number: int) -> Response:
    """Fork for the user or an organisation that the user owns. Redirect to the owner's existing fork, if there is one.

    Raises Forbidden for another owner.
    """
    base_owner, base = _find_base(number)
    owner = users.get_by_id(get_db(), request.form.get("user_id", 0, type=int))
    if owner["id"] != get_visitor()["id"] and not organisations.is_owned_by(get_db(), owner["id"], get_visitor()["id"]):
        raise Forbidden(f"You do not own {owner['name']}.")
    there = forks.find_fork_of_owner(get_db(), base, owner)
    if there:
        return redirect(link(owner, there))
    name, description = request.form.get("repo_name", ""), request.form.get("description", "")
    row = forks.create(get_db(), get_config(), get_visitor(), owner, base_owner, base, name, description)
    queue_fork_event(get_visitor(), base_owner, base, owner, row)
    return redirect(link(owner, row))


@blueprint.post("/<owner>/<name>/action/<action>")
@require_signed_in
def act_on_repository(owner: str, name: str, action: str) -> Response:
    """Star, unstar, watch or unwatch the repository. Raises Missing for another action."""
    owner_row, row = find_repository(owner, name)
    if action not in _ACTIONS:
        raise Missing(action)
    _ACTIONS[action](get_db(), get_visitor()["id"], row["id"])
    return redirect(link(owner_row, row))


@blueprint.get("/<owner>/<name>/settings")
@require_signed_in
def show_settings(owner: str, name: str) -> Response:
    """Return the settings, for administrators of the repository."""
    owner_row, row = find_repository(owner, name, access.ADMIN)
    return render_page("repository_settings.html", owner=owner_row, repository=row)


@blueprint.post("/<owner>/<name>/settings/avatar")
@require_signed_in
def change_avatar(owner: str, name: str) -> Response:
    """Replace the repository's picture. Raises RequestRefused for a file that is no picture."""
    owner_row, row = find_repository(owner, name, access.ADMIN)
    upload = request.files.get("avatar")
    data = upload.read() if upload else b""
    if not attachments.detect_mime_type(data).startswith("image/"):
        raise RequestRefused("This is no picture.")
    avatars.save(get_config().repository_avatars, row["id"], data)
    get_db().run("UPDATE repository SET use_custom_avatar = 1 WHERE id = %s", row["id"])
    return redirect(f"{link(owner_row, row)}/settings")


def _find_base(number: int) -> tuple[Row, Row]:
    """Return owner and repository. Raises Missing, also when this visitor may not see it."""
    base = repositories.get_by_id(get_db(), number)
    return find_repository(users.get_by_id(get_db(), base["owner_id"])["name"], base["name"])
