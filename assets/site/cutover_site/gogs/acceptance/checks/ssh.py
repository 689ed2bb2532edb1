"""Check a push over SSH with a key that was added through the API: the API shows the branch.

While users wait, it only reads, if the site allows git over HTTP: the scratch copy has accepted a push over SSH, and `push`
covers the live data. The new fact is that the key, a row of the live data, authenticates its user.
"""

from __future__ import annotations

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.gogs.acceptance.session import GogsSession
from cutover_site.gogs.acceptance.ssh_access import authorize, make_environment, require_address


def check(session: GogsSession) -> None:
    """Add a key and use it. Sets `session.key` for the later checks. Raises CheckFailed or CheckSkipped."""
    url = require_address(session)
    session.key = authorize(session)
    if session.live and session.http_git:
        _read(session, url)
    else:
        _push(session, url)


def _read(session: GogsSession, url: str) -> None:
    """List the refs. The repository may be empty still, so only a refusal fails. Raises CheckFailed."""
    session.run_git("ls-remote", url, environment=make_environment(session, session.key))


def _push(session: GogsSession, url: str) -> None:
    tree = session.work / "to-push"
    session.run_git("init", "-q", str(tree))
    (tree / "by-ssh.txt").write_text(f"acceptance {session.nonce}\n")
    session.run_git("add", ".", cwd=tree)
    session.run_git("commit", "-q", "-m", "Acceptance by SSH", cwd=tree)
    with session.writing:
        session.run_git(
            "push", "-q", url, "HEAD:refs/heads/by-ssh", cwd=tree, environment=make_environment(session, session.key)
        )
    pushed = session.run_git("rev-parse", "HEAD", cwd=tree)
    seen = session.call_api("GET", f"/repos/{session.full_name}/branches/by-ssh", 200)
    if seen["commit"]["id"] != pushed:
        raise CheckFailed(f"pushed {pushed} over SSH, the API shows by-ssh at {seen['commit']['id']}")
