"""Serve organisations."""

from __future__ import annotations

from flask import Blueprint, Response

from ..domain import organisations, users
from ..domain.exceptions import Missing
from ..store.database import Row
from ..web.responses import make_json_response
from ..web.site import get_config, get_db, make_formats
from .request_data import find_missing_field, get_caller, parse_fields, require_administrator, require_token

blueprint = Blueprint("organisations", __name__)


def _create(owner: Row) -> Response:
    data = parse_fields()
    if refusal := find_missing_field(data, username="UserName"):
        return refusal
    more = {key: data.get(key, "") for key in ("description", "website", "location")}
    row = organisations.create(get_db(), get_config(), owner, data["username"], data.get("full_name", ""), **more)
    return make_json_response(make_formats().format_organisation(row), 201)


def _find_organisation(name: str) -> Row:
    row = users.find_by_name(get_db(), name)
    if not row or row["type"] != users.ORGANISATION:
        raise Missing(name)
    return row


@blueprint.post("/admin/users/<name>/orgs")
@require_administrator
def create_for(name: str) -> Response:
    """Create an organisation that another user owns, for the site's administrators. Raises Missing."""
    owner = users.find_by_name(get_db(), name)
    if not owner:
        raise Missing(name)
    return _create(owner)


@blueprint.post("/user/orgs")
@require_token
def create() -> Response:
    """Create an organisation that the caller owns."""
    return _create(get_caller())


@blueprint.get("/user/orgs")
@require_token
def list_own_organisations() -> Response:
    """List the caller's organisations."""
    return make_json_response(
        [
            make_formats().format_organisation(row)
            for row in organisations.list_organisations_of_user(get_db(), get_caller()["id"])
        ]
    )


@blueprint.get("/users/<name>/orgs")
def list_organisations_of_user(name: str) -> Response:
    """List the organisations of a user. Raises Missing."""
    row = users.find_by_name(get_db(), name)
    if not row:
        raise Missing(name)
    return make_json_response(
        [
            make_formats().format_organisation(found)
            for found in organisations.list_organisations_of_user(get_db(), row["id"])
        ]
    )


@blueprint.get("/orgs/<name>")
@require_token
def get_organisation(name: str) -> Response:
    """Return one organisation. Raises Missing, also for the name of a person."""
    return make_json_response(make_formats().format_organisation(_find_organisation(name)))
