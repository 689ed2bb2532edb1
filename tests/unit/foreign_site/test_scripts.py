"""The owner's scripts: valid bash, independent of the product, and without a secret in a command line."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from rehearsal.errors import RehearsalError
from rehearsal.foreign_site import installation

SCRIPTS = sorted(Path(installation.__file__).parent.glob("*.sh"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_valid_and_knows_nothing_of_the_product(script: Path) -> None:
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    text = script.read_text().replace("CREATE DATABASE IF NOT EXISTS cutover", "").replace("`cutover\\`", "")
    assert not [word for word in ("cutover", "haproxy", "/srv/gogs", "site.json") if word in text]
    assert "set -euo pipefail" in text


def test_values_are_passed_as_shell_assignments() -> None:
    assert installation._format_values({"NAME": "a b$c"}) == "NAME='a b$c'\n"
    for wrong in ("it's", "two\nlines"):
        with pytest.raises(RehearsalError, match="NAME must have neither"):
            installation._format_values({"NAME": wrong})


def test_passwords_of_two_sites_differ() -> None:
    first, second = installation.Passwords(), installation.Passwords()
    assert first.secret_key != second.secret_key
    assert (
        len({first.database, first.administrator, first.secret_key, first.replication, first.database_administrator})
        == 5
    )
