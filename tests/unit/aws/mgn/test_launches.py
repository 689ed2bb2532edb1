"""Launch jobs: settings, log, instances, and what a second launch does."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.aws.clients import Clients
from tests.unit.aws.mgn.source_servers import Register, Server

LAUNCHED = [
    "JOB_START",
    "SNAPSHOT_START",
    "SNAPSHOT_END",
    "CONVERSION_START",
    "CONVERSION_END",
    "LAUNCH_START",
    "LAUNCH_END",
    "JOB_END",
]


def instance_of(aws: Clients, instance: str) -> dict[str, Any]:
    return dict(aws("ec2").describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0])


def tags_of(described: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in described["Tags"]}


def test_each_server_has_an_ec2_launch_template_of_its_own(server: Server) -> None:
    (template,) = server.aws("ec2").describe_launch_templates(LaunchTemplateIds=[server.template])["LaunchTemplates"]
    prefix = "created-and-used-by-application-migration-service"
    assert re.fullmatch(rf"{prefix}-{server.id}-\d{{6}}-\d{{6}}", template["LaunchTemplateName"])
    assert (template["DefaultVersionNumber"], template["LatestVersionNumber"]) == (2, 2)
    assert {tag["Key"]: tag["Value"] for tag in template["Tags"]} == {
        "AWSApplicationMigrationServiceSourceServerID": server.id,
        "AWSApplicationMigrationServiceManaged": "mgn.amazonaws.com",
    }
    data = server.template_data()
    assert "SubnetId" not in data["NetworkInterfaces"][0]
    assert {"ImageId", "IamInstanceProfile", "KeyName"} & data.keys() == set()
    assert {one["ResourceType"] for one in data["TagSpecifications"]} == {"instance", "volume"}


def test_a_launch_without_a_subnet_fails_and_changes_nothing(server: Server) -> None:
    job = server.launch()
    assert (job.record["status"], job.status) == ("COMPLETED", "FAILED")
    assert job.error("LAUNCH_FAILED") == "VPCIdNotSpecified: No default VPC for this user"
    assert "launchedInstance" not in server.describe()
    assert (server.state, server.replication()["dataReplicationState"]) == ("READY_FOR_TEST", "CONTINUOUS")


def test_a_version_that_is_not_the_default_is_ignored(server: Server, subnet: str) -> None:
    version = server.add_version(NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnet}])
    assert server.launch().status == "FAILED"
    server.make_default(version)
    assert server.launch().status == "LAUNCHED"


def test_a_launched_instance_has_the_tags_of_template_and_job(server: Server, subnet: str) -> None:
    server.place(subnet)
    job = server.launch()
    assert tags_of(instance_of(server.aws, job.instance)) == {
        "AWSApplicationMigrationServiceSourceServerID": server.id,
        "AWSApplicationMigrationServiceManaged": "mgn.amazonaws.com",
        "Name": server.describe()["sourceProperties"]["identificationHints"]["hostname"],
        "mgn.amazonaws.com-job": job.record["jobID"],
        "mgn.amazonaws.com-source-server": server.id,
    }
    assert server.describe()["launchedInstance"] == {
        "ec2InstanceID": job.instance,
        "jobID": job.record["jobID"],
        "firstBoot": "WAITING",
    }


def test_tags_of_the_server_are_copied_on_demand(register: Register, subnet: str) -> None:
    server = register(tags={"owner": "ops"})
    server.place(subnet)
    assert "owner" not in tags_of(instance_of(server.aws, server.launch().instance))
    server.mgn.update_launch_configuration(sourceServerID=server.id, copyTags=True)
    assert tags_of(instance_of(server.aws, server.launch().instance))["owner"] == "ops"


def test_right_sizing_overrides_the_type_until_it_is_switched_off(server: Server, subnet: str) -> None:
    server.place(subnet, InstanceType="t3.micro")
    assert instance_of(server.aws, server.launch().instance)["InstanceType"] == "c5.large"
    kept = server.mgn.update_launch_configuration(sourceServerID=server.id, targetInstanceTypeRightSizingMethod="NONE")
    assert kept["bootMode"] == "LEGACY_BIOS"
    # ministack's own RunInstances, which answers in this test, does not read the type of a template.
    assert instance_of(server.aws, server.launch().instance)["InstanceType"] != "c5.large"


def test_the_disposition_stopped_stops_the_launched_instance(server: Server, subnet: str) -> None:
    server.place(subnet)
    server.mgn.update_launch_configuration(sourceServerID=server.id, launchDisposition="STOPPED")
    assert instance_of(server.aws, server.launch().instance)["State"]["Name"] == "stopped"


def test_the_log_has_the_phases_and_an_event_that_the_model_does_not_know(server: Server, subnet: str) -> None:
    server.place(subnet)
    job = server.launch()
    assert job.events == LAUNCHED
    known = server.mgn.meta.service_model.shape_for("JobLogEvent").enum
    assert set(job.events) - set(known) == {"LAUNCH_END"}
    assert next(one for one in job.log if one["event"] == "LAUNCH_END")["eventData"]["targetInstanceID"] == job.instance


def test_a_second_launch_first_deletes_the_instance_of_the_first(server: Server, subnet: str) -> None:
    server.place(subnet)
    first = server.launch()
    second = server.launch()
    assert second.events == ["JOB_START", "CLEANUP_START", "CLEANUP_END", *LAUNCHED[1:]]
    assert instance_of(server.aws, first.instance)["State"]["Name"] == "terminated"
    server.change("READY_FOR_CUTOVER")
    server.launch("cutover")
    assert instance_of(server.aws, second.instance)["State"]["Name"] == "terminated"


def test_a_clean_up_terminates_the_launched_instance(server: Server, subnet: str) -> None:
    server.place(subnet)
    instance = server.launch().instance
    server.change("READY_FOR_TEST")
    job = server.terminate()
    assert (job.record["type"], job.record["initiatedBy"], job.status) == ("TERMINATE", "TERMINATE", "TERMINATED")
    assert "launchedInstance" not in server.describe()
    assert instance_of(server.aws, instance)["State"]["Name"] == "terminated"
    with pytest.raises(server.mgn.exceptions.ValidationException, match="no launched instance"):
        server.terminate()


def test_a_server_that_does_not_exist_is_not_valid(mgn: Any) -> None:
    with pytest.raises(mgn.exceptions.ValidationException) as caught:
        mgn.start_test(sourceServerIDs=["s-00000000000000000"])
    assert caught.value.response["reason"] == "fieldValidationFailed"


def test_jobs_are_listed_newest_first_and_from_a_date_in_either_form(server: Server, subnet: str) -> None:
    server.place(subnet)
    first, second = server.launch(), server.launch()

    def listed(**filters: Any) -> list[str]:
        return [job["jobID"] for job in server.mgn.describe_jobs(filters=filters)["items"]]

    both = [second.record["jobID"], first.record["jobID"]]
    assert [one for one in listed() if one in both] == both
    date = second.record["creationDateTime"]
    assert first.record["jobID"] not in listed(fromDate=date.replace("+00:00", "Z"))
    assert second.record["jobID"] in listed(fromDate=date)
    server.mgn.delete_job(jobID=first.record["jobID"])
    assert first.record["jobID"] not in listed()


def test_the_dates_that_the_model_forbids_are_refused(mgn: Any) -> None:
    with pytest.raises(ClientError) as caught:
        mgn.describe_jobs(filters={"fromDate": "yesterday, at about nine"})
    assert caught.value.response["Error"]["Code"] == "ValidationException"
