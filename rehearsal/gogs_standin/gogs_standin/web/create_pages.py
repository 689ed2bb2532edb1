"""Serve the form for a new repository."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import repository_creation
from ..domain.quota import LimitReachedError
from .guards import get_visitor, link, require_signed_in
from .responses import redirect, render_page
from .site import get_config, get_db

blueprint = Blueprint("create_pages", __name__)


@blueprint.get("/repo/create")
@require_signed_in
def show_form() -> Response:
    """Return the form."""
    return render_page("create.html")


@blueprint.post("/repo/create")
@require_signed_in
def create() -> Response:
    """Create a repository of the user. Respond 403 when the site's limit is reached."""
    name, private = request.form.get("repo_name", ""), request.form.get("private") == "on"
    try:
        row = repository_creation.create(get_db(), get_config(), get_visitor(), get_visitor(), name, private=private)
    except LimitReachedError as error:
        return render_page("create.html", 403, problem=str(error))
    return redirect(link(get_visitor(), row))
