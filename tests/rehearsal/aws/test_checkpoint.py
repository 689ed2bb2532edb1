"""The parts of a checkpoint that only the local AWS has: disks of machines, records, and running activity."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from rehearsal.aws.clients import Clients
from rehearsal.aws.ec2.images import UBUNTU_AMI
from rehearsal.checkpoint import executions, files, machines, records
from rehearsal.checkpoint.context import CheckpointContext
from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings
from rehearsal.world import enter
from tests.rehearsal.aws.site.deployed import wait_for

pytestmark = pytest.mark.rehearsal
SLEEPS = """
import os, pathlib, time
def handler(event, context):
    pathlib.Path(event["process"]).write_text(str(os.getpid()))
    time.sleep(60)
"""


class Lab:
    """A subnet with instances, which end with the tests."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.api = settings, Clients(settings)
        self.ec2 = self.api("ec2")
        vpc = self.ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
        self.subnet = self.ec2.create_subnet(VpcId=vpc, CidrBlock="10.8.1.0/24")["Subnet"]["SubnetId"]
        self.group = self.ec2.create_security_group(GroupName="kept", Description="kept", VpcId=vpc)["GroupId"]

    def launch(self) -> str:
        request = {"ImageId": UBUNTU_AMI, "SubnetId": self.subnet, "SecurityGroupIds": [self.group]}
        made = self.ec2.run_instances(MinCount=1, MaxCount=1, **request)["Instances"][0]["InstanceId"]
        wait_for(lambda: self.read_state(made) == "running")
        return str(made)

    def describe_instance(self, id_: str) -> Mapping[str, Any]:
        return dict(self.ec2.describe_instances(InstanceIds=[id_])["Reservations"][0]["Instances"][0])

    def read_state(self, id_: str) -> str:
        return str(self.describe_instance(id_)["State"]["Name"])

    def run_script(self, id_: str, script: str) -> str:
        done = enter.run(self.settings, id_, ["sh", "-c", script], timeout=60)
        assert done.exit_code == 0, done
        return done.stdout.strip()


@pytest.fixture(scope="module")
def lab(settings: Settings) -> Iterator[Lab]:
    lab = Lab(settings)
    yield lab
    here = [{"Name": "subnet-id", "Values": [lab.subnet]}]
    left = [i["InstanceId"] for r in lab.ec2.describe_instances(Filters=here)["Reservations"] for i in r["Instances"]]
    lab.ec2.terminate_instances(InstanceIds=left)
    wait_for(lambda: all(lab.read_state(one) == "terminated" for one in left))


@pytest.fixture
def context(settings: Settings) -> CheckpointContext:
    folder = settings.pool / "checkpoint"
    folder.mkdir(exist_ok=True)
    return CheckpointContext(settings, folder, lambda _: None)


def test_a_reset_restores_the_disk_of_a_machine_and_keeps_its_instance_id(lab: Lab, context: CheckpointContext) -> None:
    """Given a copied disk, when the machine writes and stops, then a reset starts it with the content of the
    checkpoint.
    """
    machine = lab.launch()
    lab.run_script(machine, "echo before >/root/kept; sync")
    everybody = [one.id for one in enter.list_machines(lab.settings) if one.state == "running"]
    machines.save(context, [machine])
    lab.run_script(machine, "echo after >/root/kept; echo more >/root/later; sync")
    before = lab.describe_instance(machine)
    later = lab.launch()
    lab.ec2.stop_instances(InstanceIds=[machine])
    wait_for(lambda: lab.read_state(machine) == "stopped")

    machines.terminate_later(context, everybody)
    machines.cut_power(context, [machine])
    machines.put_back(context, [machine])

    assert lab.run_script(machine, "cat /root/kept; test -e /root/later || echo gone") == "before\ngone"
    now = lab.describe_instance(machine)
    for fact in ("InstanceId", "PrivateIpAddress", "LaunchTime", "SecurityGroups", "BlockDeviceMappings"):
        assert now[fact] == before[fact]
    assert (lab.read_state(machine), lab.read_state(later)) == ("running", "terminated")


def test_a_reset_with_a_terminated_machine_is_refused(lab: Lab, context: CheckpointContext) -> None:
    machine = lab.launch()
    machines.save(context, [machine])
    lab.ec2.terminate_instances(InstanceIds=[machine])
    wait_for(lambda: lab.read_state(machine) == "terminated")
    with pytest.raises(RehearsalError, match=f"{machine}: is terminated"):
        machines.put_back(context, [machine])
    with pytest.raises(RehearsalError, match="there is none by this id"):
        machines.save(context, [machine])


