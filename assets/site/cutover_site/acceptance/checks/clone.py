"""git clones the repository over HTTP and finds the commit that Gogs made."""

from __future__ import annotations

from cutover_site.acceptance.site import CheckFailed, Visit


def check(visit: Visit) -> None:
    visit.git("clone", "-q", visit.clone_url, str(visit.work / "clone"))
    if not visit.git("rev-parse", "HEAD", cwd=visit.work / "clone"):
        raise CheckFailed("the clone has no commit")
