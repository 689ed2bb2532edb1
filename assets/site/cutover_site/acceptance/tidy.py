"""Takes away what suites have left on purpose, when nobody waits for it any more. Of every visit: a suite may have been run twice."""

from __future__ import annotations

from cutover_site.acceptance.checks import login, token
from cutover_site.acceptance.here import look_at_this_machine
from cutover_site.acceptance.leavings import take_away
from cutover_site.acceptance.site import PREFIX, Visit


def tidy(visit: Visit) -> None:
    """Nothing of any visit is on the site. Raises CheckFailed. Harmless to repeat."""
    try:
        look_at_this_machine(visit)
        login.sign_in(visit)
        token.get_token(visit)
        take_away(visit, PREFIX)
    finally:
        visit.close()
