"""A server outside of AWS: a hybrid node with credentials of its role, routed through gateways, replicated by MGN."""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from rehearsal.aws.clients import Clients
from rehearsal.aws.ec2.images import UBUNTU_AMI
from rehearsal.aws.mgn.downloads import BUCKET, KEY
from rehearsal.aws.mgn.roles import create_service_roles
from rehearsal.aws.ssm.agent_archive import ARCHIVE, write_agent_archive
from rehearsal.aws.ssm.nodes import REGISTRATION
from rehearsal.on_premises.client import send_command
from rehearsal.settings import ACCOUNT, REGION, Settings
from rehearsal.world import CLIENT, enter
from tests.rehearsal.aws.site.deployed import Site, wait_for
from tests.roles import role_for, statement

pytestmark = pytest.mark.rehearsal
NETWORK, CIDR, ROUTER = "data-centre", "192.168.7.0/24", "192.0.2.1"
FORGE, ADDRESS, PUBLIC = "forge", "192.168.7.20", "192.0.2.20"
VPC = "10.9.0.0/16"
ROLE = "OnPremises"
FAST = {"Delay": 1, "MaxAttempts": 60}
SERVE = "systemd-run --quiet --unit=page python3 -m http.server {port} --directory /srv"
READY = "until curl -s -o /dev/null http://127.0.0.1:{port}/; do sleep .05; done"


