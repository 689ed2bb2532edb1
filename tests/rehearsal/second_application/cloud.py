"""The resources of the second application's site in the local AWS.

These are a network, two servers, and a target's database, files and parameters.
"""

from __future__ import annotations

import json
import secrets
from functools import cached_property
from typing import Any

from applications.profile import Profile
from common.site_parameters import Replication, SiteParameter, TargetParameter, build_runs_table_name

from rehearsal.aws.clients import Clients
from rehearsal.aws.ec2.images import UBUNTU_AMI
from rehearsal.settings import REGION, Settings
from rehearsal.world import enter
from tests.roles import role_for, statement
from tests.waiting import wait_until

SITE = "tiny"
NETWORK, DATABASE_ADDRESS, SOURCE_ADDRESS = "10.20.0.0/16", "10.20.0.10", "10.20.0.20"
PERMISSIONS = (
    "autoscaling:DescribeAutoScalingGroups", "dynamodb:GetItem", "dynamodb:UpdateItem", "ec2:DescribeTags",
    "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "sns:Publish", "ssm:GetParameter",
)  # fmt: skip
BOOT_SECONDS = 60.0


class Cloud:
    """The resources of one world. All machines have one role, because the tests of the stacks cover least privilege."""

    def __init__(self, settings: Settings, profile: Profile) -> None:
        self.settings, self.profile = settings, profile
        self.api = Clients(settings)
        self.ec2 = self.api("ec2")
        vpc = self.ec2.create_vpc(CidrBlock=NETWORK)["Vpc"]["VpcId"]
        self.subnet: str = self.ec2.create_subnet(VpcId=vpc, CidrBlock="10.20.0.0/24")["Subnet"]["SubnetId"]
        group = self.ec2.create_security_group(GroupName="inside", Description="within the network", VpcId=vpc)
        self.group: str = group["GroupId"]
        within = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": NETWORK}]}]
        self.ec2.authorize_security_group_ingress(GroupId=self.group, IpPermissions=within)
        role_for(self.api, SITE, "ec2.amazonaws.com", allowed=tuple(statement(action) for action in PERMISSIONS))
        self.api("iam").create_instance_profile(InstanceProfileName=SITE)
        self.api("iam").add_role_to_instance_profile(InstanceProfileName=SITE, RoleName=SITE)
        self.source_database = self.launch("source-database", address=DATABASE_ADDRESS)
        self.source = self.launch("source-app", address=SOURCE_ADDRESS)
        self.runs = self.api("dynamodb")
        self.runs.create_table(
            TableName=build_runs_table_name(SITE), BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "site", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "site", "AttributeType": "S"}],
        )  # fmt: skip
        user, server = profile.database.user, {"host": DATABASE_ADDRESS, "port": "3306"}
        self.secrets = {
            name: self._keep(name, content)
            for name, content in {
                "application": {"username": user},
                "replication": {"username": "replicator", **server},
                "admin": {"username": "master"},
                "target": {"username": user},
            }.items()
        }
        self.secrets["target-site"] = self._keep("target-site", {"notCopiedYet": "x"}, password=False)
        self.secrets["site"] = self._keep("site", {profile.secret.key: secrets.token_hex(16)}, password=False)

    def _keep(self, name: str, content: dict[str, str], *, password: bool = True) -> str:
        content = {**content, "password": secrets.token_hex(12)} if password else content
        made = self.api("secretsmanager").create_secret(Name=f"tiny/{name}", SecretString=json.dumps(content))
        return str(made["ARN"])

    def read_secret(self, name: str) -> dict[str, str]:
        text = self.api("secretsmanager").get_secret_value(SecretId=self.secrets[name])["SecretString"]
        found: dict[str, str] = json.loads(text)
        return found

    def launch(self, role: str, *, image: str = UBUNTU_AMI, address: str = "", **tags: str) -> str:
        """Start an instance with the tags `cutover:…`. Return its id; `boot` waits for it."""
        named = {"cutover:role": role, **{f"cutover:{key.replace('_', '-')}": value for key, value in tags.items()}}
        place = {"PrivateIpAddress": address} if address else {}
        started = self.ec2.run_instances(
            ImageId=image, MinCount=1, MaxCount=1, SubnetId=self.subnet, SecurityGroupIds=[self.group],
            IamInstanceProfile={"Name": SITE},
            MetadataOptions={"InstanceMetadataTags": "enabled", "HttpTokens": "required"},
            TagSpecifications=[{"ResourceType": "instance",
                                "Tags": [{"Key": key, "Value": value} for key, value in named.items()]}], **place,
        )  # fmt: skip
        return str(started["Instances"][0]["InstanceId"])

    def boot(self, *instances: str) -> None:
        self.ec2.get_waiter("instance_running").wait(
            InstanceIds=list(instances), WaiterConfig={"Delay": 1, "MaxAttempts": int(BOOT_SECONDS)}
        )

    def find_address(self, instance: str) -> str:
        found = self.ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
        return str(found["PrivateIpAddress"])

    def create_image(self, instance: str, name: str) -> str:
        """Create an image of the instance's current disk and return its id. The instance runs on."""
        image = str(self.ec2.create_image(InstanceId=instance, Name=name, NoReboot=True)["ImageId"])

        def is_available() -> bool:
            return bool(self.ec2.describe_images(ImageIds=[image])["Images"][0]["State"] == "available")

        wait_until(is_available, f"image {name}", seconds=BOOT_SECONDS)
        return image

    def make_target(self) -> None:
        """Create the database and the shared files, and write the parameters."""
        stack, admin = self.api("cloudformation"), self.read_secret("admin")
        database = {
            "Engine": "mysql", "DBInstanceClass": "db.t3.micro", "AllocatedStorage": "20",
            "MasterUsername": admin["username"],
            "MasterUserPassword": admin["password"], "DBSubnetGroupName": {"Ref": "Subnets"},
            "VPCSecurityGroups": [self.group],
        }  # fmt: skip
        subnets = {"DBSubnetGroupDescription": "of the target", "SubnetIds": [self.subnet]}
        template = {
            "Resources": {
                "Subnets": {"Type": "AWS::RDS::DBSubnetGroup", "Properties": subnets},
                "Database": {"Type": "AWS::RDS::DBInstance", "Properties": database},
            }
        }
        stack.create_stack(StackName="target", TemplateBody=json.dumps(template))
        files = str(self.api("efs").create_file_system(CreationToken="target")["FileSystemId"])
        self.api("efs").create_mount_target(FileSystemId=files, SubnetId=self.subnet, SecurityGroups=[self.group])
        stack.get_waiter("stack_create_complete").wait(
            StackName="target", WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )
        (made,) = self.api("rds").describe_db_instances()["DBInstances"]
        replication = Replication(
            database_endpoint=made["Endpoint"]["Address"], database_port=made["Endpoint"]["Port"],
            database_admin_secret=self.secrets["admin"],
            database_app_secret=self.secrets["target"], source_database_secret=self.secrets["replication"],
            site_secret=self.secrets["site"], target_site_secret=self.secrets["target-site"],
            file_system_id=files, evidence_bucket="", runs_table=build_runs_table_name(SITE), replication_task_arn="",
            source_app_instance_id=self.source, source_database_instance_id=self.source_database,
        )  # fmt: skip
        self.put_parameter("replication", json.dumps(replication.to_json()))
        site = SiteParameter(
            database_endpoint=replication.database_endpoint, database_port=replication.database_port,
            database_app_secret=replication.database_app_secret, site_secret=replication.target_site_secret,
            file_system_id=files, runs_table=replication.runs_table,
            auto_scaling_group="", site_url="http://tiny.example",
        )  # fmt: skip
        self.put_parameter("site", json.dumps(site.to_json()))
        self.put_parameter(
            "target", json.dumps(TargetParameter(topic_arn=self.topic, site_url="http://tiny.example").to_json())
        )

    @cached_property
    def topic(self) -> str:
        return str(self.api("sns").create_topic(Name="reports")["TopicArn"])

    def put_parameter(self, name: str, value: str) -> None:
        self.api("ssm").put_parameter(Name=f"/cutover/{SITE}/{name}", Value=value, Type="String", Overwrite=True)

    def begin_run(self, run: str) -> None:
        """Make this the undecided run of the run record."""
        self.runs.put_item(TableName=build_runs_table_name(SITE), Item={"site": {"S": SITE}, "run_id": {"S": run}})

    def execute(self, instance: str, *words: str, text: str = "", seconds: float = 120.0) -> str:
        """Run a command on the machine as root and return its standard output. Fail with its whole output if it
        fails.
        """
        done = enter.run(self.settings, instance, words, input=text, timeout=seconds)
        assert done.exit_code == 0, f"{words}: {done.stdout[-4000:]}{done.stderr[-4000:]}"
        return done.stdout

    def run_tool(self, instance: str, *words: str) -> dict[str, Any]:
        """Run a verb of cutover-site and return its result."""
        result: dict[str, Any] = json.loads(
            self.execute(instance, "/opt/cutover/bin/cutover-site", *words).splitlines()[-1]
        )
        assert result["ok"] is True
        return result

    def build_variables(self) -> dict[str, Any]:
        """Return the variables that SourceStack passes to both playbooks."""
        return {
            "application_name": self.profile.name, "site_name": SITE, "site_url": "http://tiny.example/",
            "aws_region": REGION,
            "database_host": DATABASE_ADDRESS, "application_secret": self.secrets["application"],
            "replication_secret": self.secrets["replication"], "site_secret": self.secrets["site"],
            "database_ca_url": "",
        }  # fmt: skip
