"""The asset hash of a function changes only when one of its own inputs changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from functions.bundling import compute_asset_hash


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for package in ("common", "report", "procedure"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text(f'"""{package}"""\n')
    (tmp_path / "applications").mkdir()
    (tmp_path / "requirements.txt").write_text("requests==2.34.2\n")
    return tmp_path


def hashes(root: Path) -> dict[str, str]:
    return {package: compute_asset_hash(package, root, root / "applications") for package in ("report", "procedure")}


@pytest.mark.parametrize(
    ("edited", "changed"),
    [
        ("report/__init__.py", {"report"}),
        ("report/__pycache__/handler.pyc", set()),
        ("common/__init__.py", {"report", "procedure"}),
        ("applications/other.py", {"report", "procedure"}),
        ("requirements.txt", {"report", "procedure"}),
    ],
)
def test_an_edit_changes_only_the_assets_that_contain_it(root: Path, edited: str, changed: set[str]) -> None:
    before = hashes(root)
    (root / edited).parent.mkdir(exist_ok=True)
    (root / edited).write_text("# edited\n")
    after = hashes(root)
    assert {package for package in after if after[package] != before[package]} == changed


def test_two_functions_never_share_an_asset(root: Path) -> None:
    assert len(set(hashes(root).values())) == 2
