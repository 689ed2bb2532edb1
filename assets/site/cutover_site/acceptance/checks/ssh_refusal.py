"""A key that nobody added is refused over SSH."""

from __future__ import annotations

from cutover_site.acceptance.secure_shell import address, make_key, shell
from cutover_site.acceptance.site import CheckFailed, Visit

STRANGER = "stranger"


def check(visit: Visit) -> None:
    url = address(visit)
    make_key(visit, STRANGER)
    try:
        visit.git("ls-remote", url, environment=shell(visit, STRANGER))
    except CheckFailed as refused:
        if "ermission denied" not in str(refused) and "not exist" not in str(refused):
            raise
        return
    raise CheckFailed("a key that nobody added may read a private repository")
