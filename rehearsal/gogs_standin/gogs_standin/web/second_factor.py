"""Serve the sign-in with a second factor.

Only recovery codes are accepted: an authenticator's secret is encrypted, and this build does not decrypt it.
"""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from ..domain import users
from ..domain.exceptions import Missing
from ..store.database import Row
from .account import SECOND_FACTOR, finish_sign_in
from .responses import redirect, render_page
from .site import get_db

blueprint = Blueprint("second_factor", __name__)
RECOVERY = f"{SECOND_FACTOR}_recovery_code"


def _find_person() -> Row:
    """Return the user who has given the right password in this session. Raises Missing."""
    number = g.session.get("second_factor_of")
    found = users.find_by_id(get_db(), number) if number else None
    if found is None:
        raise Missing("nobody has given a password yet")
    return found


@blueprint.get(SECOND_FACTOR)
def show_passcode_form() -> Response:
    """Return the form for a passcode. Raises Missing before the password."""
    _find_person()
    return render_page("second_factor.html", action=SECOND_FACTOR, field="passcode", other=RECOVERY)


@blueprint.post(SECOND_FACTOR)
def check_passcode() -> Response:
    """Refuse the passcode, because this build cannot check one. Raises Missing before the password."""
    _find_person()
    return _redirect_with_error(SECOND_FACTOR, "The passcode you entered is not valid, please try again!")


@blueprint.get(RECOVERY)
def show_recovery_form() -> Response:
    """Return the form for a recovery code. Raises Missing before the password."""
    _find_person()
    return render_page("second_factor.html", action=RECOVERY, field="recovery_code", other=SECOND_FACTOR)


@blueprint.post(RECOVERY)
def use_recovery_code() -> Response:
    """Sign in with an unused recovery code, which is then used. Raises Missing before the password."""
    person = _find_person()
    if users.use_recovery_code(get_db(), person["id"], request.form.get("recovery_code", "")):
        return finish_sign_in(person)
    return _redirect_with_error(RECOVERY, "Recovery code already used or invalid.")


def _redirect_with_error(address: str, message: str) -> Response:
    answer = redirect(address)
    answer.set_cookie("macaron_flash", f"error={message}")
    return answer
