"""A snapshot has the rows of its moment, and outlives its instance."""

from __future__ import annotations

import pytest

from rehearsal.aws.exceptions import ApiError, NotEmulated
from tests.unit.aws.rds.conftest import Rds


def test_a_snapshot_is_available_when_its_disk_is_copied(rds: Rds) -> None:
    taken = rds.snapshots.create("Before-1", "site", tags=[{"Key": "why", "Value": "test"}])["DBSnapshot"]
    assert (taken["Status"], rds.describe("site")["DBInstanceStatus"]) in {
        ("creating", "backing-up"), ("available", "backing-up"), ("available", "available")
    }  # fmt: skip
    rds.wait("site")
    (found,) = rds.snapshots.describe(db_instance_identifier="site", snapshot_type="manual")["DBSnapshots"]
    assert (found["DBSnapshotIdentifier"], found["Status"], found["PercentProgress"]) == ("before-1", "available", 100)
    assert found["TagList"] == [{"Key": "site", "Value": "gogs"}, {"Key": "why", "Value": "test"}]


@pytest.mark.parametrize("identifier", ["1st", "a--b", "a-", "a_b", "a" * 64])
def test_an_identifier_that_rds_refuses_is_refused(rds: Rds, identifier: str) -> None:
    with pytest.raises(ApiError, match="not a valid identifier"):
        rds.snapshots.create(identifier, "site")


def test_a_second_snapshot_of_the_same_name_is_refused(rds: Rds) -> None:
    rds.take("before")
    with pytest.raises(ApiError, match="already exists") as refused:
        rds.snapshots.create("before", "site")
    assert refused.value.code == "DBSnapshotAlreadyExists"
    assert rds.describe("site")["DBInstanceStatus"] == "available"


def test_an_instance_that_is_not_available_is_not_copied(rds: Rds) -> None:
    rds.databases.get("site").status = "rebooting"
    with pytest.raises(ApiError, match="rebooting") as refused:
        rds.snapshots.create("before", "site")
    assert refused.value.code == "InvalidDBInstanceState"


def test_a_deleted_snapshot_is_gone(rds: Rds) -> None:
    rds.take("before")
    assert rds.snapshots.delete("before")["DBSnapshot"]["Status"] == "deleted"
    with pytest.raises(ApiError, match="not found"):
        rds.snapshots.describe(db_snapshot_identifier="before")


def test_a_restored_instance_has_the_rows_of_the_snapshot(rds: Rds) -> None:
    rds.take("before")
    rds.servers.disks[rds.databases.get("site").endpoint.name] = "later rows"
    rds.snapshots.restore("restored", "before", db_subnet_group_name="group")
    rds.wait("restored")
    assert rds.servers.disks[rds.databases.get("restored").endpoint.name] == "rows"


def test_a_restored_instance_has_defaults_for_what_a_restore_does_not_keep(rds: Rds) -> None:
    rds.take("before")
    rds.snapshots.restore("restored", "before", db_subnet_group_name="group")
    was, found = rds.describe("site"), rds.wait("restored")
    # kept
    for name in (
        "MasterUsername",
        "Engine",
        "EngineVersion",
        "DBInstanceClass",
        "BackupRetentionPeriod",
        "StorageEncrypted",
    ):
        assert found[name] == was[name]
    # not kept
    assert [one["VpcSecurityGroupId"] for one in found["VpcSecurityGroups"]] == ["sg-default"]
    assert found["DBParameterGroups"][0]["DBParameterGroupName"] == "default.mysql8.4"
    assert rds.servers.parameters[rds.databases.get("restored").endpoint.name] == {}
    assert not found["MultiAZ"]
    assert "MaxAllocatedStorage" not in found
    assert found["EnabledCloudwatchLogsExports"] == []
    assert found["Endpoint"]["Address"] != was["Endpoint"]["Address"]
    assert found["DbiResourceId"] != was["DbiResourceId"]
    # tags come from the snapshot, without those of CloudFormation
    assert found["TagList"] == [{"Key": "site", "Value": "gogs"}]


def test_a_restore_takes_what_the_request_names(rds: Rds) -> None:
    rds.take("before")
    rds.snapshots.restore(
        "restored",
        "before",
        db_subnet_group_name="group",
        vpc_security_group_ids=["sg-own"],
        db_parameter_group_name="own",
        multi_az=True,
        deletion_protection=True,
        tags=[{"Key": "new", "Value": "1"}],
    )
    found = rds.wait("restored")
    assert [one["VpcSecurityGroupId"] for one in found["VpcSecurityGroups"]] == ["sg-own"]
    assert rds.servers.parameters[rds.databases.get("restored").endpoint.name] == {"local_infile": "1"}
    assert found["MultiAZ"]
    assert found["DeletionProtection"]
    assert found["TagList"] == [{"Key": "new", "Value": "1"}]


def test_a_restore_over_an_existing_instance_or_without_a_subnet_group_is_refused(rds: Rds) -> None:
    rds.take("before")
    with pytest.raises(ApiError, match="already exists"):
        rds.snapshots.restore("site", "before", db_subnet_group_name="group")
    with pytest.raises(ApiError, match="subnet group 'default'"):
        rds.snapshots.restore("restored", "before")
    assert len(rds.addresses.names) == 1


def test_a_renamed_instance_takes_the_address_that_belongs_to_the_name(rds: Rds) -> None:
    # Given an instance beside the restored one
    rds.take("before")
    rds.snapshots.restore("restored", "before", db_subnet_group_name="group")
    rds.wait("restored")
    address, ip = rds.describe("site")["Endpoint"]["Address"], rds.databases.get("restored").endpoint.ip
    # When the operator renames both
    begun = rds.instances.modify("site", apply_immediately=True, new_db_instance_identifier="site-old")["DBInstance"]
    assert begun["DBInstanceStatus"] in ("renaming", "available")
    rds.wait("site-old")
    rds.instances.modify("restored", apply_immediately=True, new_db_instance_identifier="site")
    found = rds.wait("site")
    # Then the name leads to the restored rows, with a certificate for it, and nothing has the old name of the restored one
    assert found["Endpoint"]["Address"] == address
    assert rds.databases.find_addresses(address) == [ip]
    assert rds.servers.certified[rds.databases.get("site").endpoint.name] == address
    assert rds.databases.find("restored") is None


def test_a_rename_to_a_name_in_use_is_refused(rds: Rds) -> None:
    rds.take("before")
    rds.snapshots.restore("restored", "before", db_subnet_group_name="group")
    rds.wait("restored")
    with pytest.raises(ApiError, match="already exists"):
        rds.instances.modify("restored", apply_immediately=True, new_db_instance_identifier="site")
    assert rds.describe("restored")["DBInstanceStatus"] == "available"


def test_a_rename_in_a_maintenance_window_is_not_emulated(rds: Rds) -> None:
    with pytest.raises(NotEmulated, match="ApplyImmediately"):
        rds.instances.modify("site", new_db_instance_identifier="other")
