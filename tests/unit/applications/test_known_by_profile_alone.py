"""What knows an application lies in the application's own folders: no other file of the product names one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import applications
import pytest

ROOT = Path(__file__).parents[3]
SEARCHED = ("app.py", "assets", "constructs", "lambda", "operate", "rehearsal", "stacks")
"""not the tests: they run one application"""
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
    "rehearsal/pyproject.toml",
    "rehearsal/README.md",
)
"""the folders of Gogs: profile, tool, playbook, demo content, what the rehearsal knows of it, its client; and which application is meant where
none is named"""


def knowing(name: str) -> set[str]:
    """Return the files of the product and the rehearsal outside of the application's folders that name it, in their text or their path."""
    listed = subprocess.run(["git", "ls-files", *SEARCHED], cwd=ROOT, capture_output=True, text=True, check=True)
    return {
        path
        for path in listed.stdout.splitlines()
        if not path.startswith(OWN)
        and (ROOT / path).is_file()
        and (name in path.lower() or name in (ROOT / path).read_text(errors="replace").lower())
    }


@pytest.mark.parametrize("name", applications.names())
def test_no_other_file_names_an_application(name: str) -> None:
    assert sorted(knowing(name)) == [], "these files must read it from the profile (applications/)"
