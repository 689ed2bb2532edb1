"""An instance is deleted only when the request says what happens to its rows."""

from __future__ import annotations

import pytest

from rehearsal.aws.exceptions import ApiError
from tests.unit.aws.rds.conftest import Rds
from tests.waiting import wait_until


def test_a_deletion_requires_a_decision_about_the_final_snapshot(rds: Rds) -> None:
    with pytest.raises(ApiError, match="FinalDBSnapshotIdentifier is required"):
        rds.instances.delete("site")
    with pytest.raises(ApiError, match="can not be specified"):
        rds.instances.delete("site", skip_final_snapshot=True, final_db_snapshot_identifier="last")
    assert rds.describe("site")["DBInstanceStatus"] == "available"


def test_a_protected_instance_is_not_deleted(rds: Rds) -> None:
    rds.instances.modify("site", deletion_protection=True)
    with pytest.raises(ApiError, match="deletion protection"):
        rds.instances.delete("site", skip_final_snapshot=True)


def test_a_deleted_instance_leaves_its_last_snapshot(rds: Rds) -> None:
    assert (
        rds.instances.delete("site", final_db_snapshot_identifier="last")["DBInstance"]["DBInstanceStatus"]
        == "deleting"
    )
    wait_until(lambda: rds.databases.find("site") is None)
    assert rds.addresses.names == set()
    rds.snapshots.restore("site", "last", db_subnet_group_name="group")
    rds.wait("site")
    assert list(rds.servers.disks.values()) == ["rows"]
