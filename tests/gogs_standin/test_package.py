"""The stand-in's own pyproject.toml names its imports, and the archive contains all of them."""

from __future__ import annotations

import ast
import getpass
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions, requires
from pathlib import Path

from rehearsal.gogs.build import PACKAGES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "rehearsal/gogs_standin"
DEPENDENCIES = {
    name.lower() for name in tomllib.loads((FOLDER / "pyproject.toml").read_text())["project"]["dependencies"]
}


def read_imports() -> set[str]:
    """Return the top-level modules that the stand-in imports, without the standard library and its own."""
    found: set[str] = set()
    for path in (FOLDER / "gogs_standin").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names


def read_requirements(distribution: str) -> set[str]:
    """Return the requirements of a distribution on this Python without extras, with their own requirements."""
    direct = {
        re.split(r"[ ;<>=!~\[(]", line)[0].lower()
        for line in requires(distribution) or []
        if "extra ==" not in line and "python_version <" not in line and "platform_system" not in line
    }
    return direct.union(*(read_requirements(name) for name in direct))


def test_every_import_is_a_declared_or_transitive_dependency() -> None:
    distributions = packages_distributions()
    imported = {distributions[module][0].lower() for module in read_imports()}
    brought = set().union(*(read_requirements(name) for name in DEPENDENCIES))

    assert imported >= DEPENDENCIES
    assert imported <= DEPENDENCIES | brought


def test_the_archive_contains_all_dependencies_and_their_requirements() -> None:
    needed = DEPENDENCIES.union(*(read_requirements(name) for name in DEPENDENCIES))
    assert {name.lower() for name in PACKAGES} >= {name.replace("_", "-") for name in needed}


def test_the_repository_pins_each_dependency() -> None:
    pinned = {
        line.partition("==")[0].lower()
        for line in (ROOT / "requirements-dev.txt").read_text().splitlines()
        if "==" in line
    }
    assert pinned >= DEPENDENCIES


def test_a_wheel_runs_without_the_repository(tmp_path: Path) -> None:
    # Given the unpacked wheel in a folder without the rest of the repository
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=FOLDER, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")

    # When its command reads a configuration with another database product
    (tmp_path / "app.ini").write_text(
        f"RUN_USER = {getpass.getuser()}\n[security]\nINSTALL_LOCK = true\nSECRET_KEY = any\n[database]\nTYPE = postgres\n"
    )
    code = "import sys; from gogs_standin import start; print(start.__file__, file=sys.stderr); start.run()"
    ran = subprocess.run(
        [sys.executable, "-c", code, "web", "--config", str(tmp_path / "app.ini")],
        cwd=tmp_path, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
    )  # fmt: skip

    # Then the code of the wheel refuses it
    assert ran.returncode == 1
    assert str(tmp_path / "site/gogs_standin/start.py") in ran.stderr
    assert "postgres" in ran.stderr
