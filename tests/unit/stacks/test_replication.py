"""What must be in step before a migration may start."""

from __future__ import annotations

import json
from typing import Any

from settings import Settings

STACK, DATA = "ReplicationStack", "DataStack"


def task(templates: Any) -> Any:
    return templates.only(STACK, "AWS::DMS::ReplicationTask")["Properties"]


def test_changes_follow_the_full_load(templates: Any) -> None:
    assert task(templates)["MigrationType"] == "full-load-and-cdc"


def test_only_the_schemas_of_the_site_are_replicated(templates: Any) -> None:
    rules = json.loads(task(templates)["TableMappings"])["rules"]
    assert [(rule["object-locator"]["schema-name"], rule["rule-action"]) for rule in rules] == [
        ("gogs", "include"),
        ("cutover", "include"),
    ]


def test_no_text_is_truncated_and_no_row_is_silently_skipped(templates: Any) -> None:
    settings = json.loads(task(templates)["ReplicationTaskSettings"])
    assert settings["TargetMetadata"]["FullLobMode"] is True
    assert settings["TargetMetadata"]["LimitedSizeLobMode"] is False
    assert settings["TargetMetadata"]["InlineLobMaxSize"] >= 64
    assert settings["ValidationSettings"]["EnableValidation"] is True
    assert settings["FullLoadSettings"]["TargetTablePrepMode"] == "TRUNCATE_BEFORE_LOAD"
    policies = {key: value for key, value in settings["ErrorBehavior"].items() if key.endswith("Policy")}
    forced = {
        "ApplyErrorInsertPolicy": "INSERT_RECORD",
        "ApplyErrorUpdatePolicy": "UPDATE_RECORD",
        "ApplyErrorDeletePolicy": "IGNORE_RECORD",
    }
    assert {key: policies.pop(key) for key in forced} == forced
    assert set(policies.values()) == {"STOP_TASK"}


def test_the_target_accepts_rows_in_the_load_order_of_dms(templates: Any) -> None:
    parameters = templates.only(DATA, "AWS::RDS::DBParameterGroup")["Properties"]["Parameters"]
    assert parameters["local_infile"] == "1"


def test_endpoints_hold_no_credentials(templates: Any) -> None:
    endpoints = templates.resources(STACK, "AWS::DMS::Endpoint")
    assert len(endpoints) == 2
    for key, endpoint in endpoints.items():
        properties = endpoint["Properties"]
        assert not {"Username", "Password", "ServerName", "Port"} & properties.keys(), key
        assert {"SecretsManagerAccessRoleArn", "SecretsManagerSecretId"} <= properties["MySqlSettings"].keys(), key


def test_schemas_keep_their_names_at_the_target(templates: Any) -> None:
    kinds = {
        endpoint["Properties"]["EndpointType"]: endpoint["Properties"]["MySqlSettings"].get("TargetDbType")
        for endpoint in templates.resources(STACK, "AWS::DMS::Endpoint").values()
    }
    assert kinds == {"source": None, "target": "multiple-databases"}


def test_dms_checks_no_foreign_keys_at_the_target(templates: Any) -> None:
    """By default it does: MySQL then truncates no table that a foreign key names, and refuses children before their parents."""
    first = {
        endpoint["Properties"]["EndpointType"]: endpoint["Properties"].get("ExtraConnectionAttributes")
        for endpoint in templates.resources(STACK, "AWS::DMS::Endpoint").values()
    }
    assert first == {"source": None, "target": "initstmt=SET FOREIGN_KEY_CHECKS=0"}


def test_alarms_use_the_metric_that_dms_publishes(templates: Any) -> None:
    """The second dimension is the end of the task's ARN, which `ResourceIdentifier` sets. Functions know the instance by its ARN's end."""
    properties = templates.only(STACK, "AWS::DMS::ReplicationInstance")["Properties"]
    instance = properties["ReplicationInstanceIdentifier"]
    assert properties["ResourceIdentifier"] == instance
    alarms = templates.resources(STACK, "AWS::CloudWatch::Alarm").values()
    assert {alarm["Properties"]["MetricName"] for alarm in alarms} == {"CDCLatencySource", "CDCLatencyTarget"}
    for alarm in alarms:
        assert {one["Name"]: one["Value"] for one in alarm["Properties"]["Dimensions"]} == {
            "ReplicationInstanceIdentifier": instance,
            "ReplicationTaskIdentifier": task(templates)["ResourceIdentifier"],
        }


def test_the_account_roles_of_dms_are_optional(templates: Any, settings: Settings, synthesized: Any) -> None:
    def names(found: Any) -> set[str]:
        return {
            role["Properties"]["RoleName"]
            for role in found.resources(STACK, "AWS::IAM::Role").values()
            if "RoleName" in role["Properties"]
        }

    replication = settings.replication.model_copy(update={"create_dms_roles": False})
    without = synthesized(settings.model_copy(update={"replication": replication}))
    assert names(templates) == {"dms-vpc-role", "dms-cloudwatch-logs-role"}
    assert names(without) == set()


def test_the_database_is_in_several_zones(templates: Any) -> None:
    properties = templates.only(DATA, "AWS::RDS::DBInstance")["Properties"]
    assert properties["MultiAZ"] is True
    assert properties["StorageEncrypted"] is True
    assert properties["BackupRetentionPeriod"] == 7


def test_files_are_in_both_zones_and_encrypted(templates: Any) -> None:
    assert templates.only(DATA, "AWS::EFS::FileSystem")["Properties"]["Encrypted"] is True
    targets = templates.resources(DATA, "AWS::EFS::MountTarget").values()
    assert len({json.dumps(target["Properties"]["SubnetId"]) for target in targets}) == 2


def test_the_parameter_holds_what_the_procedure_reads(templates: Any) -> None:
    from dataclasses import fields

    from common.site_parameters import Parameter, Replication, build_parameter_path

    (text,) = [
        one["Properties"]["Value"]
        for one in templates.resources(STACK, "AWS::SSM::Parameter").values()
        if one["Properties"]["Name"] == build_parameter_path("gogs", Parameter.REPLICATION)
    ]
    joined = "".join(part if isinstance(part, str) else "x" for part in text["Fn::Join"][1])
    # EC2 knows the addresses of the demo's servers, and its SSH server has the usual port
    absent = {"source_app_address", "source_app_ssh_port", "source_database_host", "source_database_port"}
    assert set(json.loads(joined)) == {field.name for field in fields(Replication)} - absent
