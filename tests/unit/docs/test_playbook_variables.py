"""The page of the playbooks describes the variables that they receive."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.docs.pages import ROOT, page
from tests.unit.docs.templates import parameter, parameters

PAGE, GOGS = page("assets/ansible/README.md"), page("assets/ansible/roles/gogs/README.md")
PLAYBOOKS = ("database.yml", "gogs.yml")


def read_described(playbook: str) -> set[str]:
    """Return the variables in the table of the playbook. For the application: those of every application and those of Gogs."""
    if playbook == "database.yml":
        rows = PAGE.table("database.yml (tag `cutover:role` = `source-database`)")
    else:
        rows = [*PAGE.table("The application's playbook (tag `cutover:role` = `source-app`)"), *GOGS.table("Variables")]
    return {name for row in rows for name in row[0].spans}


def read_passed(playbook: str) -> set[str]:
    """Return the variables that SourceStack passes to the playbook."""
    plans = [parameter(name) for name in parameters() if name.startswith("provisioning/")]
    return next(set(plan["variables"]) for plan in plans if plan["playbook"] == playbook)


def read_source(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.suffix in {".yml", ".j2"} else ""


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_every_variable_that_the_stack_passes_is_described(playbook: str) -> None:
    assert read_passed(playbook) <= read_described(playbook)


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_every_described_variable_is_used(playbook: str) -> None:
    used = "".join(read_source(path) for path in (ROOT / "assets/ansible").rglob("*") if path.is_file())

    assert {name for name in read_described(playbook) if name not in used} == set()
