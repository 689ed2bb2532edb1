"""Instance types, classes and versions that the region does not offer are found before the deploy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from settings import Settings

from operate.checks.offers import check_offers
from tests.unit.operate.checks.account import FakeAccount
from tests.unit.operate.checks.run import list_bad
from tests.unit.sources.tables import CONFIGURATION


@pytest.mark.parametrize(
    ("changes", "expected", "key"),
    [
        ({"zones": {}}, "us-east-1 offers t3.medium not at all", "target.instance_type"),
        ({"zones": {"t3.medium": 1}}, "us-east-1 offers t3.medium in z0 alone, and the site has 2 zones", "target.instance_type"),
        ({"database_options": ()}, "us-east-1 offers MySQL 8.4.8 on db.t3.medium not at all", "database.engine_version"),
        ({"database_options": ({"MultiAZCapable": False},)}, "only in one zone, and the database is Multi-AZ", "database.instance_type"),
        ({"replication_classes": ("dms.r6i.large",)}, "us-east-1 does not offer dms.t3.medium", "replication.instance_class"),
    ],
)  # fmt: skip
def test_what_the_region_does_not_offer_is_named_with_the_key_to_change(
    changes: dict[str, Any], expected: str, key: str
) -> None:
    (finding,) = list_bad(FakeAccount(**changes))

    assert (finding.area, finding.state) == ("offers", "problem")
    assert expected in finding.what
    assert f"choose another {key}" in finding.next_action or f"or {key} in migration.toml" in finding.next_action


def test_the_replication_server_of_mgn_and_the_demo_servers_are_looked_up_too(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(
        CONFIGURATION.read_text()
        .replace('kind = "cloudendure"', 'kind = "mgn"')
        .replace('console_url = "https://console.cloudendure.com"\n', "")
        .replace('project = "Gogs"\n', "")
        .replace('credentials_secret = "cutover/console"\n', "")
        .replace('installation_token_secret = "cutover/agent-token"\n', "")
        .replace('app_instance_type = "t3.medium"', 'app_instance_type = "t3.large"')
    )
    bad = [one for one in check_offers(FakeAccount(), Settings.load(path)) if one.state != "ok"]

    assert [one.what.split()[2] for one in bad] == ["t3.large", "t3.small"]
    assert "source.app_instance_type" in bad[0].next_action
    assert "provider.replication_server_instance_type" in bad[1].next_action
