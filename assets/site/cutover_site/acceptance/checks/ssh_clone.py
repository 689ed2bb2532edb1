"""git clones over SSH and finds the commit that was pushed over SSH."""

from __future__ import annotations

from cutover_site.acceptance.secure_shell import address, shell
from cutover_site.acceptance.site import CheckFailed, Visit


def check(visit: Visit) -> None:
    url = address(visit)
    pushed = visit.git("rev-parse", "HEAD", cwd=visit.work / "to-push")
    clone = visit.work / "by-ssh"
    visit.git("clone", "-q", "-b", "by-ssh", url, str(clone), environment=shell(visit, visit.key))
    if (found := visit.git("rev-parse", "HEAD", cwd=clone)) != pushed:
        raise CheckFailed(f"pushed {pushed} over SSH, a clone over SSH has {found}")
