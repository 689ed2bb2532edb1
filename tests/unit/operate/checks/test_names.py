"""Names that exist already, and roles that nobody creates, are found before the deploy."""

from __future__ import annotations

from replication import dms_roles

from operate.checks.names import ACCOUNT_ROLES, check_names
from tests.unit.operate.checks.account import FakeAccount
from tests.unit.operate.checks.run import SETTINGS, list_bad


def test_names_that_a_stack_cannot_create_are_found_before_the_deploy() -> None:
    account = FakeAccount(roles=set(ACCOUNT_ROLES), tables={"cutover-gogs-runs"})
    roles, table = list_bad(account)
    assert roles.what.startswith("the account has the role dms-vpc-role and the role dms-cloudwatch-logs-role")
    assert "create_dms_roles = false" in roles.next_action
    assert table.what.startswith("the table cutover-gogs-runs exists, but no DataStack")
    account.stacks = {"ReplicationStack", "DataStack"}
    assert not [finding for finding in list_bad(account) if finding.area == "account"], "the stacks' own"


def test_roles_of_dms_that_nobody_creates_are_missing() -> None:
    replication = SETTINGS.replication.model_copy(update={"create_dms_roles": False})
    settings = SETTINGS.model_copy(update={"replication": replication})
    found = check_names(FakeAccount(roles={"dms-vpc-role"}), settings)
    (missing,) = (finding for finding in found if finding.state != "ok")
    assert missing.what == "create_dms_roles is false, but the account has no role dms-cloudwatch-logs-role"
    assert not [one for one in check_names(FakeAccount(roles=set(ACCOUNT_ROLES)), settings) if one.state != "ok"]


def test_the_roles_of_dms_are_those_of_the_construct() -> None:
    assert tuple(dms_roles.ACCOUNT_ROLES) == ACCOUNT_ROLES
