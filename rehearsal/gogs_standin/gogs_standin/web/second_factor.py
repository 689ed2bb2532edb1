"""Serve the sign-in with a second factor.

Only recovery codes are accepted: an authenticator's secret is encrypted, and this build does not decrypt it.
"""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from ..domain import users
from ..domain.exceptions import Missing
from ..store.database import Row
from .account import SECOND_FACTOR, finish_sign_in
from .responses import page, redirect
from .site import db

blueprint = Blueprint("second_factor", __name__)
RECOVERY = f"{SECOND_FACTOR}_recovery_code"


def _person() -> Row:
    """Return the user who has given the right password in this session. Raises Missing."""
    number = g.session.get("second_factor_of")
    found = users.by_id(db(), number) if number else None
    if found is None:
        raise Missing("nobody has given a password yet")
    return found


@blueprint.get(SECOND_FACTOR)
def passcode_page() -> Response:
    """Return the form for a passcode. Raises Missing before the password."""
    _person()
    return page("second_factor.html", action=SECOND_FACTOR, field="passcode", other=RECOVERY)


@blueprint.post(SECOND_FACTOR)
def check_passcode() -> Response:
    """Refuse the passcode, because this build cannot check one. Raises Missing before the password."""
    _person()
    return _again(SECOND_FACTOR, "The passcode you entered is not valid, please try again!")


@blueprint.get(RECOVERY)
def recovery_page() -> Response:
    """Return the form for a recovery code. Raises Missing before the password."""
    _person()
    return page("second_factor.html", action=RECOVERY, field="recovery_code", other=SECOND_FACTOR)


@blueprint.post(RECOVERY)
def use_recovery_code() -> Response:
    """Sign in with an unused recovery code, which is then used. Raises Missing before the password."""
    person = _person()
    if users.use_recovery_code(db(), person["id"], request.form.get("recovery_code", "")):
        return finish_sign_in(person)
    return _again(RECOVERY, "Recovery code already used or invalid.")


def _again(address: str, message: str) -> Response:
    answer = redirect(address)
    answer.set_cookie("macaron_flash", f"error={message}")
    return answer
