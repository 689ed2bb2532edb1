"""Check a clone over SSH: it has the commit that was pushed over SSH."""

from __future__ import annotations

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.gogs.acceptance.session import GogsSession
from cutover_site.gogs.acceptance.ssh_access import make_environment, require_address


def check(session: GogsSession) -> None:
    """Clone the branch that `ssh` pushed, with its key. Raises CheckFailed, or CheckSkipped when SSH is not checked."""
    url = require_address(session)
    pushed = session.run_git("rev-parse", "HEAD", cwd=session.work / "to-push")
    clone = session.work / "by-ssh"
    session.run_git("clone", "-q", "-b", "by-ssh", url, str(clone), environment=make_environment(session, session.key))
    if (found := session.run_git("rev-parse", "HEAD", cwd=clone)) != pushed:
        raise CheckFailed(f"pushed {pushed} over SSH, a clone over SSH has {found}")
