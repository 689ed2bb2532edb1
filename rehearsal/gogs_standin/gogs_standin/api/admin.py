"""Serve the calls by which the site's administrators create users and repositories."""

from __future__ import annotations

from flask import Blueprint, Response

from ..domain import users
from ..domain.exceptions import Missing
from ..web.responses import make_json_response
from ..web.site import get_db, make_formats
from .repositories import create_for
from .request_data import find_missing_field, parse_fields, require_administrator

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.post("/users")
@require_administrator
def create_user() -> Response:
    """Create a user who can sign in at once. Respond 422 without a name or an email address."""
    data = parse_fields()
    if refusal := find_missing_field(data, username="Username", email="Email"):
        return refusal
    row = users.create(
        get_db(), data["username"], data["email"], data.get("password", ""), full_name=data.get("full_name", "")
    )
    return make_json_response(make_formats().format_user(row), 201)


@blueprint.post("/users/<name>/repos")
@require_administrator
def create_repository(name: str) -> Response:
    """Create a repository for another user. Raises Missing for an unknown user."""
    owner = users.find_by_name(get_db(), name)
    if not owner:
        raise Missing(name)
    return create_for(owner)
