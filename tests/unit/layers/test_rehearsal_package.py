"""The rehearsal's own pyproject.toml lists the packages that its code imports, at the versions that the repository pins."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "rehearsal/pyproject.toml").read_text())["project"]
DEPENDENCIES = [str(line) for line in PROJECT["dependencies"]]
TRANSITIVE = {"botocore": "boto3", "itsdangerous": "flask", "markupsafe": "flask", "werkzeug": "flask"}
"""packages that a dependency installs and exposes as part of its own interface"""


NOT_IMPORTED = {"cryptography", "cheroot"}
"""PyMySQL needs the first to sign in; the second is packed with the stand-in"""
STAND_IN = ROOT / "rehearsal/gogs_standin"
"""a package of its own, which the rehearsal packs and does not import: tests/gogs_standin/test_package.py"""


def name(requirement: str) -> str:
    return re.split(r"[\[=<>]", requirement)[0].lower()


def imported() -> set[str]:
    """Return the top-level modules that the rehearsal imports when it runs, except those of the standard library and its own."""
    found: set[str] = set()
    for path in (ROOT / "rehearsal").rglob("*.py"):
        if STAND_IN in path.parents:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return {module for module in found if not module.startswith(("mypy_boto3_", "rehearsal"))} - sys.stdlib_module_names


def test_every_import_is_a_dependency() -> None:
    distributions = packages_distributions()
    wanted = {distributions[module][0].lower() for module in imported() if module in distributions}

    assert {TRANSITIVE.get(one, one) for one in wanted} - NOT_IMPORTED == {
        name(one) for one in DEPENDENCIES
    } - NOT_IMPORTED


def test_the_repository_pins_each_dependency() -> None:
    requested = (ROOT / "requirements-dev.in").read_text() + (ROOT / "requirements.in").read_text()
    pinned = {name(line) for line in (ROOT / "requirements-dev.txt").read_text().splitlines() if "==" in line}

    assert set(DEPENDENCIES) <= set(requested.splitlines())
    assert {name(one) for one in DEPENDENCIES} <= pinned


def test_a_wheel_contains_every_file_of_the_package(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT / "rehearsal", check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = {file for file in zipfile.ZipFile(wheel).namelist() if not file.startswith("cutover_rehearsal-")}

    listed = subprocess.run(["git", "ls-files", "rehearsal"], cwd=ROOT, check=True, capture_output=True, text=True)
    assert packed == {
        file for file in listed.stdout.splitlines() if not file.endswith(("/pyproject.toml", "/README.md"))
    }
