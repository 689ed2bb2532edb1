"""IAM simulates the operator's actions for the resources of the migration."""

from __future__ import annotations

from tests.unit.operate.checks.account import FakeAccount
from tests.unit.operate.checks.run import list_bad


def test_removals_are_simulated_for_resources_with_the_tags_of_the_migration() -> None:
    """The runbook recommends rights that the tags bind. Without tags IAM would deny them to an operator who has them."""
    account = FakeAccount()
    list_bad(account)
    assert account.tags["aws:ResourceTag/cutover:site"] == ["gogs"]
    assert account.tags["aws:ResourceTag/AWSApplicationMigrationServiceManaged"] == ["mgn.amazonaws.com"]
