"""Serve the form for a new repository."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import repository_creation
from ..domain.quota import LimitReachedError
from .guards import link, signed_in, visitor
from .responses import page, redirect
from .site import config, db

blueprint = Blueprint("create_pages", __name__)


@blueprint.get("/repo/create")
@signed_in
def new() -> Response:
    """Return the form."""
    return page("create.html")


@blueprint.post("/repo/create")
@signed_in
def create() -> Response:
    """Create a repository of the user. Respond 403 when the site's limit is reached."""
    name, private = request.form.get("repo_name", ""), request.form.get("private") == "on"
    try:
        row = repository_creation.create(db(), config(), visitor(), visitor(), name, private=private)
    except LimitReachedError as error:
        return page("create.html", 403, problem=str(error))
    return redirect(link(visitor(), row))
