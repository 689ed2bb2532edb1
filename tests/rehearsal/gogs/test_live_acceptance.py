"""The suite while users wait: it does less, and what it did is removed later by `tidy`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cutover_site.acceptance.site import PREFIX
from cutover_site.acceptance.suite import BESIDE_THE_DATA, ON_THIS_MACHINE, SUITE, accept, failures
from cutover_site.acceptance.tidy import tidy

from tests.gogs_standin.served.servers import Gogs
from tests.rehearsal.gogs.configured import USER, serving, visit_with_settings, write_app_ini
from tests.rehearsal.gogs.site_settings import Site

pytestmark = pytest.mark.rehearsal
PROGRAMS = ["stand-in", *(["release"] if os.environ.get("GOGS_ARCHIVE") else [])]


@pytest.mark.parametrize(
    ("settings", "pushed"),
    [("", "by-http-{}"), ("[repository]\nDISABLE_HTTP_GIT = true\n", "by-ssh")],
    ids=["git over HTTP and SSH", "git over SSH alone"],
)
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_site_whose_users_wait_takes_every_kind_of_write_and_is_cleaned_later(
    make: Callable[..., Gogs], archive: Path, program: str, settings: str, pushed: str
) -> None:
    gogs = make(archive=Path(os.environ["GOGS_ARCHIVE"]) if program == "release" else archive)
    write_app_ini(gogs, Site("live", "any", settings))
    with serving(gogs):
        # When it is accepted while users wait
        visit = visit_with_settings(gogs, "utf8mb4")
        visit.live = True
        results = accept(visit)

        # Then only what the comparison of files and programs knows is left out, and one branch was pushed
        assert failures(results) == ""
        names = {module.__name__.rpartition(".")[2] for module in SUITE}
        assert {one.name for one in results} == names - BESIDE_THE_DATA - ON_THIS_MACHINE
        (made,) = (gogs.repositories / USER).glob(f"{PREFIX}*.git")
        branches = {path.name for path in (made / "refs/heads").iterdir()}
        assert branches == {"master", pushed.format(visit.nonce)}

        # And what it made is removed when nobody waits
        tidy(visit_with_settings(gogs, "utf8mb4"))
        assert list(gogs.repositories.glob(f"{USER}/*")) == []
