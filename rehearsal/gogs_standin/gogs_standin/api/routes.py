"""Register all routes below /api/v1."""

from __future__ import annotations

from flask import Blueprint

from . import (
    admin,
    commits,
    contents,
    deploy_keys,
    hooks,
    issue_comments,
    issues,
    keys,
    labels,
    organisations,
    repositories,
    users,
)

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
for part in (
    users,
    keys,
    organisations,
    admin,
    repositories,
    deploy_keys,
    commits,
    contents,
    labels,
    issues,
    issue_comments,
    hooks,
):
    blueprint.register_blueprint(part.blueprint)
