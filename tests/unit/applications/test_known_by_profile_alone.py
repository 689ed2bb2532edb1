"""What knows an application lies in the application's own folders.

STILL_KNOWING is a ratchet: a file that is not in it may not name an application, and one that no longer does must leave it.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import applications
import pytest

ROOT = Path(__file__).parents[3]
PRODUCT = ("app.py", "assets", "constructs", "lambda", "operate", "stacks")
"""the rehearsal runs one application, and its tests with it"""
OWN = (
    "assets/site/applications/__init__.py",
    "assets/site/applications/gogs/",
    "assets/site/cutover_site/gogs/",
    "assets/ansible/gogs.yml",
    "assets/ansible/roles/gogs/",
    "assets/demo_content/",
)
"""the folders of Gogs: profile, tool, playbook, demo content; and which application is meant where none is named"""
STILL_KNOWING: frozenset[str] = frozenset(
    (
        "assets/site/cutover_site/acceptance/activity.py",
        "assets/site/cutover_site/acceptance/checks/clone.py",
        "assets/site/cutover_site/acceptance/checks/health.py",
        "assets/site/cutover_site/acceptance/checks/hooks.py",
        "assets/site/cutover_site/acceptance/checks/issue.py",
        "assets/site/cutover_site/acceptance/checks/lfs.py",
        "assets/site/cutover_site/acceptance/checks/migrated.py",
        "assets/site/cutover_site/acceptance/checks/push.py",
        "assets/site/cutover_site/acceptance/features.py",
        "assets/site/cutover_site/acceptance/footprint.py",
        "assets/site/cutover_site/acceptance/here.py",
        "assets/site/cutover_site/acceptance/hooks.py",
        "assets/site/cutover_site/acceptance/local.py",
        "assets/site/cutover_site/acceptance/repositories.py",
        "assets/site/cutover_site/acceptance/samples.py",
        "assets/site/cutover_site/acceptance/secure_shell.py",
        "assets/site/cutover_site/acceptance/settings.py",
        "assets/site/cutover_site/acceptance/site.py",
        "assets/site/cutover_site/acceptance/suite.py",
        "assets/site/cutover_site/acceptance/texts.py",
        "assets/site/cutover_site/acceptance/transient.py",
        "assets/site/cutover_site/launch/visit.py",
    )
)


def knowing(name: str) -> set[str]:
    """Return the files of the product outside of the application's folders that name it, in their text or their path."""
    listed = subprocess.run(["git", "ls-files", *PRODUCT], cwd=ROOT, capture_output=True, text=True, check=True)
    return {
        path
        for path in listed.stdout.splitlines()
        if not path.startswith(OWN)
        and (ROOT / path).is_file()
        and (name in path.lower() or name in (ROOT / path).read_text(errors="replace").lower())
    }


@pytest.mark.parametrize("name", applications.names())
def test_no_other_file_names_an_application(name: str) -> None:
    found = knowing(name)
    assert sorted(found - STILL_KNOWING) == [], "these files must read it from the profile (applications/)"
    assert sorted(STILL_KNOWING - found) == [], "these files no longer name it: take them out of STILL_KNOWING"
