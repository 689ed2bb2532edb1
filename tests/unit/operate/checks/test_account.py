"""The secrets that the settings name are looked up in the account."""

from __future__ import annotations

from pathlib import Path

import pytest
from settings import Settings

from operate.checks.account import check_account
from tests.unit.operate.checks.account import FakeAccount, refused
from tests.unit.operate.checks.run import SETTINGS
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


@pytest.mark.parametrize(
    ("arn", "state"),
    [
        ("arn:aws:acm:us-east-1:111122223333:certificate/1-2", "ok"),
        ("arn:aws:iam::111122223333:server-certificate/site", "ok"),
        ("arn:aws-cn:iam::111122223333:server-certificate/cutover/site", "ok"),
        ("arn:aws:iam::111122223333:server-certificate/gone", "problem"),
    ],
)
def test_a_certificate_is_looked_up_where_its_arn_says(arn: str, state: str) -> None:
    """ACM refuses the ARN of a server certificate of IAM, which a load balancer takes too."""
    site = SETTINGS.site.model_copy(update={"certificate_arn": arn})
    account = FakeAccount(server_certificates={"site"}, fails={"route53": refused("AccessDenied")})
    found = check_account(account, SETTINGS.model_copy(update={"site": site}))

    (finding,) = [one for one in found if one.what.startswith("certificate ")]
    assert finding.state == state
