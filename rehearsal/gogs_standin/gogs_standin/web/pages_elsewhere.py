"""Handle pages of Gogs that this build lacks: strangers are redirected to the login page, as in Gogs; users get 404."""

from __future__ import annotations

from flask import Blueprint, Response

from ..domain.exceptions import Missing
from .guards import require_signed_in

blueprint = Blueprint("pages_elsewhere", __name__)
_OF_PERSONS = (
    "/issues",
    "/pulls",
    "/admin",
    "/admin/<path:rest>",
    "/org/create",
    "/org/<path:rest>",
    "/repo/<path:rest>",
)
_OF_REPOSITORIES = (
    "settings/<path:rest>",
    "compare/<path:rest>",
    "_new/<path:rest>",
    "_edit/<path:rest>",
    "_upload/<path:rest>",
    "_delete/<path:rest>",
)


@require_signed_in
def raise_missing(**_: str) -> Response:
    """Raise Missing for every signed-in user."""
    raise Missing("this build has no such page")


for number, address in enumerate((*_OF_PERSONS, *(f"/<owner>/<name>/{rest}" for rest in _OF_REPOSITORIES))):
    blueprint.add_url_rule(address, f"page{number}", raise_missing)