def test_a_reset_restores_files_with_owners_modes_and_times(settings: Settings, context: CheckpointContext) -> None:
    system = settings.pool / "efs" / "fs-kept"
    (system / "live").mkdir(parents=True)
    kept, link = system / "live" / "kept", system / "live" / "link"
    kept.write_text("before")
    link.symlink_to("kept")
    kept.chmod(0o640)
    os.chown(kept, 990, 990)
    os.utime(kept, (1e9, 1e9))
    folder = system.stat().st_ino
    try:
        saved = files.save(context)
        kept.write_text("after")
        link.unlink()
        (system / "scratch").mkdir()
        (system / "scratch" / "later").write_text("")
        files.restore(context, saved)
        found = kept.stat()
        assert (kept.read_text(), str(link.readlink())) == ("before", "kept")
        assert (found.st_mode & 0o777, found.st_uid, found.st_mtime) == (0o640, 990, 1e9)
        assert [one.name for one in system.iterdir()] == ["live"]
        assert system.stat().st_ino == folder
    finally:
        files.restore(context, saved)
        kept.unlink()
        link.unlink()
        (system / "live").rmdir()
        system.rmdir()


def test_a_reset_restores_the_records_of_all_services(lab: Lab, context: CheckpointContext) -> None:
    """Given items, parameters, names, rules and objects, when some change, end or appear, then a reset restores all."""
    dynamodb, ssm, route53, s3, sqs = (lab.api(name) for name in ("dynamodb", "ssm", "route53", "s3", "sqs"))
    dynamodb.create_table(
        TableName="checkpointed",
        KeySchema=[{"AttributeName": "site", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "site", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    zone = route53.create_hosted_zone(Name="kept.example", CallerReference="kept")["HostedZone"]["Id"]
    s3.create_bucket(Bucket="evidence")
    queue = sqs.create_queue(QueueName="reports")["QueueUrl"]

    def write(text: str, *names: str) -> None:
        for name in names:
            dynamodb.put_item(TableName="checkpointed", Item={"site": {"S": name}, "phase": {"S": text}})
            ssm.put_parameter(Name=f"/cutover/gogs/{name}", Value=text, Type="String", Overwrite=True)
            s3.put_object(Bucket="evidence", Key=f"runs/{name}.json", Body=text.encode())
            record = {
                "Name": f"{name}.kept.example.",
                "Type": "TXT",
                "TTL": 5,
                "ResourceRecords": [{"Value": f'"{text}"'}],
            }
            changes = [{"Action": "UPSERT", "ResourceRecordSet": record}]
            route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})

    def rule(act: str, port: int) -> None:
        one = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "10.8.0.0/16"}]}
        getattr(lab.ec2, f"{act}_security_group_ingress")(GroupId=lab.group, IpPermissions=[one])

    write("before", "kept", "gone")
    rule("authorize", 80)
    saved = json.loads(json.dumps(records.save(context)))

    write("after", "kept", "later")
    dynamodb.delete_item(TableName="checkpointed", Key={"site": {"S": "gone"}})
    ssm.delete_parameter(Name="/cutover/gogs/gone")
    s3.delete_object(Bucket="evidence", Key="runs/gone.json")
    rule("revoke", 80)
    rule("authorize", 22)
    sqs.send_message(QueueUrl=queue, MessageBody="a report")
    assert records.save(context) != saved

    records.restore(context, saved)

    now = records.save(context)
    assert sorted(now["items"]["checkpointed"], key=str) == sorted(saved["items"]["checkpointed"], key=str)
    assert sorted(now["names"][zone], key=str) == sorted(saved["names"][zone], key=str)
    for kind in ("parameters", "rules", "objects"):
        assert now[kind] == saved[kind], kind
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)


def test_a_reset_stops_executions_and_kills_their_functions(
    lab: Lab, context: CheckpointContext, tmp_path: Path
) -> None:
    """Given an execution whose function runs, when a reset stops everything, then the execution is aborted and the
    function is killed.
    """
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("sleeps.py", SLEEPS)
    role = lab.api("iam").create_role(
        RoleName="sleeps", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}'
    )
    function = lab.api("lambda").create_function(
        FunctionName="sleeps",
        Runtime="python3.11",
        Role=role["Role"]["Arn"],
        Handler="sleeps.handler",
        Code={"ZipFile": archive.getvalue()},
        Timeout=90,
    )["FunctionArn"]
    task = {"Type": "Task", "Resource": function, "Retry": [{"ErrorEquals": ["States.ALL"]}], "End": True}
    client, process_file = lab.api("stepfunctions"), tmp_path / "process"
    machine = client.create_state_machine(
        name="sleeps",
        definition=json.dumps({"StartAt": "Sleep", "States": {"Sleep": task}}),
        roleArn=role["Role"]["Arn"],
    )["stateMachineArn"]
    run = client.start_execution(stateMachineArn=machine, input=json.dumps({"process": str(process_file)}))[
        "executionArn"
    ]
    wait_for(lambda: process_file.exists() and process_file.read_text() != "")
    process = int(process_file.read_text())
    assert Path(f"/proc/{process}").exists()

    executions.stop(context)

    assert not Path(f"/proc/{process}").exists()
    assert client.describe_execution(executionArn=run)["status"] == "ABORTED"
