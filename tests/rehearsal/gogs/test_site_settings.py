"""For any app.ini, the suite checks what works, reports what the settings disable, and skips nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cutover_site.acceptance.results import describe_failures
from cutover_site.acceptance.runner import run_suite
from cutover_site.database.login import DatabaseLogin
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
"""checks that need the files of the site; without them the suite does not push to copies either"""


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_acceptance_suite_skips_exactly_what_the_settings_disable(
    make: Callable[..., Gogs], archive: Path, program: str, site: Site
) -> None:
    # Given a site with its own settings
    release = {"archive": Path(os.environ["GOGS_ARCHIVE"])} if program == "release" else {"archive": archive}
    gogs = make(**release)
    write_app_ini(gogs, site)
    with serving(gogs):
        if site.charset:
            use_charset(gogs, site.charset)
        server = DatabaseLogin("127.0.0.1", gogs.database.port, "app", "app-pass", verify=False)
        charset = get_narrowest(get_charsets(server, gogs.schema))

        # When the suite runs with the settings of the site, and when it runs with only the address
        known = run_suite(SUITE, open_session_with_settings(gogs, charset))
        left = [
            path for folder in ("attachments", "lfs-objects", USER) for path in (gogs.repositories / folder).rglob("*")
        ]
        from_elsewhere = run_suite(SUITE, open_session_from_elsewhere(gogs))

    # Then the first run leaves no content, has no failure, and skips exactly what settings disable, with their names
    assert left == []
    assert describe_failures(known) == ""
    skipped = {result.name: result.setting for result in known if result.outcome == "skip"}
    assert set(skipped) == site.unchecked
    assert all(setting.startswith("[") for setting in skipped.values())
    parts = [part for result in known for part in result.not_checked]
    assert {part for part in parts if not part.startswith(site.parts or "-")} == set()
    assert bool(parts) == bool(site.parts)

    # And the second run differs only by a storage that Gogs does not name in its responses
    expected = (site.unchecked - {"migrated"}) | UNSEEN
    failed = {result.name for result in from_elsewhere if result.outcome == "fail"}
    assert failed == ({"lfs"} & site.unchecked if "lfs" in site.app_ini else set())
    assert {result.name for result in from_elsewhere if result.outcome == "skip"} == expected - failed
