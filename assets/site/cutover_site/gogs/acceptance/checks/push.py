"""Check a push over HTTP: hooks run, and a new clone, the API and the user's news show the commit.

While users wait, it pushes one branch only, of a commit that was made before. Gogs starts a process for each ref, and the scratch copy has
accepted all refs.
"""

from __future__ import annotations

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.gogs.acceptance.activity import require_activity
from cutover_site.gogs.acceptance.checks.clone import require_http_git
from cutover_site.gogs.acceptance.local_commit import get_local_commit, write_commit
from cutover_site.gogs.acceptance.session import GogsSession


def check(session: GogsSession) -> None:
    """Push a commit, a branch, and on the scratch copy a tag too, from the clone that `clone` made. Raises CheckFailed or CheckSkipped."""
    news = f"by-http-{session.nonce}"
    with session.writing:  # first of all checks that need it: this one takes the longest
        require_http_git(session)
        if session.live:
            tree, branch = get_local_commit(session), news
            session.run_git("push", "-q", session.clone_url, f"HEAD:refs/heads/{news}", cwd=tree)
        else:
            tree = session.work / "clone"
            write_commit(session, tree)
            session.run_git("tag", "accepted", cwd=tree)
            branch = session.run_git("rev-parse", "--abbrev-ref", "HEAD", cwd=tree)
            session.run_git("push", "-q", "origin", f"HEAD:refs/heads/{news}", "HEAD", "accepted", cwd=tree)
    pushed = session.run_git("rev-parse", "HEAD", cwd=tree)
    session.run_git("clone", "-q", "--branch", branch, session.clone_url, str(session.work / "again"))
    if (found := session.run_git("rev-parse", "HEAD", cwd=session.work / "again")) != pushed:
        raise CheckFailed(f"pushed {pushed}, a new clone has {found}")
    seen = session.call_api("GET", f"/repos/{session.full_name}/branches/{branch}", 200)
    if seen["commit"]["id"] != pushed:
        raise CheckFailed(f"pushed {pushed}, the API shows {branch} at {seen['commit']['id']}")
    require_activity(session, news)
