"""The secrets that the settings name are looked up in the account."""

from __future__ import annotations

from pathlib import Path

from settings import Settings

from operate.checks.account import check_account
from tests.unit.operate.checks.account import FakeAccount, refused
from tests.unit.sources.tables import MANAGED, format_configuration


def test_each_secret_of_an_existing_source_is_looked_up(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(format_configuration(MANAGED))
    account = FakeAccount(fails={"route53": refused("AccessDenied")})
    found = check_account(account, Settings.load(path))

    missing = {finding.what.split()[2] for finding in found if finding.what.startswith("the secret forge/")}
    assert missing == {"forge/application", "forge/replication", "forge/site"}
    assert any(
        finding.what.startswith("the secret rds!db-0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0 does not exist")
        for finding in found
    )
