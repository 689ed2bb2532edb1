"""Serve organisations."""

from __future__ import annotations

from flask import Blueprint, Response

from ..domain import organisations, users
from ..domain.exceptions import Missing
from ..store.database import Row
from ..web.responses import as_json
from ..web.site import config, db, formats
from .request_data import administrator, caller, fields, find_missing_field, signed_in

blueprint = Blueprint("organisations", __name__)


def _create(owner: Row) -> Response:
    data = fields()
    if refusal := find_missing_field(data, username="UserName"):
        return refusal
    more = {key: data.get(key, "") for key in ("description", "website", "location")}
    row = organisations.create(db(), config(), owner, data["username"], data.get("full_name", ""), **more)
    return as_json(formats().organisation(row), 201)


def _named(name: str) -> Row:
    row = users.by_name(db(), name)
    if not row or row["type"] != users.ORGANISATION:
        raise Missing(name)
    return row


@blueprint.post("/admin/users/<name>/orgs")
@administrator
def create_for(name: str) -> Response:
    """Create an organisation that another user owns, for the site's administrators. Raises Missing."""
    owner = users.by_name(db(), name)
    if not owner:
        raise Missing(name)
    return _create(owner)


@blueprint.post("/user/orgs")
@signed_in
def create() -> Response:
    """Create an organisation that the caller owns."""
    return _create(caller())


@blueprint.get("/user/orgs")
@signed_in
def mine() -> Response:
    """List the caller's organisations."""
    return as_json([formats().organisation(row) for row in organisations.of_user(db(), caller()["id"])])


@blueprint.get("/users/<name>/orgs")
def of_user(name: str) -> Response:
    """List the organisations of a user. Raises Missing."""
    row = users.by_name(db(), name)
    if not row:
        raise Missing(name)
    return as_json([formats().organisation(found) for found in organisations.of_user(db(), row["id"])])


@blueprint.get("/orgs/<name>")
@signed_in
def organisation(name: str) -> Response:
    """Return one organisation. Raises Missing, also for the name of a person."""
    return as_json(formats().organisation(_named(name)))
