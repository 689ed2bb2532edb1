"""The tool with Python 3.9 and with boto3, PyMySQL and requests of Debian 11."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.rehearsal.site.oldest_python import RESULTS, ROOT, run_inside

pytestmark = pytest.mark.rehearsal
LAUNCHER = "assets/ansible/roles/migration_scripts/files/cutover-site"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Create the part of this repository that Python 3.9 uses, and the tool as the playbook installs it."""
    folder = tmp_path / "repository"
    for name in ("assets", "tests/unit/site"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(folder / "assets/site", folder / "cutover/lib")
    (folder / "cutover/bin").mkdir()
    shutil.copy(ROOT / LAUNCHER, folder / "cutover/bin")
    (folder / "cutover/bin/cutover-site").chmod(0o755)
    return folder


def run_in_old_system(repository: Path, *command: str) -> subprocess.CompletedProcess[str]:
    results = repository.parent / "results"
    results.mkdir(exist_ok=True)
    return run_inside(repository, results, *command)


def test_the_unit_tests_of_the_tool_pass_with_python_3_9(repository: Path) -> None:
    done = run_in_old_system(
        repository, "python3.9", "-m", "pytest", "-q", "-p", "no:cacheprovider",
        f"--junitxml={RESULTS}/junit.xml", "tests/unit/site"
    )  # fmt: skip

    print(done.stdout[-20000:], done.stderr[-2000:])
    assert done.returncode == 0, done.stdout.strip().splitlines()[-1:] or done.stderr
    (suite,) = ElementTree.parse(repository.parent / "results/junit.xml").getroot()
    counts = {key: int(suite.attrib[key]) for key in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": counts["tests"], "failures": 0, "errors": 0, "skipped": 0}


def test_the_installed_command_runs_with_python_3_9(repository: Path) -> None:
    # When a verb runs on a machine without a metadata service
    done = run_in_old_system(repository, "/opt/cutover/bin/cutover-site", "check")

    # Then the tool has loaded completely, and the error names the missing service
    result = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 1
    assert "instance metadata" in result["reason"]


def test_the_tool_imports_no_module_from_the_working_folder(repository: Path) -> None:
    (repository / "json.py").write_text("raise SystemExit('taken')")
    assert '"ok": false' in run_in_old_system(repository, "/opt/cutover/bin/cutover-site", "check").stdout


def test_a_missing_package_is_reported_by_name(repository: Path) -> None:
    # Given a Python that cannot import the packages of the distribution
    done = run_in_old_system(
        repository, "env", "PYTHONPATH=/opt/cutover/lib", "python3.9", "-S", "-m", "cutover_site", "check"
    )

    # Then the error names the module and the packages
    result = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 1
    assert "has no module" in result["reason"]
    assert "python3-boto3" in result["next"]
