"""Check that SSH refuses a key that nobody added."""

from __future__ import annotations

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.gogs.acceptance.session import GogsSession
from cutover_site.gogs.acceptance.ssh_access import make_environment, make_key, require_address

STRANGER = "stranger"


def check(session: GogsSession) -> None:
    """Read with an unknown key. Raises CheckFailed when it is accepted, and for another error than a refusal."""
    url = require_address(session)
    make_key(session, STRANGER)
    try:
        session.run_git("ls-remote", url, environment=make_environment(session, STRANGER))
    except CheckFailed as refused:
        if "ermission denied" not in str(refused) and "not exist" not in str(refused):
            raise
        return
    raise CheckFailed("a key that nobody added may read a private repository")
