"""git pushes a commit and a tag over HTTP; hooks run; a second clone, the API and the user's news see it."""

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
    with visit.writing:
        visit.git("push", "-q", "origin", "HEAD", f"HEAD:refs/heads/{news}", "accepted", cwd=tree)
    pushed = visit.git("rev-parse", "HEAD", cwd=tree)
    visit.git("clone", "-q", visit.clone_url, str(visit.work / "again"))
    if (found := visit.git("rev-parse", "HEAD", cwd=visit.work / "again")) != pushed:
        raise CheckFailed(f"pushed {pushed}, a new clone has {found}")
    branch = visit.git("rev-parse", "--abbrev-ref", "HEAD", cwd=tree)
    seen = visit.api("GET", f"/repos/{visit.full_name}/branches/{branch}", 200)
    if seen["commit"]["id"] != pushed:
        raise CheckFailed(f"pushed {pushed}, the API says {branch} is at {seen['commit']['id']}")
    require_activity(visit, news)
