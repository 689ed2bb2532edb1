"""An access token is given for the password, and is not given for a wrong one."""

from __future__ import annotations

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.gogs.acceptance.session import GogsSession


def check(session: GogsSession) -> None:
    wrong = session.request_token(session.repository, session.nonce)
    # A site that shows nothing to visitors answers every one of them alike.
    expected = 403 if session.closed else 401
    if wrong.status_code != expected:
        raise CheckFailed(f"a wrong password was answered with {wrong.status_code}, expected {expected}")
    session.create_token(session.repository)
