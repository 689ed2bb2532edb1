"""The acceptance suite while users wait: it runs fewer checks, and a later cleanup removes the content of all
sessions.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cutover_site.acceptance.results import describe_failures
from cutover_site.acceptance.runner import clean_up_all, run_suite
from cutover_site.gogs.acceptance.session import PREFIX
from cutover_site.gogs.acceptance.suite import SUITE

from tests.gogs_standin.served.servers import Gogs
from tests.rehearsal.gogs.configured import USER, open_session_with_settings, serving, write_app_ini
from tests.rehearsal.gogs.site_settings import Site

pytestmark = pytest.mark.rehearsal
PROGRAMS = ["stand-in", *(["release"] if os.environ.get("GOGS_ARCHIVE") else [])]


@pytest.mark.parametrize(
    ("settings", "pushed"),
    [("", "by-http-{}"), ("[repository]\nDISABLE_HTTP_GIT = true\n", "by-ssh")],
    ids=["git over HTTP and SSH", "git over SSH alone"],
)
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_live_suite_makes_each_kind_of_write_and_is_cleaned_up_later(
    make: Callable[..., Gogs], archive: Path, program: str, settings: str, pushed: str
) -> None:
    gogs = make(archive=Path(os.environ["GOGS_ARCHIVE"]) if program == "release" else archive)
    write_app_ini(gogs, Site("live", "any", settings))
    with serving(gogs):
        # When the suite runs while users wait
        session = open_session_with_settings(gogs, "utf8mb4", live=True)
        results = run_suite(SUITE, session)

        # Then it skips only checks that the comparison of files and programs covers, and pushes one branch
        assert describe_failures(results) == ""
        names = {check.name for check in SUITE.checks}
        assert {one.name for one in results} == names - {"clone", "hooks", "migrated", "ssh_clone", "ssh_refusal"}
        (made,) = (gogs.repositories / USER).glob(f"{PREFIX}*.git")
        branches = {path.name for path in (made / "refs/heads").iterdir()}
        assert branches == {pushed.format(session.nonce)}

        # And a later cleanup removes its content
        clean_up_all(SUITE, open_session_with_settings(gogs, "utf8mb4"))
        assert list(gogs.repositories.glob(f"{USER}/*")) == []
