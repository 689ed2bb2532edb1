"""Serve releases and their form."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import access, attachments, releases
from ..domain.exceptions import Exists, Missing, RequestRefused
from .guards import find_repository, get_visitor, link, open_repository, require_signed_in
from .notify import release_event
from .responses import redirect, render_page
from .site import get_db

blueprint = Blueprint("release_pages", __name__, url_prefix="/<owner>/<name>/releases")


@blueprint.get("")
def list_releases(owner: str, name: str) -> Response:
    """Return the releases with their files. Raises Missing for an empty repository."""
    owner_row, row = find_repository(owner, name)
    if row["is_bare"]:
        raise Missing("nothing to release")
    rows = [
        {**found, "files": attachments.list_attachments(get_db(), release_id=found["id"])}
        for found in releases.list_releases(get_db(), row["id"])
    ]
    return render_page("releases.html", owner=owner_row, repository=row, releases=rows)


@blueprint.get("/new")
@require_signed_in
def show_form(owner: str, name: str) -> Response:
    """Return the form, for users with write access."""
    owner_row, row = find_repository(owner, name, access.WRITE)
    return render_page("new_release.html", owner=owner_row, repository=row)


@blueprint.post("/new")
@require_signed_in
def create(owner: str, name: str) -> Response:
    """Create a release and queue its webhooks. Respond 400 without tag, target or title, 422 to another refusal."""
    owner_row, row = find_repository(owner, name, access.WRITE)
    form = request.form
    missing = [key for key in ("tag_name", "tag_target", "title") if not form.get(key)]
    if missing:
        return render_page(
            "new_release.html",
            400,
            owner=owner_row,
            repository=row,
            problem=f"A release needs a {missing[0].rpartition('_')[2]}.",
        )
    try:
        release = releases.create(
            get_db(),
            get_visitor(),
            row,
            open_repository(owner_row, row),
            tag=form["tag_name"],
            target=form["tag_target"],
            title=form["title"],
            note=form.get("content", ""),
            draft=bool(form.get("draft")),
            prerelease=form.get("prerelease") == "on",
            uuids=[number for number in form.getlist("files") if number],
        )
    except (Exists, RequestRefused) as error:
        return render_page("new_release.html", 422, owner=owner_row, repository=row, problem=error.message)
    release_event(get_visitor(), owner_row, row, release)
    return redirect(f"{link(owner_row, row)}/releases")
