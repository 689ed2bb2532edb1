"""A snapshot of RDS and a backup of EFS are restored as on AWS: a new instance with defaults, and a new folder.

It deploys the site in a world of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.aws.clients import Clients
from rehearsal.settings import ACCOUNT, REGION
from tests.rehearsal.aws.site.deployed import Site, wait_for
from tests.roles import role_for, statement

pytestmark = pytest.mark.rehearsal
DATABASE_SECONDS = 180


@pytest.fixture(scope="module")
def client(site: Site) -> str:
    """Return a machine that may reach the database and the file system, with their clients installed."""
    client = site.outputs["ClientId"]
    packages = "mariadb-client nfs-common"
    site.read_output(client, f"apt-get -q update && apt-get -qy install --no-install-recommends {packages}")
    return client


@pytest.fixture(scope="module")
def identifier(site: Site) -> str:
    return site.outputs["DatabaseName"].partition(".")[0]


def query(site: Site, client: str, host: str, statement: str) -> str:
    secret = json.loads(
        site.api("secretsmanager").get_secret_value(SecretId=site.outputs["DatabaseSecret"])["SecretString"]
    )
    return site.read_output(
        client,
        f"MYSQL_PWD={secret['password']!r} mariadb -h {host} -u {secret['username']} -N --connect-timeout=5"
        f" --ssl-ca=/etc/ssl/certs/ca-certificates.crt --ssl-verify-server-cert -e '{statement}'",
    )


def describe(site: Site, name: str) -> Mapping[str, Any]:
    try:
        return dict(site.api("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0])
    except ClientError:
        return {}


def wait_available(site: Site, name: str) -> Mapping[str, Any]:
    wait_for(lambda: describe(site, name).get("DBInstanceStatus") == "available", DATABASE_SECONDS)
    return describe(site, name)


def test_a_snapshot_is_restored_renamed_and_serves_under_the_name_of_the_damaged_one(
    site: Site, client: str, identifier: str
) -> None:
    rds, host = site.api("rds"), site.outputs["DatabaseName"]
    # Given a table, a snapshot, and later damage
    query(
        site,
        client,
        host,
        "create database kept; create table kept.t (a int primary key); insert into kept.t values (1), (2)",
    )
    rds.create_db_snapshot(DBInstanceIdentifier=identifier, DBSnapshotIdentifier="before")
    rds.get_waiter("db_snapshot_available").wait(DBSnapshotIdentifier="before", WaiterConfig={"Delay": 1})
    query(site, client, host, "delete from kept.t; insert into kept.t values (3)")
    # When it is restored as an operator first tries it, then nobody reaches it
    was = describe(site, identifier)
    plain = {"DBSubnetGroupName": was["DBSubnetGroup"]["DBSubnetGroupName"]}
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="plain", DBSnapshotIdentifier="before", **plain)
    found = wait_available(site, "plain")
    assert found["VpcSecurityGroups"] != was["VpcSecurityGroups"]
    assert (
        site.run(client, f"timeout 3 bash -c 'exec 3<>/dev/tcp/{found['Endpoint']['Address']}/3306'")["Status"]
        == "Failed"
    )
    rds.delete_db_instance(DBInstanceIdentifier="plain", SkipFinalSnapshot=True)
    # When it is restored with the groups of the damaged one
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="restored",
        DBSnapshotIdentifier="before",
        VpcSecurityGroupIds=[one["VpcSecurityGroupId"] for one in was["VpcSecurityGroups"]],
        DBParameterGroupName=was["DBParameterGroups"][0]["DBParameterGroupName"],
        **plain,
    )
    restored = wait_available(site, "restored")["Endpoint"]["Address"]
    # Then it has the rows of the snapshot, the master user and the parameters; the damaged one is as it was
    assert query(site, client, restored, "select a from kept.t; select @@max_connections").split() == ["1", "2", "77"]
    assert query(site, client, host, "select a from kept.t") == "3"
    # When both are renamed
    for old, new in ((identifier, "damaged"), ("restored", identifier)):
        rds.modify_db_instance(DBInstanceIdentifier=old, NewDBInstanceIdentifier=new, ApplyImmediately=True)
        wait_available(site, new)
    # Then the address leads to the restored rows, and its certificate is valid
    assert query(site, client, host, "select a from kept.t").split() == ["1", "2"]
    assert describe(site, identifier)["DbiResourceId"] != was["DbiResourceId"]
    damaged = describe(site, "damaged")["Endpoint"]["Address"]
    assert query(site, client, damaged, "select a from kept.t") == "3"
    rds.delete_db_instance(DBInstanceIdentifier="damaged", SkipFinalSnapshot=True)
    wait_for(lambda: not describe(site, "damaged"))


def test_a_backup_is_restored_into_a_new_folder_with_a_role_that_has_the_rights(site: Site, client: str) -> None:
    backup, files = site.api("backup"), site.outputs["FilesId"]
    resource = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/{files}"
    # Given a file system with a file of a user, and a role of AWS Backup
    mount = f"mkdir -p /mnt/kept && mount -t nfs4 {files}.efs.{REGION}.amazonaws.com:/ /mnt/kept"
    site.read_output(
        client,
        f"{mount} && mkdir -p /mnt/kept/live && echo first >/mnt/kept/live/note && chown 998:998 /mnt/kept/live/note",
    )
    role = create_role(site.api)
    backup.create_backup_vault(BackupVaultName="own")
    job = backup.start_backup_job(BackupVaultName="own", ResourceArn=resource, IamRoleArn=role)["BackupJobId"]
    wait_for(lambda: backup.describe_backup_job(BackupJobId=job)["State"] == "COMPLETED")
    site.read_output(client, "echo second >/mnt/kept/live/note")
    # When it is restored
    (point,) = backup.list_recovery_points_by_backup_vault(BackupVaultName="own", ByResourceArn=resource)[
        "RecoveryPoints"
    ]
    metadata = {
        "file-system-id": files,
        "newFileSystem": "false",
        "Encrypted": "true",
        "PerformanceMode": "generalPurpose",
    }
    wanted = {"RecoveryPointArn": point["RecoveryPointArn"], "Metadata": {**metadata, "CreationToken": "restore"}}
    started = backup.start_restore_job(**wanted, IamRoleArn=role)["RestoreJobId"]
    wait_for(lambda: backup.describe_restore_job(RestoreJobId=started)["Status"] == "COMPLETED")
    # Then the machine sees the old file beside the new one, with its owner
    output = site.read_output(
        client,
        "cd /mnt/kept && cat live/note aws-backup-restore_*/live/note && stat -c %u aws-backup-restore_*/live/note",
    )
    assert output.split() == ["second", "first", "998"]
    # When the role has no right to restore
    site.api("iam").detach_role_policy(RoleName="own-backup", PolicyArn=POLICY.format("Restores"))
    failed = backup.start_restore_job(**wanted, IamRoleArn=role)["RestoreJobId"]
    wait_for(lambda: backup.describe_restore_job(RestoreJobId=failed)["Status"] == "FAILED")
    assert "Insufficient privileges" in backup.describe_restore_job(RestoreJobId=failed)["StatusMessage"]
    # And a role that AWS Backup cannot assume is refused
    stranger = role_for(site.api, "no-backup", "ec2.amazonaws.com", allowed=(statement("elasticfilesystem:*"),))
    with pytest.raises(ClientError, match="cannot be assumed"):
        backup.start_restore_job(**wanted, IamRoleArn=stranger)
    site.read_output(client, "umount /mnt/kept")


def test_automatic_backups_are_in_a_vault_that_denies_restores_until_its_policy_is_replaced(site: Site) -> None:
    backup, files = site.api("backup"), site.outputs["FilesId"]
    resource = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/{files}"
    vault, role = "aws/efs/automatic-backup-vault", f"arn:aws:iam::{ACCOUNT}:role/own-backup"
    site.api("efs").put_backup_policy(FileSystemId=files, BackupPolicy={"Status": "ENABLED"})
    site.api("iam").attach_role_policy(RoleName="own-backup", PolicyArn=POLICY.format("Restores"))
    job = backup.start_backup_job(BackupVaultName=vault, ResourceArn=resource, IamRoleArn=role)["BackupJobId"]
    wait_for(lambda: backup.describe_backup_job(BackupJobId=job)["State"] == "COMPLETED")
    (point,) = backup.list_recovery_points_by_backup_vault(BackupVaultName=vault)["RecoveryPoints"]
    metadata = {
        "file-system-id": files,
        "newFileSystem": "false",
        "Encrypted": "true",
        "PerformanceMode": "generalPurpose",
    }
    wanted = {"RecoveryPointArn": point["RecoveryPointArn"], "Metadata": {**metadata, "CreationToken": "restore"}}
    with pytest.raises(ClientError, match="explicit deny"):
        backup.start_restore_job(**wanted, IamRoleArn=role)
    denied = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": ["backup:DeleteRecoveryPoint"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    backup.put_backup_vault_access_policy(BackupVaultName=vault, Policy=document)
    started = backup.start_restore_job(**wanted, IamRoleArn=role)["RestoreJobId"]
    wait_for(lambda: backup.describe_restore_job(RestoreJobId=started)["Status"] == "COMPLETED")


POLICY = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyFor{}"


def create_role(api: Clients) -> str:
    """Return the ARN of a role that AWS Backup may assume, with AWS's own policies."""
    role = role_for(api, "own-backup", "backup.amazonaws.com")
    for kind in ("Backup", "Restores"):
        api("iam").attach_role_policy(RoleName="own-backup", PolicyArn=POLICY.format(kind))
    return role
