"""The vault of automatic backups denies restores until its access policy is replaced."""

from __future__ import annotations

import json

import pytest

from rehearsal.aws.backup.models import AUTOMATIC_VAULT
from rehearsal.aws.exceptions import ApiError, NotEmulated
from tests.unit.aws.backup.conftest import Backup


def write_policy(*actions: str) -> str:
    denied = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [denied]})


def test_there_is_no_automatic_vault_without_automatic_backups(backup: Backup) -> None:
    with pytest.raises(ApiError, match="not found"):
        backup.back_up(AUTOMATIC_VAULT)


def test_the_automatic_vault_denies_restores_until_its_policy_is_replaced(backup: Backup) -> None:
    # Given a file system with automatic backups, and one of them
    backup.ministack.backup_policies["fs-1"] = {"Status": "ENABLED"}
    backup.back_up(AUTOMATIC_VAULT)
    (point,) = backup.api.list_points(AUTOMATIC_VAULT)["RecoveryPoints"]
    # When somebody restores it, deletes it, or removes the policy, then the policy denies it
    for attempt in (
        lambda: backup.restore(point["RecoveryPointArn"]),
        lambda: backup.api.delete_point(AUTOMATIC_VAULT, point["RecoveryPointArn"]),
        lambda: backup.api.remove_policy(AUTOMATIC_VAULT),
        lambda: backup.api.delete_vault(AUTOMATIC_VAULT),
    ):
        with pytest.raises(ApiError, match="explicit deny") as denied:
            attempt()
        assert denied.value.code == "AccessDeniedException"
    # But it can be replaced
    backup.api.put_policy(AUTOMATIC_VAULT, write_policy("backup:DeleteRecoveryPoint"))
    assert backup.restore(point["RecoveryPointArn"])["Status"] == "COMPLETED"


def test_a_vault_with_recovery_points_is_not_deleted(backup: Backup) -> None:
    point = backup.back_up()["RecoveryPointArn"]
    with pytest.raises(ApiError, match="contains recovery points"):
        backup.api.delete_vault("own")
    backup.api.delete_point("own", point)
    backup.api.delete_vault("own")
    assert backup.ministack.vaults == {}


def test_a_policy_that_is_not_emulated_is_refused(backup: Backup) -> None:
    with pytest.raises(ApiError, match="cannot be parsed"):
        backup.api.put_policy("own", "none")
    allowing = json.loads(write_policy("backup:StartRestoreJob"))
    allowing["Statement"][0]["Effect"] = "Allow"
    with pytest.raises(NotEmulated):
        backup.api.put_policy("own", json.dumps(allowing))
