"""git pushes a commit and a tag over HTTP; hooks run; a second clone, the API and the user's news see it.

While users wait it pushes one branch only: Gogs starts a process of its own for each ref, and the copy has taken all of them.
"""

from __future__ import annotations

from cutover_site.acceptance.activity import require_activity
from cutover_site.acceptance.checks.clone import require_http_git
from cutover_site.acceptance.site import CheckFailed, Visit


def check(visit: Visit) -> None:
    require_http_git(visit)
    tree = visit.work / "clone"
    (tree / "grüße.txt").write_text(f"acceptance {visit.nonce}\n", encoding="utf-8")
    visit.git("add", ".", cwd=tree)
    visit.git("commit", "-q", "-m", f"Acceptance: {visit.text.words}", cwd=tree)
    visit.git("tag", "accepted", cwd=tree)
    news = f"by-http-{visit.nonce}"
    branch = news if visit.live else visit.git("rev-parse", "--abbrev-ref", "HEAD", cwd=tree)
    refs = () if visit.live else ("HEAD", "accepted")
    with visit.writing:
        visit.git("push", "-q", "origin", f"HEAD:refs/heads/{news}", *refs, cwd=tree)
    pushed = visit.git("rev-parse", "HEAD", cwd=tree)
    visit.git("clone", "-q", "--branch", branch, visit.clone_url, str(visit.work / "again"))
    if (found := visit.git("rev-parse", "HEAD", cwd=visit.work / "again")) != pushed:
        raise CheckFailed(f"pushed {pushed}, a new clone has {found}")
    seen = visit.api("GET", f"/repos/{visit.full_name}/branches/{branch}", 200)
    if seen["commit"]["id"] != pushed:
        raise CheckFailed(f"pushed {pushed}, the API says {branch} is at {seen['commit']['id']}")
    require_activity(visit, news)
