"""Pushes to copies of existing repositories. They test that the repositories accept pushes, and change none of them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from applications.gogs.profile import PROFILE
from cutover_site.acceptance.results import CheckResult, describe_failures
from cutover_site.acceptance.runner import run_suite
from cutover_site.files import digest
from cutover_site.gogs.acceptance.suite import SUITE

from tests.gogs_standin.served.servers import GIT_ID, Gogs
from tests.rehearsal.gogs.configured import open_session_with_settings, serving, write_app_ini
from tests.rehearsal.gogs.site_settings import Site

pytestmark = pytest.mark.rehearsal
PROGRAMS = ["stand-in", *(["release"] if os.environ.get("GOGS_ARCHIVE") else [])]
NAMES = ("plain", "fork", "guarded", "packed", "elsewhere", "empty")


def make_repositories(gogs: Gogs) -> Path:
    """Create one repository of each kind for the administrator, and return their folder."""
    gogs.create_admin()
    for name in NAMES:
        made = {"name": name, "auto_init": name != "empty", "readme": "Default"}
        response = requests.post(f"{gogs.url}/api/v1/user/repos", headers=gogs.token(), json=made, timeout=30)
        assert response.status_code == 201, response.text
    folder = gogs.repositories / "root"
    (folder / "fork.git/objects/info").mkdir(exist_ok=True)
    (folder / "fork.git/objects/info/alternates").write_text(f"{folder}/plain.git/objects\n")
    (folder / "guarded.git/custom_hooks").mkdir()
    for hook in (folder / "guarded.git/custom_hooks/post-receive", folder / "elsewhere.git/hooks/post-receive"):
        hook.write_text(f"#!/bin/sh\ntouch {gogs.folder}/home/side-effect\n")
        hook.chmod(0o755)
    git = ["git", "-c", "safe.directory=*", "-C", str(folder / "packed.git")]
    for command in (["pack-refs", "--all"], ["config", "receive.denyNonFastForwards", "true"]):
        subprocess.run([*git, *command], check=True)
    subprocess.run(["cp", "-a", str(folder / "plain.git"), str(folder / "plain.wiki.git")], check=True)
    subprocess.run(["chown", "-R", f"{GIT_ID}:{GIT_ID}", str(folder)], check=True)
    return folder


def check(gogs: Gogs) -> dict[str, CheckResult]:
    return {result.name: result for result in run_suite(SUITE, open_session_with_settings(gogs, "utf8mb4"))}


@pytest.mark.parametrize("program", PROGRAMS)
def test_pushes_go_to_copies_of_repositories_and_change_no_repository(
    make: Callable[..., Gogs], archive: Path, program: str
) -> None:
    # Given a site with repositories of several kinds, some with effects outside of the site
    gogs = make(archive=Path(os.environ["GOGS_ARCHIVE"]) if program == "release" else archive)
    write_app_ini(gogs, Site("as it comes", "any", ""))
    with serving(gogs):
        folder = make_repositories(gogs)
        before = digest.digest_files(PROFILE.files, folder)

        # When the suite runs
        found = check(gogs)

        # Then it has pushed to copies, the repositories are unchanged, and no custom hook has run
        assert describe_failures(list(found.values())) == ""
        assert [note.partition(" (")[0] for note in found["migrated"].not_checked] == ["custom hooks of 1 repositories"]
        assert found["hooks"].not_checked == (
            "1 repositories have hooks that Gogs did not write: they were not run, as on the source",
        )
        assert digest.digest_files(PROFILE.files, folder) == before
        assert not (gogs.folder / "home/side-effect").exists()

        # And when the hooks of a repository name an older program on the disk, then the suite finds it without a start
        hook = folder / "plain.git/hooks/update"
        hook.write_text(hook.read_text().replace(str(gogs.folder / "gogs"), "/home/git/gogs/gogs"))
        assert "root/plain.git: hooks/update runs /home/git/gogs/gogs" in check(gogs)["hooks"].reason
