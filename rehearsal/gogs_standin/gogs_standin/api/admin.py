"""Serve the calls by which the site's administrators create users and repositories."""

from __future__ import annotations

from flask import Blueprint, Response

from ..domain import users
from ..domain.exceptions import Missing
from ..web.responses import as_json
from ..web.site import db, formats
from .repositories import create_for
from .request_data import administrator, fields, find_missing_field

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.post("/users")
@administrator
def create_user() -> Response:
    """Create a user who can sign in at once. Respond 422 without a name or an email address."""
    data = fields()
    if refusal := find_missing_field(data, username="Username", email="Email"):
        return refusal
    row = users.create(
        db(), data["username"], data["email"], data.get("password", ""), full_name=data.get("full_name", "")
    )
    return as_json(formats().user(row), 201)


@blueprint.post("/users/<name>/repos")
@administrator
def create_repository(name: str) -> Response:
    """Create a repository for another user. Raises Missing for an unknown user."""
    owner = users.by_name(db(), name)
    if not owner:
        raise Missing(name)
    return create_for(owner)
