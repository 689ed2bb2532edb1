"""`make test` runs every test in one of its parts, and those that boot machines or mount disks alone."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
USES_A_WORLD = re.compile(
    r"\b(start_world|replicated_world|open_world|open_pool|make_job|loop_mounts|namespaces\.create)\b|\bWorld\(|disks\.mount\("
)


@pytest.fixture(scope="module")
def parts() -> list[list[str]]:
    """Return the arguments of pytest in each part, in their order."""
    printed = subprocess.run(["make", "-n", "test"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    lines = [line for line in printed.splitlines() if "-m pytest" in line]
    return [shlex.split(line.partition(" -m pytest ")[2].partition("||")[0]) for line in lines]


def list_folders(part: list[str]) -> list[str]:
    return [one for one in part if one.startswith("tests/")]


def test_every_test_is_in_one_part(parts: list[list[str]]) -> None:
    unit, servers, machines = parts
    marks = [part[part.index("-m") + 1] for part in parts]
    assert marks == ["not rehearsal and not browser", "rehearsal or browser", "rehearsal or browser"]
    assert list_folders(unit) == list_folders(machines) == []
    assert [one for one in machines if "ignore" in one] == [f"--ignore={one}" for one in list_folders(servers)]
    assert "-n" not in machines, "worlds share the machine with nothing"


def test_tests_that_run_beside_others_boot_no_machine_and_mount_no_disk(parts: list[list[str]]) -> None:
    files = [file for folder in list_folders(parts[1]) for file in (ROOT / folder).rglob("*.py")]
    assert len(files) > 40
    assert [str(file.relative_to(ROOT)) for file in files if USES_A_WORLD.search(file.read_text())] == []
    worlds = ROOT / "tests/rehearsal/world/conftest.py"
    assert USES_A_WORLD.search(worlds.read_text()), "the search finds what it looks for"
