"""Whatever a site has in its app.ini: what works there is checked, what its settings rule out is reported, and nothing
else is left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cutover_site.acceptance.results import describe_failures
from cutover_site.acceptance.runner import run_suite
from cutover_site.database.connections import DatabaseLogin
from cutover_site.gogs.acceptance.charsets import get_charsets
from cutover_site.gogs.acceptance.suite import SUITE
from cutover_site.gogs.acceptance.texts import get_narrowest

from tests.gogs_standin.served.servers import Gogs
from tests.rehearsal.gogs.configured import (
    USER,
    open_session_from_elsewhere,
    open_session_with_settings,
    serving,
    use_charset,
    write_app_ini,
)
from tests.rehearsal.gogs.site_settings import SITES, Site

pytestmark = pytest.mark.rehearsal
PROGRAMS = ["stand-in", *(["release"] if os.environ.get("GOGS_ARCHIVE") else [])]
UNSEEN = {"hooks"}
"""what nobody can look at who does not see the site's files; pushes to copies are not even tried then"""


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_site_is_accepted_as_its_owner_set_it(
    make: Callable[..., Gogs], archive: Path, program: str, site: Site
) -> None:
    # Given a site that is configured with settings of its own
    release = {"archive": Path(os.environ["GOGS_ARCHIVE"])} if program == "release" else {"archive": archive}
    gogs = make(**release)
    write_app_ini(gogs, site)
    with serving(gogs):
        if site.charset:
            use_charset(gogs, site.charset)
        server = DatabaseLogin("127.0.0.1", gogs.database.port, "app", "app-pass", verify=False)
        charset = get_narrowest(get_charsets(server, gogs.schema))

        # When it is accepted by somebody who knows its settings, and by somebody who only asks
        known = run_suite(SUITE, open_session_with_settings(gogs, charset))
        left = [
            path for folder in ("attachments", "lfs-objects", USER) for path in (gogs.repositories / folder).rglob("*")
        ]
        asked = run_suite(SUITE, open_session_from_elsewhere(gogs))

    # Then nothing of the first is left, nothing fails, and exactly what the settings rule out is left out, with the
    # setting
    assert left == []
    assert describe_failures(known) == ""
    skipped = {result.name: result.setting for result in known if result.outcome == "skip"}
    assert set(skipped) == site.unchecked
    assert all(setting.startswith("[") for setting in skipped.values())
    parts = [part for result in known for part in result.not_checked]
    assert {part for part in parts if not part.startswith(site.parts or "-")} == set()
    assert bool(parts) == bool(site.parts)

    # And who only asks finds the same, but for what Gogs never tells: which storage it has not
    expected = (site.unchecked - {"migrated"}) | UNSEEN
    failed = {result.name for result in asked if result.outcome == "fail"}
    assert failed == ({"lfs"} & site.unchecked if "lfs" in site.app_ini else set())
    assert {result.name for result in asked if result.outcome == "skip"} == expected - failed
