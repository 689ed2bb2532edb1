"""Check access tokens: the password gets one; on the scratch copy, a wrong password does not."""

from __future__ import annotations

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.gogs.acceptance.session import GogsSession


def check(session: GogsSession) -> None:
    """Create the token that the session's API calls use. Raises CheckFailed."""
    if not session.live:
        wrong = session.request_token(session.repository, session.nonce)
        # A site that shows nothing to visitors gives all of them the same response.
        expected = 403 if session.closed else 401
        if wrong.status_code != expected:
            raise CheckFailed(f"a wrong password was answered with {wrong.status_code}, expected {expected}")
    session.create_token(session.repository)
