"""Only the folders of an application know it: no other file of the product or the rehearsal names an application."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import applications
import pytest
from cutover_site.gogs.acceptance.suite import SUITE

ROOT = Path(__file__).parents[3]
PRODUCT = ("app.py", "assets", "constructs", "lambda", "operate", "stacks")
SEARCHED = (*PRODUCT, "rehearsal")
"""without the tests, which run one application"""
OWN = (
    "assets/site/applications/__init__.py",
    "assets/site/applications/gogs/",
    "assets/site/cutover_site/gogs/",
    "assets/ansible/gogs.yml",
    "assets/ansible/roles/gogs/",
    "assets/demo_content/",
    "rehearsal/gogs/",
    "rehearsal/client/",
    "rehearsal/gogs_standin/",
    "rehearsal/foreign_site/",
    "rehearsal/pyproject.toml",
    "rehearsal/README.md",
)
"""the folders of Gogs: profile, tool, playbook, demo content, the rehearsal's part and its client; and the file that names the default
application"""

WORDS = {
    "gogs": re.compile(
        r"app\.ini|app_ini|SECRET_KEY|hook_task|git_home|site-admin|\b(3000|2222|2223|2990)\b|\b(LFS|lfs)\b"
    ),
}
"""its own files, keys, tables, names and numbers: a file with one of them depends on the application without its name"""


def list_files_naming(name: str) -> set[str]:
    """Return the files of the product and the rehearsal outside of the application's folders that name it, in their text or their path."""
    listed = subprocess.run(["git", "ls-files", *SEARCHED], cwd=ROOT, capture_output=True, text=True, check=True)
    return {
        path
        for path in listed.stdout.splitlines()
        if not path.startswith(OWN)
        and (ROOT / path).is_file()
        and (name in path.lower() or name in (ROOT / path).read_text(errors="replace").lower())
    }


@pytest.mark.parametrize("name", applications.list_names())
def test_no_other_file_names_an_application(name: str) -> None:
    assert sorted(list_files_naming(name)) == [], "these files must read it from the profile (applications/)"


@pytest.mark.parametrize("name", applications.list_names())
def test_no_other_file_has_a_key_or_number_of_an_application(name: str) -> None:
    listed = subprocess.run(["git", "ls-files", *PRODUCT], cwd=ROOT, capture_output=True, text=True, check=True)
    found = {
        f"{path}:{number}"
        for path in listed.stdout.splitlines()
        if not path.startswith(OWN) and (ROOT / path).is_file()
        for number, line in enumerate((ROOT / path).read_text(errors="replace").splitlines(), start=1)
        if WORDS[name].search(line)
    }
    assert sorted(found) == []


def test_the_suite_contains_the_checks_that_the_profile_requires() -> None:
    required = tuple(check.name for check in SUITE.checks if check.required)
    assert required == applications.load("gogs").required_checks
