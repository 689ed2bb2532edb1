"""Check a push over HTTP: hooks run, and a second clone, the API and the user's news show the commit.

While users wait, it pushes one branch only. Gogs starts a process for each ref, and the scratch copy has accepted all refs.
"""

from __future__ import annotations

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.gogs.acceptance.activity import require_activity
from cutover_site.gogs.acceptance.checks.clone import require_http_git
from cutover_site.gogs.acceptance.session import GogsSession


def check(session: GogsSession) -> None:
    """Push from the clone that `clone` made: a commit, a branch, and on the scratch copy a tag too. Raises CheckFailed or CheckSkipped."""
    require_http_git(session)
    tree = session.work / "clone"
    (tree / "grüße.txt").write_text(f"acceptance {session.nonce}\n", encoding="utf-8")
    session.run_git("add", ".", cwd=tree)
    session.run_git("commit", "-q", "-m", f"Acceptance: {session.text.words}", cwd=tree)
    session.run_git("tag", "accepted", cwd=tree)
    news = f"by-http-{session.nonce}"
    branch = news if session.live else session.run_git("rev-parse", "--abbrev-ref", "HEAD", cwd=tree)
    refs = () if session.live else ("HEAD", "accepted")
    with session.writing:
        session.run_git("push", "-q", "origin", f"HEAD:refs/heads/{news}", *refs, cwd=tree)
    pushed = session.run_git("rev-parse", "HEAD", cwd=tree)
    session.run_git("clone", "-q", "--branch", branch, session.clone_url, str(session.work / "again"))
    if (found := session.run_git("rev-parse", "HEAD", cwd=session.work / "again")) != pushed:
        raise CheckFailed(f"pushed {pushed}, a new clone has {found}")
    seen = session.call_api("GET", f"/repos/{session.full_name}/branches/{branch}", 200)
    if seen["commit"]["id"] != pushed:
        raise CheckFailed(f"pushed {pushed}, the API says {branch} is at {seen['commit']['id']}")
    require_activity(session, news)
