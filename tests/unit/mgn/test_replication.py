"""Replication settings: the template for new servers and the configuration of the named one, changed only where they differ."""

from __future__ import annotations

import pytest
from common.clients.mgn import Mgn
from common.clients.provider import ReplicationSettings
from common.errors import StepFailed

from tests.unit.mgn.conftest import Stage
from tests.unit.mgn.wire import ApiError, LostAnswer

SETTINGS = ReplicationSettings(
    subnet_id="subnet-55555555", security_group_ids=("sg-55555555", "sg-66666666"), use_private_ip=True
)
KEY = "arn:aws:kms:eu-west-1:111122223333:key/one"
WRITES = (
    "CreateReplicationConfigurationTemplate",
    "UpdateReplicationConfigurationTemplate",
    "UpdateReplicationConfiguration",
)


def test_an_account_without_a_template_gets_one(stage: Stage, client: Mgn) -> None:
    client.configure_replication(SETTINGS)

    (template,) = stage.mgn.templates
    assert (
        template.items()
        >= {
            "stagingAreaSubnetId": "subnet-55555555",
            "replicationServersSecurityGroupsIDs": ["sg-55555555", "sg-66666666"],
            "associateDefaultSecurityGroup": False,
            "dataPlaneRouting": "PRIVATE_IP",
            "createPublicIP": False,
            "replicationServerInstanceType": "t3.small",
            "ebsEncryption": "DEFAULT",
            "bandwidthThrottling": 0,
        }.items()
    )


def test_the_named_server_gets_the_same_settings_and_other_servers_keep_theirs(stage: Stage, client: Mgn) -> None:
    other = stage.mgn.add_server("other", number=2)

    client.configure_replication(SETTINGS)

    assert stage.mgn.replication_configurations[stage.server_id]["stagingAreaSubnetId"] == "subnet-55555555"
    assert stage.mgn.replication_configurations[other]["stagingAreaSubnetId"] == "subnet-00000000"


def test_nothing_is_written_when_nothing_differs(stage: Stage, client: Mgn) -> None:
    client.configure_replication(SETTINGS)
    stage.mgn.replication_configurations[stage.server_id]["replicationServersSecurityGroupsIDs"] = [
        "sg-66666666",
        "sg-55555555",
    ]
    writes = stage.mgn.count(*WRITES)

    again = client.configure_replication(SETTINGS)

    assert stage.mgn.count(*WRITES) == writes
    assert (again["changed_in_template"], again["changed_in_servers"]) == ([], {stage.server_id: []})


def test_an_existing_template_keeps_what_the_settings_do_not_name(stage: Stage, client: Mgn) -> None:
    client.configure_replication(SETTINGS)
    stage.mgn.templates[0] |= {"defaultLargeStagingDiskType": "ST1", "bandwidthThrottling": 100}

    client.configure_replication(SETTINGS)

    assert stage.mgn.templates[0]["defaultLargeStagingDiskType"] == "ST1"
    assert stage.mgn.templates[0]["bandwidthThrottling"] == 0
    assert len(stage.mgn.templates) == 1


def test_public_replication_needs_a_public_address(stage: Stage, client: Mgn) -> None:
    client.configure_replication(
        ReplicationSettings(subnet_id="subnet-55555555", security_group_ids=("sg-55555555",), use_private_ip=False)
    )
    template = stage.mgn.templates[0]
    assert (template["dataPlaneRouting"], template["createPublicIP"]) == ("PUBLIC_IP", True)


def test_the_key_is_set_for_servers_that_are_added_later(stage: Stage) -> None:
    stage.mgn.servers.clear()
    stage.connect(ebs_encryption_key_arn=KEY).configure_replication(SETTINGS)

    template = stage.mgn.templates[0]
    assert (template["ebsEncryption"], template["ebsEncryptionKeyArn"]) == ("CUSTOM", KEY)


def test_another_key_for_a_replicating_server_is_refused_before_any_change(stage: Stage) -> None:
    with pytest.raises(
        StepFailed, match=r"encrypted with the account's default key.*MGN would copy all data again"
    ) as caught:
        stage.connect(ebs_encryption_key_arn=KEY).configure_replication(SETTINGS)

    assert stage.mgn.count(*WRITES) == 0
    assert "ebs_encryption_key_arn" in caught.value.next_action


def test_a_server_is_not_needed(stage: Stage, client: Mgn) -> None:
    stage.mgn.servers.clear()

    assert client.configure_replication(SETTINGS)["changed_in_servers"] == {}


def stop(stage: Stage, **life_cycle: str) -> None:
    stage.mgn.servers[stage.server_id]["dataReplicationInfo"] = {"dataReplicationState": "STOPPED"}
    stage.mgn.servers[stage.server_id]["lifeCycle"] |= life_cycle


def test_a_server_that_was_added_without_replication_is_replicated_in_its_staging_area(
    stage: Stage, client: Mgn
) -> None:
    stop(stage)

    assert client.configure_replication(SETTINGS)["started"] == [stage.server_id]

    operations = [operation for operation, _ in stage.mgn.calls]
    assert operations.index("StartReplication") > operations.index("UpdateReplicationConfiguration")
    assert client.configure_replication(SETTINGS)["started"] == []


def test_a_replication_that_an_operator_has_stopped_stays_stopped(stage: Stage, client: Mgn) -> None:
    stop(stage, firstByteDateTime=stage.mgn.now(-3600))

    assert client.configure_replication(SETTINGS)["started"] == []
    assert stage.mgn.count("StartReplication") == 0


def test_a_replication_whose_start_had_no_response_in_time_counts_as_started(stage: Stage, client: Mgn) -> None:
    stop(stage)
    stage.mgn.faults["StartReplication"] = [LostAnswer()]

    client.configure_replication(SETTINGS)

    assert stage.mgn.servers[stage.server_id]["dataReplicationInfo"]["dataReplicationState"] == "INITIATING"


def test_a_replication_that_cannot_start_is_an_error(stage: Stage, client: Mgn) -> None:
    stop(stage)
    stage.mgn.faults["StartReplication"] = [ApiError("ConflictException", "archived", 409)]

    with pytest.raises(StepFailed, match="mgn:StartReplication: ConflictException"):
        client.configure_replication(SETTINGS)
