"""Signing in with a second factor. Only recovery codes open: the secret of an authenticator is encrypted, and not read here."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from ..domain import users
from ..domain.exceptions import Missing
from ..store.database import Row
from .account import SECOND_FACTOR, signed_in_now
from .responses import page, redirect
from .site import db

blueprint = Blueprint("second_factor", __name__)
RECOVERY = f"{SECOND_FACTOR}_recovery_code"


def _person() -> Row:
    """Who has given the right password in this session. Raises Missing."""
    number = g.session.get("second_factor_of")
    found = users.by_id(db(), number) if number else None
    if found is None:
        raise Missing("nobody has given a password yet")
    return found


@blueprint.get(SECOND_FACTOR)
def passcode_page() -> Response:
    _person()
    return page("second_factor.html", action=SECOND_FACTOR, field="passcode", other=RECOVERY)


@blueprint.post(SECOND_FACTOR)
def check_passcode() -> Response:
    _person()
    return _again(SECOND_FACTOR, "The passcode you entered is not valid, please try again!")


@blueprint.get(RECOVERY)
def recovery_page() -> Response:
    _person()
    return page("second_factor.html", action=RECOVERY, field="recovery_code", other=SECOND_FACTOR)


@blueprint.post(RECOVERY)
def use_recovery_code() -> Response:
    person = _person()
    if users.use_recovery_code(db(), person["id"], request.form.get("recovery_code", "")):
        return signed_in_now(person)
    return _again(RECOVERY, "Recovery code already used or invalid.")


def _again(address: str, message: str) -> Response:
    answer = redirect(address)
    answer.set_cookie("macaron_flash", f"error={message}")
    return answer