class Lab:
    """A server outside of AWS and an instance in a VPC."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.api, self.site = settings, Clients(settings), Site(settings, {})
        self.ec2, self.ssm = self.api("ec2"), self.api("ssm")
        send_command(settings, "add-network", name=NETWORK, cidr=CIDR, router_ip=ROUTER)
        launched = {"machine": FORGE, "ip": ADDRESS, "host_name": "forge.corp.example", "public_ip": PUBLIC}
        send_command(settings, "launch", network=NETWORK, published=[8080], **launched)
        self.node = ""

    def run(self, machine: str, script: str, *, seconds: float = 60) -> str:
        """Run a script on a machine; return its output, and fail with its errors."""
        done = enter.run(self.settings, machine, ["bash", "-c", script], timeout=seconds)
        assert done.exit_code == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def connects(self, machine: str, address: str, port: int) -> bool:
        script = f"timeout 2 bash -c 'exec 3<>/dev/tcp/{address}/{port}' 2>/dev/null && echo yes || echo no"
        return self.run(machine, script) == "yes"

    def enroll(self) -> str:
        """Register the server; return the id of its node."""
        role_for(self.api, ROLE, "ssm.amazonaws.com", allowed=(statement("ssm:GetParameter", ALLOWED),))
        activation = self.ssm.create_activation(IamRole=ROLE)
        write_agent_archive(self.settings.downloads / ARCHIVE)
        codes = f"-code '{activation['ActivationCode']}' -id {activation['ActivationId']} -region {REGION}"
        self.run(
            FORGE,
            f"set -e; curl -fsS {self.settings.mirror_url}/downloads/{ARCHIVE} | tar -xz -C /\n"
            f"amazon-ssm-agent -register {codes}\nsystemctl daemon-reload\nsystemctl enable -q --now amazon-ssm-agent",
        )
        wanted = [{"Key": "ActivationIds", "Values": [activation["ActivationId"]]}]
        wait_for(lambda: bool(self.ssm.describe_instance_information(Filters=wanted)["InstanceInformationList"]))
        (found,) = self.ssm.describe_instance_information(Filters=wanted)["InstanceInformationList"]
        return str(found["InstanceId"])

    def read_credentials(self) -> Any:
        """Return a session with the credentials that the agent keeps for root."""
        wait_for(lambda: (self.settings.mounts / FORGE / "root/.aws/credentials").is_file())
        file = configparser.RawConfigParser()
        file.read(self.settings.mounts / FORGE / "root/.aws/credentials")
        given = file["default"]
        keys = (given["aws_access_key_id"], given["aws_secret_access_key"], given["aws_session_token"])
        return boto3.Session(*keys, region_name=REGION)


ALLOWED = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/on-premises/*"


@pytest.fixture(scope="module")
def lab(settings: Settings) -> Iterator[Lab]:
    made = Lab(settings)
    made.node = made.enroll()
    yield made
    made.ssm.deregister_managed_instance(InstanceId=made.node)
    send_command(settings, "remove", network=NETWORK, machine=FORGE)


@pytest.fixture(scope="module")
def instance(lab: Lab) -> Iterator[dict[str, str]]:
    """Boot an instance in a VPC that its groups open to the network outside; nothing routes to it yet."""
    ec2 = lab.ec2
    vpc = ec2.create_vpc(CidrBlock=VPC)["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="outside", Description="outside", VpcId=vpc)["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "IpRanges": [{"CidrIp": CIDR}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    (launched,) = ec2.run_instances(
        ImageId=UBUNTU_AMI, MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[group]
    )["Instances"]
    id_ = launched["InstanceId"]
    ec2.get_waiter("instance_running").wait(InstanceIds=[id_], WaiterConfig=FAST)
    lab.run(id_, f"{SERVE.format(port=8080)}; {READY.format(port=8080)}")
    lab.run(FORGE, f"{SERVE.format(port=8080)}; {READY.format(port=8080)}")
    filters = [{"Name": "vpc-id", "Values": [vpc]}]
    (table,) = ec2.describe_route_tables(Filters=filters)["RouteTables"]
    yield {"id": id_, "ip": launched["PrivateIpAddress"], "vpc": vpc, "subnet": subnet, "table": table["RouteTableId"]}
    ec2.terminate_instances(InstanceIds=[id_])
    ec2.get_waiter("instance_terminated").wait(InstanceIds=[id_], WaiterConfig=FAST)


def test_a_command_reaches_the_node_by_its_own_id(lab: Lab) -> None:
    assert lab.node.startswith("mi-")
    done = lab.site.run(lab.node, "hostname -f")
    assert (done["Status"], done["StandardOutputContent"].strip()) == ("Success", "forge.corp.example")
    with pytest.raises(ClientError, match="InvalidInstanceId"):
        lab.site.run("mi-00000000000000000", "true")


def test_the_nodes_credentials_are_those_of_its_role_with_iam_in_force(lab: Lab) -> None:
    lab.ssm.put_parameter(Name="/on-premises/one", Value="1", Type="String", Overwrite=True)
    lab.ssm.put_parameter(Name="/elsewhere/one", Value="1", Type="String", Overwrite=True)
    session = lab.read_credentials()
    who = session.client("sts", endpoint_url=lab.settings.aws_url).get_caller_identity()["Arn"]
    assert who == f"arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}/{lab.node}"
    ssm = session.client("ssm", endpoint_url=lab.settings.aws_url)
    assert ssm.get_parameter(Name="/on-premises/one")["Parameter"]["Value"] == "1"
    with pytest.raises(ClientError, match="AccessDenied"):
        ssm.get_parameter(Name="/elsewhere/one")


def test_a_role_may_command_the_node_by_the_arn_of_a_managed_instance_alone(lab: Lab) -> None:
    document = statement("ssm:SendCommand", f"arn:aws:ssm:{REGION}::document/AWS-RunShellScript")
    arns = {
        "may-command": f"arn:aws:ssm:{REGION}:{ACCOUNT}:managed-instance/{lab.node}",
        "may-not-command": f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{lab.node}",
    }
    for name, arn in arns.items():
        role_for(lab.api, name, allowed=(document, statement("ssm:SendCommand", arn)))

    def send(name: str) -> Any:
        given = lab.api("sts").assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}", RoleSessionName="test")
        keys = given["Credentials"]
        session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], REGION)
        return session.client("ssm", endpoint_url=lab.settings.aws_url).send_command(
            InstanceIds=[lab.node], DocumentName="AWS-RunShellScript", Parameters={"commands": ["true"]}
        )

    assert send("may-command")["Command"]["InstanceIds"] == [lab.node]
    with pytest.raises(ClientError, match="AccessDenied"):
        send("may-not-command")


def test_the_server_has_no_metadata_service_and_keeps_its_name_at_a_reboot(lab: Lab) -> None:
    script = "curl -s -m 2 http://169.254.169.254/latest/meta-data/; echo $?"
    assert lab.run(FORGE, script) == "28", "curl's code of a time-out: the packets are dropped"
    send_command(lab.settings, "stop", machine=FORGE)
    wanted = [{"Key": "InstanceIds", "Values": [lab.node]}]
    (lost,) = lab.ssm.describe_instance_information(Filters=wanted)["InstanceInformationList"]
    assert lost["PingStatus"] == "ConnectionLost"
    send_command(lab.settings, "start", machine=FORGE)
    assert lab.run(FORGE, "hostname -f") == "forge.corp.example"

    def is_online() -> bool:
        found = lab.ssm.describe_instance_information(Filters=wanted)["InstanceInformationList"]
        return bool(found[0]["PingStatus"] == "Online")

    wait_for(is_online)


def test_packets_pass_a_transit_gateway_only_with_routes_at_both_ends(lab: Lab, instance: dict[str, str]) -> None:
    ec2 = lab.ec2
    gateway = ec2.create_transit_gateway()["TransitGateway"]
    customer = ec2.create_customer_gateway(Type="ipsec.1", BgpAsn=65000, IpAddress=ROUTER)["CustomerGateway"]
    connection = ec2.create_vpn_connection(
        Type="ipsec.1",
        CustomerGatewayId=customer["CustomerGatewayId"],
        TransitGatewayId=gateway["TransitGatewayId"],
        Options={"StaticRoutesOnly": True},
    )["VpnConnection"]["VpnConnectionId"]
    attached = ec2.create_transit_gateway_vpc_attachment(
        TransitGatewayId=gateway["TransitGatewayId"], VpcId=instance["vpc"], SubnetIds=[instance["subnet"]]
    )["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
    filters = [{"Name": "resource-id", "Values": [connection]}]
    (vpn,) = ec2.describe_transit_gateway_attachments(Filters=filters)["TransitGatewayAttachments"]
    ec2.create_transit_gateway_route(
        DestinationCidrBlock=CIDR,
        TransitGatewayRouteTableId=gateway["Options"]["AssociationDefaultRouteTableId"],
        TransitGatewayAttachmentId=vpn["TransitGatewayAttachmentId"],
    )
    ec2.create_route(
        RouteTableId=instance["table"], DestinationCidrBlock=CIDR, TransitGatewayId=gateway["TransitGatewayId"]
    )
    assert not lab.connects(FORGE, instance["ip"], 8080), "the router outside has no route"
    assert not lab.connects(instance["id"], ADDRESS, 8080), "the packets have no way back"
    send_command(lab.settings, "set-routes", network=NETWORK, destinations=["10.0.0.0/8"])
    assert lab.connects(FORGE, instance["ip"], 8080)
    assert lab.connects(instance["id"], ADDRESS, 8080)
    assert not lab.connects(FORGE, instance["ip"], 22), "the security group opens one port"
    ec2.delete_route(RouteTableId=instance["table"], DestinationCidrBlock=CIDR)
    assert not lab.connects(FORGE, instance["ip"], 8080)
    ec2.delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=attached)


def test_packets_pass_a_virtual_private_gateway_that_is_attached(lab: Lab, instance: dict[str, str]) -> None:
    ec2 = lab.ec2
    send_command(lab.settings, "set-routes", network=NETWORK, destinations=[VPC])
    gateway = ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    customer = ec2.create_customer_gateway(Type="ipsec.1", BgpAsn=65000, IpAddress=ROUTER)["CustomerGateway"]
    connection = ec2.create_vpn_connection(
        Type="ipsec.1",
        CustomerGatewayId=customer["CustomerGatewayId"],
        VpnGatewayId=gateway,
        Options={"StaticRoutesOnly": True},
    )["VpnConnection"]["VpnConnectionId"]
    ec2.create_vpn_connection_route(VpnConnectionId=connection, DestinationCidrBlock=CIDR)
    ec2.create_route(RouteTableId=instance["table"], DestinationCidrBlock=CIDR, GatewayId=gateway)
    assert not lab.connects(FORGE, instance["ip"], 8080)
    ec2.attach_vpn_gateway(VpnGatewayId=gateway, VpcId=instance["vpc"])
    assert lab.connects(FORGE, instance["ip"], 8080)
    assert lab.connects(instance["id"], ADDRESS, 8080)
    ec2.delete_vpn_connection(VpnConnectionId=connection)
    assert not lab.connects(instance["id"], ADDRESS, 8080)


def test_the_internet_reaches_the_published_port_alone(lab: Lab, instance: dict[str, str]) -> None:
    assert instance
    lab.run(
        FORGE,
        f"curl -s -o /dev/null http://127.0.0.1:8080/ || {{ {SERVE.format(port=8080)}; {READY.format(port=8080)}; }}",
    )
    assert lab.site.browse(f"http://{PUBLIC}:8080/")[0] == 200
    lab.run(FORGE, f"{SERVE.format(port=8081).replace('unit=page', 'unit=other')}; {READY.format(port=8081)}")
    assert lab.site.browse(f"http://{PUBLIC}:8081/")[0] == 0
    assert lab.settings.name_namespace(CLIENT)


def test_mgn_replicates_the_server(lab: Lab) -> None:
    mgn, ec2 = lab.api("mgn"), lab.ec2
    try:
        mgn.describe_source_servers()
    except ClientError:
        create_service_roles(lab.api("iam"))
        mgn.initialize_service()
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    if not mgn.describe_replication_configuration_templates(replicationConfigurationTemplateIDs=[])["items"]:
        mgn.create_replication_configuration_template(
            stagingAreaSubnetId=subnet,
            associateDefaultSecurityGroup=True,
            replicationServersSecurityGroupsIDs=[],
            replicationServerInstanceType="t3.small",
            useDedicatedReplicationServer=False,
            defaultLargeStagingDiskType="GP3",
            ebsEncryption="DEFAULT",
            bandwidthThrottling=0,
            dataPlaneRouting="PRIVATE_IP",
            createPublicIP=False,
            stagingAreaTags={},
        )
    if not mgn.describe_launch_configuration_templates()["items"]:
        mgn.create_launch_configuration_template()
    installer = requests.get(f"{lab.settings.aws_url}/{BUCKET}/{KEY}", timeout=20).text
    (lab.settings.mounts / FORGE / "root/installer.py").write_text(installer)
    keys = "--aws-access-key-id test --aws-secret-access-key test"
    lab.run(FORGE, f"cd /root && python3 installer.py --region {REGION} --no-prompt --user-provided-id forge {keys}")

    def find() -> dict[str, Any]:
        servers = mgn.describe_source_servers(filters={})["items"]
        return next(dict(one) for one in servers if one.get("userProvidedID") == "forge")

    wait_for(lambda: find()["lifeCycle"]["state"] == "READY_FOR_TEST", 180)
    properties = find()["sourceProperties"]
    assert "awsInstanceID" not in properties["identificationHints"]
    assert properties["identificationHints"]["fqdn"] == "forge.corp.example"
    assert properties["networkInterfaces"][0]["ips"] == [ADDRESS]


def test_an_instance_with_the_registration_of_another_machine_is_no_node(lab: Lab, instance: dict[str, str]) -> None:
    iam = lab.api("iam")
    role_for(lab.api, "copies", "ec2.amazonaws.com")
    iam.create_instance_profile(InstanceProfileName="copies")
    iam.add_role_to_instance_profile(InstanceProfileName="copies", RoleName="copies")
    (launched,) = lab.ec2.run_instances(
        ImageId=UBUNTU_AMI,
        MinCount=1,
        MaxCount=1,
        SubnetId=instance["subnet"],
        IamInstanceProfile={"Name": "copies"},
    )["Instances"]
    copy = launched["InstanceId"]
    try:
        lab.ec2.get_waiter("instance_running").wait(InstanceIds=[copy], WaiterConfig=FAST)
        assert lab.site.run(copy, "true")["Status"] == "Success"
        lab.run(copy, f"install -D /dev/null /{REGISTRATION}")
        with pytest.raises(ClientError, match="InvalidInstanceId"):
            lab.site.run(copy, "true")
    finally:
        lab.ec2.terminate_instances(InstanceIds=[copy])
        lab.ec2.get_waiter("instance_terminated").wait(InstanceIds=[copy], WaiterConfig=FAST)
